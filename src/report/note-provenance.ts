import type { ScanOutcome } from './types.js';

/** What of the batch's origin was checked and found in order; what was not is among the findings. */
export function noteProvenance(provenance: ScanOutcome['provenance']): string[] {
  if (provenance === null || provenance.manifest === null) return [];
  const { signers, trust, dataset } = provenance;
  if (trust === null) {
    return [
      'The batch was compared with its manifest. Who made that is not checked: name a trust policy with --trust.',
    ];
  }
  const stream = dataset === null ? '' : ` for dataset ${dataset}`;
  return signers.length === 0 ? [] : [`Its manifest is signed by ${signers.join(', ')}${stream}.`];
}
