import { isETag } from '../s3-uri.js';

interface Identity {
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
}

/** What a version is called: by its id, or by its ETag where the bucket keeps none. */
export function versionOf({ VersionId, ETag }: Identity): string | undefined {
  return VersionId !== undefined && VersionId !== 'null' ? VersionId : ETag;
}

/** The same as parameters of a request, which then fails where that version is gone. */
export function pinnedTo(version: string | undefined): { readonly VersionId?: string; readonly IfMatch?: string } {
  if (version === undefined) return {};
  return isETag(version) ? { IfMatch: version } : { VersionId: version };
}
