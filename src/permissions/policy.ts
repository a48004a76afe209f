import { below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { bucketStatements, findStatements, type Grant, grantStatements, type Statement } from './statement.js';

export const roles = [
  'uploader',
  'worker',
  'reviewer',
  'operator',
  'approver',
  'recaller',
  'trainer',
  'scanner',
  'auditor',
] as const;
/**
 * `operator`: whoever runs enqueue, rescan, reconcile, pause and resume; `approver`: whoever runs baseline promote;
 * `recaller`: whoever runs recall of what the service has released, and lifts one; `auditor`: whoever publishes checkpoints.
 */
export type Role = (typeof roles)[number];

interface BucketPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export const READ = ['s3:GetObject', 's3:GetObjectVersion'] as const;
/** Objects are made on the condition that there is none. */
const WRITE = ['s3:PutObject'] as const;
/** Copies, what senders upload, and what is said of many rows are made in parts. */
const PLACE = [...WRITE, 's3:AbortMultipartUpload'] as const;
export const MARKING = ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'] as const;
const MARK = ['s3:GetObjectTagging', 's3:GetObjectVersionTagging', ...MARKING] as const;
const REMOVE = ['s3:DeleteObject', 's3:DeleteObjectVersion'] as const;

/** Names that begin so are never data. */
const LATER_VERDICTS = '*/_verdict-*.json';

/** The tag of an object that says what became of it. */
export const VERDICT_TAG = { key: 'taster-verdict', released: 'released', quarantined: 'quarantined' } as const;

/** What a role needs of a dataset, and no more. */
interface Needs {
  readonly find: readonly string[];
  /** About whole buckets. */
  readonly examine?: readonly Grant[];
  readonly grants: readonly Grant[];
}

const needsOf: Readonly<Record<Role, (dataset: Dataset, checkpoints: string | undefined) => Needs>> = {
  uploader: ({ incoming }) => ({ find: [], grants: [{ name: 'Deliver', actions: PLACE, roots: [incoming] }] }),
  worker: (dataset) => {
    const { incoming, released, quarantine, vault, keepOriginals, placement } = dataset;
    const all = [incoming, released, quarantine, vault, ...baselineOf(dataset)];
    return {
      find: all,
      // For `taster doctor`, which is run as a worker.
      examine: [
        { name: 'SeeVersioning', actions: ['s3:GetBucketVersioning'], roots: [incoming] },
        { name: 'SeeDenials', actions: ['s3:GetBucketPolicy'], roots: placement === 'in-place' ? [incoming] : [] },
      ],
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Place', actions: PLACE, roots: [released, quarantine, vault] },
        { name: 'Mark', actions: MARK, roots: [released, placement === 'in-place' ? incoming : quarantine] },
        // What assessing has left, which tells nobody anything once a batch is decided on.
        { name: 'Forget', actions: REMOVE, roots: [below(vault, 'results'), below(vault, 'fits')] },
        { name: 'RemoveOriginals', actions: REMOVE, roots: keepOriginals ? [] : [incoming] },
      ],
    };
  },
  reviewer: ({ quarantine, vault }) => ({
    find: [quarantine, vault],
    grants: [
      { name: 'Read', actions: READ, roots: [quarantine, vault] },
      { name: 'Decide', actions: WRITE, roots: [below(vault, 'batches/*/records'), below(vault, 'audit')] },
    ],
  }),
  operator: (dataset) => {
    const { incoming, released, quarantine, vault } = dataset;
    const all = [incoming, released, quarantine, vault, ...baselineOf(dataset)];
    const kept = ['audit', 'baselines', 'batches', 'pauses', 'plans', 'versions'].map((name) => below(vault, name));
    return {
      find: all,
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Record', actions: WRITE, roots: kept },
      ],
    };
  },
  approver: (dataset) => {
    const { incoming, released, quarantine, vault, placement } = dataset;
    const all = [released, quarantine, vault, ...(placement === 'in-place' ? [incoming] : []), ...baselineOf(dataset)];
    const kept = ['audit', 'baselines', 'candidates', 'plans', 'promotions', 'versions'];
    return {
      find: all,
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Promote', actions: WRITE, roots: kept.map((name) => below(vault, name)) },
      ],
    };
  },
  recaller: ({ incoming, released, quarantine, vault, placement }) => {
    const all = [incoming, released, quarantine, vault];
    const kept = ['audit', 'batches/*/records', 'batches/*/verdicts', 'incidents'];
    return {
      find: all,
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Supersede', actions: WRITE, roots: [released], objects: [LATER_VERDICTS] },
        { name: 'Place', actions: PLACE, roots: [quarantine] },
        { name: 'Record', actions: WRITE, roots: kept.map((name) => below(vault, name)) },
        { name: 'Mark', actions: MARK, roots: [released, placement === 'in-place' ? incoming : quarantine] },
        { name: 'TakeBack', actions: REMOVE, roots: [released] },
        // What supersedes a verdict is gone with the object that says so.
        {
          name: 'KeepVerdicts',
          effect: 'Deny',
          actions: REMOVE,
          roots: [released],
          objects: ['*/verdict.json', LATER_VERDICTS],
        },
      ],
    };
  },
  trainer: ({ incoming, released, placement }) => {
    const inPlace = placement === 'in-place' ? [incoming] : [];
    const tag = { key: VERDICT_TAG.key, value: VERDICT_TAG.released };
    return {
      find: [released, ...inPlace],
      grants: [
        { name: 'Read', actions: READ, roots: [released] },
        { name: 'ReadInPlace', actions: READ, roots: inPlace, tag },
      ],
    };
  },
  scanner: (dataset) => {
    const ledger = below(dataset.vault, 'ledger');
    const all = [dataset.incoming, ledger, ...baselineOf(dataset)];
    return {
      find: all,
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Remember', actions: WRITE, roots: [ledger] },
      ],
    };
  },
  auditor: ({ vault }, checkpoints) => {
    const kept = checkpoints === undefined ? [] : [checkpoints];
    const all = [below(vault, 'audit'), ...kept];
    return {
      find: all,
      grants: [
        { name: 'Read', actions: READ, roots: all },
        { name: 'Publish', actions: WRITE, roots: kept },
      ],
    };
  },
};

