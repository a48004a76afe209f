import { someOf } from '../count.js';
import type { ScanOutcome } from './types.js';

/** How many names a sentence holds. */
/** What of the batch's origin was checked and found in order; what was not is among the findings. */
export function noteProvenance(provenance: ScanOutcome['provenance']): string[] {
  if (provenance === null || provenance.manifest === null) return [];
  return [...noteSigners(provenance), ...noteIgnored(provenance.ignored ?? [])];
}

function noteSigners({ signers, trust, dataset }: NonNullable<ScanOutcome['provenance']>): string[] {
  if (trust === null) {
    return [
      'The batch was compared with its manifest. Who made that is not checked: name a trust policy with --trust.',
    ];
  }
  const stream = dataset === null ? '' : ` for dataset ${dataset}`;
  return signers.length === 0 ? [] : [`Its manifest is signed by ${signers.join(', ')}${stream}.`];
}

function noteIgnored(ignored: readonly string[]): string[] {
  if (ignored.length === 0) return [];
  const shown = someOf(ignored);
  return [`Not judged and not released, as its manifest says that they are no data: ${shown}. Train on none of them.`];
}
