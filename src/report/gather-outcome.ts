import { createHash } from 'node:crypto';
import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { someOf } from '../count.js';
import type { Decided, Policy } from '../decide/index.js';
import type { Shard } from '../intake/index.js';
import { noteLedger } from './note-ledger.js';
import { noteProvenance } from './note-provenance.js';
import type { ScanOutcome } from './types.js';
import { shortValue } from './wording.js';

const NAME_LENGTH = 40;

/** What the stages of a scan have left behind. */
type Stages = Pick<
  ScanOutcome,
  | 'batch'
  | 'contract'
  | 'provenance'
  | 'ledger'
  | 'worstRows'
  | 'withheldRows'
  | 'picture'
  | 'backend'
  | 'version'
  | 'split'
> & {
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
  readonly decided: Decided;
  readonly baseline: Baseline;
  /** Digest of the built baseline that was read, if one was. */
  readonly artefact: string | null;
  readonly policy: Policy;
};

/** Everything a scan has to tell in one value. */
export function gatherOutcome({
  shards,
  assessments,
  decided,
  baseline,
  artefact,
  policy,
  ...rest
}: Stages): ScanOutcome {
  const byPath = new Map(assessments.map((assessment) => [assessment.path, assessment]));
  return {
    ...rest,
    redacted: false,
    decision: decided.decision,
    shards: shards.map(({ path, uri }) => {
      const { sha256 = null, rows = null } = byPath.get(path) ?? {};
      return { path, uri, sha256, rows };
    }),
    columns: baseline.columns,
    notes: [
      ...baseline.notes,
      ...noteUntested(decided, baseline),
      ...noteIgnored(assessments, baseline),
      ...noteAdvisory(rest.contract),
      ...noteLedger(rest.ledger),
      ...noteProvenance(rest.provenance),
    ],
    baseline: {
      provisional: baseline.twin !== undefined,
      rows: baseline.rows,
      distinctRows: baseline.distinctRows,
      blocks: baseline.blocks,
      sha256: baseline.sha256,
      artefact,
    },
    policy: policyRecord(policy),
  };
}

function noteUntested({ decision: { shards, sources } }: Decided, { twin, columns, suspects }: Baseline): string[] {
  const isTested = [...shards, ...sources].some(({ pValue }) => pValue !== null);
  if (suspects !== undefined && !isTested) {
    return ['Only triggers were looked for: one shard without sources has no rest of the batch to be compared with.'];
  }
  if (twin !== undefined && !isTested && columns.some(({ role }) => role === 'response')) {
    return [
      'Only triggers in prompts were tested for: one shard without sources has no rest of the batch to be compared with.',
    ];
  }
  return twin === undefined || isTested
    ? []
    : [
        'Nothing was tested: one shard without sources has no rest of the batch to be compared with. The order of the ' +
          'rows by suspicion stands, but no verdict rests on it.',
      ];
}

function noteAdvisory(contract: ScanOutcome['contract']): string[] {
  return contract?.advisory === true
    ? ['The contract is as inferred, so it advises: only missing columns and wrong types hold a shard.']
    : [];
}

/** How strictly was judged; the digest covers the limits as well. */
export function policyRecord({ limits, ...strictness }: Policy): ScanOutcome['policy'] {
  const sha256 = createHash('sha256')
    .update(JSON.stringify({ ...strictness, limits }))
    .digest('hex');
  return { ...strictness, sha256 };
}

function noteIgnored(assessments: readonly ShardAssessment[], { columns, twin }: Baseline): string[] {
  const known = new Set(columns.map(({ name }) => name));
  const ignored = new Set(assessments.flatMap((shard) => shard.unusedColumns).filter((name) => !known.has(name)));
  const names = [...ignored].sort().map((name) => shortValue(name, NAME_LENGTH));
  return names.length === 0
    ? []
    : [
        `Ignored, because ${twin === undefined ? 'the trusted rows do' : 'most of the batch does'} not have them: ${someOf(names)}.`,
      ];
}