/**
 * The least that a role needs of all these datasets, as far as they lie in S3; undefined where that is nothing. `checkpoints`
 * is where an auditor publishes those of audit logs.
 */
export function policyOf(role: Role, datasets: readonly Dataset[], checkpoints?: string): BucketPolicy | undefined {
  const needs = datasets.map((dataset) => needsOf[role](dataset, checkpoints));
  const examine = joined(needs.flatMap((one) => one.examine ?? []));
  const grants = joined(needs.flatMap((one) => one.grants));
  const Statement = [
    ...findStatements(
      needs.flatMap(({ find }) => find),
      { isWhole: role !== 'trainer' },
    ),
    ...examine.flatMap(bucketStatements),
    ...grants.flatMap(grantStatements),
  ];
  return Statement.length === 0 ? undefined : { Version: '2012-10-17', Statement };
}

/** One of each name, for all the roots of those that have it. */
function joined(grants: readonly Grant[]): Grant[] {
  const byName = new Map(grants.map((grant) => [grant.name, grant]));
  const rootsOf = (name: string) => grants.filter((one) => one.name === name).flatMap(({ roots }) => roots);
  return [...byName.values()].map((grant) => ({ ...grant, roots: rootsOf(grant.name) }));
}

/** The folder that it lies in: the baseline is one object, and is replaced by others beside it. */
function baselineOf({ baseline }: Dataset): string[] {
  return baseline === null ? [] : [baseline.slice(0, baseline.lastIndexOf('/'))];
}
