import type { GivenApproval } from '../attest/index.js';
import { BadInput } from '../errors.js';
import type { ApprovableKind, UsedVersion } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { below, numbered } from './names.js';
import { readRecord, recordBytes } from './record-text.js';

/**
 * Remembers which versions have been used: an older one, however well signed, or another file of the same version, is
 * refused from then on.
 * @throws BadInput APPROVAL_REFUSED, RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function keepVersions(
  store: ObjectStore,
  vault: string,
  approvals: readonly GivenApproval[],
): Promise<void> {
  for (const { kind, version, sha256 } of approvals) {
    const last = (await usedVersions(store, vault, kind)).at(-1);
    const refuse = (detail: string) => {
      const later = Math.max(version, last?.version ?? version) + 1;
      const remedy = `Put back the ${kind} that was used last. If this one is meant to follow it: \`taster sign <file>\` with --as ${later} makes it a later version.`;
      return new BadInput('APPROVAL_REFUSED', { kind, path: `version ${version}`, detail, remedy });
    };
    if (last !== undefined && last.version > version) throw refuse(`version ${last.version} was used already`);
    await store.create(vault, versionPath(kind, version), recordBytes({ kind, version, sha256 }));
    const kept = (await usedVersions(store, vault, kind)).find((one) => one.version === version);
    if (kept?.sha256 !== sha256) throw refuse(`another file of that version was used already: ${kept?.sha256}`);
  }
}

/** Lowest first. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
async function usedVersions(store: ObjectStore, vault: string, kind: ApprovableKind): Promise<UsedVersion[]> {
  const kept: UsedVersion[] = [];
  for (const folder of await store.folders(below(vault, 'versions', kind))) {
    const path = `versions/${kind}/${folder}/used.json`;
    const record = await readRecord<UsedVersion>(store, vault, path, 'used-version');
    if (record === undefined) continue;
    // One that was made to tell of a lower version would let older ones in.
    if (record.kind !== kind || versionPath(kind, record.version) !== path) {
      const detail = `it tells of ${record.kind} ${record.version}`;
      throw new BadInput('RECORD_DAMAGED', { path: below(vault, path), detail });
    }
    kept.push(record);
  }
  return kept.sort((a, b) => a.version - b.version);
}

function versionPath(kind: ApprovableKind, version: number): string {
  return `versions/${kind}/${numbered(version)}/used.json`;
}
