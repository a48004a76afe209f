import { GetBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { isETag, type S3Location, s3Uri } from '../s3-uri.js';
import { orFail } from './failure.js';

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

/** As ObjectStore.keepsVersions. */
export function keepsVersions(client: S3Client, at: S3Location): Promise<boolean> {
  return orFail(s3Uri(at), 'read', async () => {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: at.bucket }));
    return Status === 'Enabled';
  });
}
