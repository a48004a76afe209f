/** Every error Taster raises on purpose: what happened, where, and what to do about it. */

import { withoutKeys } from './key-text.js';

interface CatalogueEntry {
  /** `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  readonly remedy: string;
}

/** The fault lies in what was handed in: the command line, a file, a policy, the data. */
const badInput = {
  USAGE: { message: '{detail}', remedy: 'Run the command with --help for its options and examples.' },
  PATH_MISSING: { message: '{path}: no such file or folder', remedy: 'Check the path.' },
  PATH_OUTSIDE: {
    message: '{path}: does not lie below {root}',
    remedy: 'Rename the object: its name may not climb out of its folder.',
  },
  PATH_AMBIGUOUS: {
    message: '{path}: is an object, and there are objects below it',
    remedy: 'Write {path}/ for those below it, or give one of them another name.',
  },
  PATTERN_UNMATCHED: {
    message: '{path}: no file matches this pattern',
    remedy: 'Check the pattern: * stays within a folder, ** goes into folders below.',
  },
  NO_SHARDS: {
    message: '{path}: holds no file to read',
    remedy: 'Point at a folder or file with Parquet, Arrow IPC, CSV or JSON Lines data.',
  },
  NO_READABLE_SHARD: {
    message: '{path}: no shard of it can be read ({count} tried); the first: {detail}',
    remedy: 'Check that the files are complete Parquet, Arrow IPC, CSV or JSON Lines files.',
  },
  SHARD_UNREADABLE: {
    message: '{path}: cannot be read as {format}: {detail}',
    remedy: 'Write the file again and check that the transfer completed.',
  },
  FORMAT_UNKNOWN: {
    message: '{path}: is neither Parquet, Arrow IPC, CSV nor JSON Lines',
    remedy: 'Convert the file to one of these formats; gzip or zstd around it is fine.',
  },
  BATCH_UNUSABLE: {
    message: '{path}: without a baseline nothing of it can be judged: {detail}',
    remedy: '{remedy}',
  },
  BASELINE_UNUSABLE: { message: 'baseline {path}: {detail}', remedy: '{remedy}' },
  ARTEFACT_DAMAGED: {
    message: 'baseline {path}: the file is damaged: {detail}',
    remedy: 'Copy it again from where it was built, or build it again with `taster baseline build`.',
  },
  ARTEFACT_OTHER_VERSION: { message: 'baseline {path}: {detail}', remedy: '{remedy}' },
  ARTEFACT_CONTRADICTED: {
    message: 'baseline {path}: {detail}',
    remedy: 'Leave {option} out, or build the baseline again with {option} {column}.',
  },
  OUTPUT_EXISTS: { message: '{path}: exists already', remedy: 'Choose another name, or add --force to replace it.' },
  OUTPUT_IS_FOLDER: { message: '{path}: is a folder', remedy: 'Name a file in it, or another one.' },
  CHECKPOINT_EXISTS: {
    message: '{path}: exists already, and a checkpoint is never written over',
    remedy: 'Name another object with --out: one whose name tells the time.',
  },
  SPLIT_EXISTS: {
    message: '{path}: exists already, and parts of two scans must not mix',
    remedy: 'Name another folder, or remove this one.',
  },
  COPY_EXISTS: {
    message: '{path}: exists already, and what it holds was not verified',
    remedy: 'Name a new folder with --copy-to, or remove this one.',
  },
  LABEL_AMBIGUOUS: {
    message: '{path}: several columns could be the label: {columns}',
    remedy: 'Say which one with --label.',
  },
  COLUMN_MISSING: {
    message: '{path}: has no column {column}',
    remedy: 'Its columns are {columns}.',
  },
  POLICY_INVALID: { message: '{path}: {detail}', remedy: 'See schemas/policy.schema.json.' },
  CONFIG_INVALID: { message: '{path}: {detail}', remedy: 'See schemas/config.schema.json.' },
  CONTRACT_INVALID: { message: '{path}: {detail}', remedy: 'See docs/contract.md and schemas/contract.schema.json.' },
  TRUST_INVALID: { message: '{path}: {detail}', remedy: 'See docs/provenance.md and schemas/trust.schema.json.' },
  KEY_UNUSABLE: {
    message: '{path}: {detail}',
    remedy:
      'Use an Ed25519, P-256 or P-384 key: `openssl genpkey -algorithm ed25519 -out key.pem`, `openssl pkey -in key.pem -pubout`.',
  },
  APPROVAL_REFUSED: {
    message: '{kind} {path}: {detail}',
    remedy: '{remedy}',
  },
  PROMOTION_REFUSED: { message: 'promotion: {detail}', remedy: '{remedy}' },
  MANIFEST_UNUSABLE: { message: 'manifest {path}: {detail}', remedy: '{remedy}' },
  AUDIT_BROKEN: {
    message: 'audit log {path}: {detail}',
    remedy: 'Compare with a copy or the versions that the store keeps; find out who could write there.',
  },
  AUDIT_REFUSED: {
    message: '{detail}; nothing is added to a log that is not as it was',
    remedy:
      'Run `taster audit verify {path}`, with --checkpoint where one was kept; find out who could write there, and put back what was there. Where the log was moved away on purpose, start what writes to it again.',
  },
  STATUS_UNUSABLE: {
    message: 'status list {path}: {detail}',
    remedy:
      'Put it back as it was written, sign with the key that signed it before, or name a new file and hand it to every gate.',
  },
  GATE_REFUSED: {
    message: '{path}: refused: {detail}',
    remedy: 'Train on nothing of it. Have it judged again, or fetch it again from where it was released.',
  },
  VERDICT_UNUSABLE: { message: 'verdict {path}: {detail}', remedy: '{remedy}' },
  LEDGER_UNUSABLE: { message: 'ledger {path}: {detail}', remedy: '{remedy}' },
  RECORD_DAMAGED: {
    message: '{path}: is no record that Taster wrote: {detail}',
    remedy: 'Put the object back as it was written; object storage with versions has it.',
  },
  DATASET_UNKNOWN: { message: 'the configuration has no dataset {dataset}', remedy: 'It has {known}.' },
  RECALL_UNFINISHED: {
    message: 'batch {batch}: its recall was not carried out to the end: a verdict may release it still',
    remedy: 'Run the recall to its end first, with the options that it was begun with; then lift it.',
  },
  BATCH_UNKNOWN: { message: 'batch {batch}: is not judged', remedy: '`taster status` lists the batches.' },
  BATCH_EMPTY: {
    message: 'batch {batch}: nothing has arrived that is not sealed already',
    remedy: 'Upload shards into its folder below the incoming prefix.',
  },
  DATASET_PAUSED: {
    message: 'dataset {dataset}: is paused since {since}: {why}',
    remedy: 'Nothing new of it is judged until `taster resume {dataset}`.',
  },
  DECISION_CHANGED: {
    message: 'batch {batch}: decision changed: you saw {seen}, now {current} holds',
    remedy: 'Look at it again with `taster review show`.',
  },
  REVIEW_REFUSED: { message: 'batch {batch}: {detail}', remedy: '`taster review show` tells how its shards stand.' },
  MODEL_UNUSABLE: { message: 'model {name}: {detail}', remedy: '{remedy}' },
  MODEL_CHANGED: {
    message: 'model {name}: the files of {path} have the digest {actual}, the contract pins {pinned}',
    remedy: 'Find out who changed them. If it is meant: `taster contract digest {path}` prints the digest to pin.',
  },
  BACKEND_UNAVAILABLE: {
    message: 'tensor backend {backend} cannot be used: {detail}',
    remedy: 'Leave --backend out to use what is there; `taster doctor` shows how to get the other.',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The fault lies in the surroundings and may be gone on the next try: disk, permission, memory, network. */
const transient = {
  READ_FAILED: {
    message: '{path}: reading failed: {detail}',
    remedy: 'Check permissions and the disk, then run again.',
  },
  WRITE_FAILED: {
    message: '{path}: writing failed: {detail}',
    remedy: 'Check permissions and free space, then run again.',
  },
  STORE_UNREACHABLE: {
    message: '{path}: the store does not answer: {detail}',
    remedy: 'Check the network, AWS_ENDPOINT_URL and the store, then run again.',
  },
  SPOOL_FULL: {
    message: '{path}: writing failed: there is no room for a shard of {bytes} bytes',
    remedy: 'Free space there, or name a folder on a larger disk in TMPDIR and start the worker again.',
  },
  SIGNING_FAILED: {
    message: 'signing failed: {detail}',
    remedy: 'Try the command by itself: it gets the message on standard input and prints the signature in base64.',
  },
  COPY_CHANGED: {
    message: '{path}: was copied with SHA-256 {actual} instead of {expected}, so the copy was taken away',
    remedy: 'Find out who changed the object after it was judged; judge it again in a batch of its own.',
  },
  ACCESS_DENIED: {
    message: '{path}: access is denied: {detail}',
    remedy:
      'Let these credentials {access} there, or name others: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  },
  CREDENTIALS_MISSING: {
    message: '{path}: no credentials for S3 were found',
    remedy: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given.',
  },
  PLAN_OF_OTHER_VERSION: {
    message: 'plan {plan}: was made by Taster {version}, this is another',
    remedy: 'Run workers of that version until its batches are done, or enqueue them again with this one.',
  },
  PLAN_OF_OTHER_TRUST: {
    message: 'plan {plan}: was made with another trust policy than the one that is configured here',
    remedy: 'Give all workers the same one, start them again, then run `taster reconcile`.',
  },
  PLAN_OF_OTHER_RULES: {
    message: 'plan {plan}: its {kind} is not the signed one that is configured here',
    remedy:
      'Where the {kind} was changed, start all workers with it, then run `taster rescan`; else find out who wrote the plan.',
  },
  RESCAN_UNASKED: {
    message: 'batch {batch}: record {number} asks for a rescan that the audit log does not name',
    remedy: 'Ask for it with `taster rescan`. Where no earlier version of Taster wrote the record, find out who did.',
  },
  TARGET_TAKEN: {
    message: '{path}: holds something else than the shard that belongs there',
    remedy: 'Find out who wrote it; take it away, then run `taster reconcile`.',
  },
  BATCHES_FAILED: {
    message: 'of the batches {count} failed, however often they were tried: {names}',
    remedy: 'Mend what `taster status` says of them, then run `taster reconcile`.',
  },
  RECALL_INCOMPLETE: {
    message: '{detail}',
    remedy: 'Mend what is said of each, then run the same command again: it goes on where it was.',
  },
  QUEUE_FAILED: {
    message: 'the queue cannot be reached: {detail}',
    remedy: 'Check that Redis runs where TASTER_REDIS_URL says.',
  },
  EVENTS_FAILED: {
    message: '{queue}: events cannot be taken from there: {detail}',
    remedy:
      'Check `events.queueUrl`, AWS_REGION and the credentials: they need sqs:ReceiveMessage, DeleteMessage, ChangeMessageVisibility and GetQueueAttributes.',
  },
  NOTIFY_FAILED: {
    message: '{address}: could not be told what is held: {detail}',
    remedy: 'Check what `notify` of the dataset says; the batch itself is settled.',
  },
  LISTEN_FAILED: {
    message: '{address}: cannot listen there: {detail}',
    remedy: 'Choose another address with --host and --port.',
  },
  PROCESS_DIED: {
    message: 'a process that scores shards died before it could begin',
    remedy: 'Check free memory, or run with --processes 1.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type BadInputCode = keyof typeof badInput;
export type TransientCode = keyof typeof transient;

type Parameters = Readonly<Record<string, string | number>>;

function fill(template: string, parameters: Parameters): string {
  // Who mistakes one option for another may have handed in a private key, and messages end in logs.
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => withoutKeys(String(parameters[name] ?? whole)));
}

abstract class CataloguedError extends Error {
  abstract readonly code: string;
  readonly remedy: string;
  constructor(entry: CatalogueEntry, parameters: Parameters, cause?: unknown) {
    super(fill(entry.message, parameters), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.remedy = fill(entry.remedy, parameters);
  }
}

/** What was handed in cannot be used: about one shard it becomes a finding, about the whole run exit code 2. */
export class BadInput extends CataloguedError {
  constructor(
    readonly code: BadInputCode,
    parameters: Parameters = {},
    cause?: unknown,
  ) {
    super(badInput[code], parameters, cause);
  }
}

/** The surroundings failed; the same call may succeed later: exit code 3. */
export class Transient extends CataloguedError {
  constructor(
    readonly code: TransientCode,
    parameters: Parameters = {},
    cause?: unknown,
  ) {
    super(transient[code], parameters, cause);
  }
}

/** An assumption of the code does not hold: stops loudly. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

/** What it says, whatever was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
