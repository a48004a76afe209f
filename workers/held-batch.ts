import type { Trust } from '../src/attest/index.js';
import { BadInput, type BadInputCode } from '../src/errors.js';
import { policyRecord } from '../src/report/index.js';
import type { Decision, JudgedRecord, Seal } from '../src/schema/index.js';
import type { Workbench } from './workbench.js';

/** What makes a whole batch impossible to judge: its fault, so all of it is held. */
const FAULTS_OF_BATCH: readonly string[] = [
  'NO_READABLE_SHARD',
  'COLUMN_MISSING',
  'BATCH_UNUSABLE',
  'LABEL_AMBIGUOUS',
] satisfies readonly BadInputCode[];

export function isFaultOfBatch(error: unknown): error is BadInput {
  return error instanceof BadInput && FAULTS_OF_BATCH.includes(error.code);
}

/** The decision on a batch that is at fault as a whole. */
export function heldBatch({ batch, shards }: Seal, why: string, { plan, opened }: Workbench): Decision {
  const id = `integrity/batch/${batch}`;
  const held = { verdict: 'quarantine', released: false, pValue: null, qValue: null, findings: [id] } as const;
  return {
    verdict: 'quarantine',
    mode: plan.policy.mode,
    released: false,
    shards: shards.map(({ path }) => ({ path, ...held })),
    sources: [],
    findings: [
      {
        id,
        kind: 'integrity',
        scope: 'batch',
        subject: batch,
        pValue: null,
        excessRows: null,
        evidence: { summary: `Nothing of it could be judged: ${why}.`, numbers: {} },
        references: [],
        holds: true,
      },
    ],
    families: [],
    minimumDetectable: [],
    trustedBlocks: opened?.baseline.blocks ?? 0,
  };
}

/** What such a decision rests on. */
export function groundsWithoutRows({ plan }: Workbench, seal: Seal, trust: Trust | null): JudgedRecord['rests'] {
  return {
    policy: policyRecord(plan.policy).sha256,
    baseline: null,
    contract: plan.columns.contract?.sha256 ?? null,
    manifest: seal.manifest,
    trust: trust?.sha256 ?? null,
  };
}
