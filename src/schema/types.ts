/* Written by `npm run types` from schemas/: change the schema, not this file. */

/**
 * What a column is for.
 */
export type Role =
  | 'label'
  | 'feature'
  | 'text'
  | 'image'
  | 'embedding'
  | 'prompt'
  | 'response'
  | 'pred_probs'
  | 'source'
  | 'group'
  | 'id'
  | 'ignore';
/**
 * Of pred_probs: the class that each item of the list belongs to, in order. Left out: all labels of the trusted rows, sorted as text.
 *
 * @minItems 2
 * @maxItems 10000
 */
export type ClassOrder = (string | number | boolean)[];
export type ContractGuess = 'role' | 'optional' | 'maxNullShare' | 'range' | 'categories' | 'length';
/**
 * What enforce mode does.
 */
export type Verdict = 'release' | 'quarantine';
export type Mode = 'observe' | 'enforce';
export type FindingKind =
  | 'integrity'
  | 'provenance'
  | 'schema'
  | 'label-flip'
  | 'outlier'
  | 'duplicate-flood'
  | 'trigger'
  | 'spectral'
  | 'impact'
  | 'slow-drip'
  | 'drift';
export type FindingScope = 'batch' | 'remainder' | 'shard' | 'shard-class' | 'source' | 'class-pair' | 'item';
export type ApprovableKind = 'baseline' | 'policy' | 'contract';
/**
 * Each in full; a last * stands for any ending. Left out: any.
 *
 * @minItems 1
 */
export type Names = string[];
export type AuditEvent =
  | 'decision'
  | 'review'
  | 'rescan'
  | 'promotion'
  | 'policy-change'
  | 'gate-pass'
  | 'gate-refusal'
  | 'recall'
  | 'lift'
  | 'settled'
  | 'pause'
  | 'resume';
/**
 * Null for what is about no batch.
 */
export type AuditedBatch = null | {
  readonly name: string;
  /**
   * As the subject of its verdict says.
   */
  readonly sha256: string;
};
/**
 * One line of what has happened to a batch: numbered, written once, never changed.
 */
export type BatchRecord = JudgedRecord | ReviewedRecord | SettledRecord | RescanRecord | RecalledRecord | LiftedRecord;

/**
 * What the columns of a dataset are for and what their cells may be.
 */
export interface Contract {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  /**
   * Of the contract's format.
   */
  readonly version: 1;
  /**
   * SHA-256 of the content as it was inferred. While it matches, the contract advises: only missing columns and wrong types hold a shard. Once anything is edited, or this is removed, every constraint holds.
   */
  readonly inferred?: string;
  /**
   * In the order of the trusted rows. A column of the trusted rows that is not listed is ignored.
   *
   * @minItems 1
   */
  readonly columns: readonly ContractColumn[];
  /**
   * The user's own models: each adds a column to the trusted rows and to every shard.
   *
   * @maxItems 8
   */
  readonly models?: readonly ContractModel[];
}
export interface ContractColumn {
  readonly name: string;
  /**
   * Arrow type as text. Numbers may be of any width, strings in a dictionary or not.
   */
  readonly type: string;
  readonly role: Role;
  /**
   * True when a shard may lack the column.
   */
  readonly optional?: boolean;
  /**
   * Greatest share of a shard's cells that may be missing (null or NaN).
   */
  readonly maxNullShare?: number;
  /**
   * Of numbers, or of times as ISO 8601 text; both ends belong to it.
   */
  readonly range?: {
    readonly min?: number | string;
    readonly max?: number | string;
  };
  /**
   * All values that a cell may have, compared as text.
   *
   * @minItems 1
   * @maxItems 10000
   */
  readonly categories?: readonly (string | number | boolean)[];
  /**
   * Of text, in characters (Unicode code points); both ends belong to it.
   */
  readonly length?: {
    readonly min?: number;
    readonly max?: number;
  };
  /**
   * Number of items in each list.
   */
  readonly size?: number;
  readonly classes?: ClassOrder;
  /**
   * What Taster guessed about the column. A guessed maxNullShare is taken for an estimate: a shard must exceed it by more than chance.
   */
  readonly guessed?: readonly ContractGuess[];
}
export interface ContractModel {
  /**
   * Of the column that it adds.
   */
  readonly name: string;
  /**
   * model.json, or the folder of a SavedModel; relative to the contract's folder and inside it.
   */
  readonly path: string;
  /**
   * Of all its files, as `taster contract digest` prints it.
   */
  readonly sha256: string;
  /**
   * TensorFlow.js graph or layers model, or a SavedModel, which native TensorFlow alone runs.
   */
  readonly format: 'graph' | 'layers' | 'saved-model';
  /**
   * Columns of the contract: numbers, stacked in this order, or one column of lists of numbers.
   *
   * @minItems 1
   */
  readonly inputs: readonly string[];
  /**
   * What its output is.
   */
  readonly output: 'embedding' | 'pred_probs';
  readonly classes?: ClassOrder;
}
/**
 * How strictly a batch is judged. A setting left out takes its default.
 */
export interface PolicyFile {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  /**
   * enforce holds what is judged bad; observe only says what it would hold, except for shards that cannot be read or judged.
   */
  readonly mode?: 'observe' | 'enforce';
  /**
   * Greatest probability that a clean batch is held.
   */
  readonly falseQuarantineRate?: number;
  /**
   * Share of a scope's rows that may be worse than the baseline's without an alarm.
   */
  readonly tolerance?: number;
  /**
   * Greatest share of the rows of a new baseline that one signer may stand behind, alone or with others; the rest is left out. Default 0.5: nobody alone says what is normal.
   */
  readonly signerShare?: number;
  readonly limits?: ShardLimits;
}
/**
 * What one shard may cost to read. A shard beyond a limit is held as unreadable.
 */
export interface ShardLimits {
  /**
   * Size of the file. Default 2 GiB less a byte: what Node reads into one buffer.
   */
  readonly shardBytes?: number;
  /**
   * Size of what it decodes to. Default 1 GiB: with one copy in the decoder it stays within memoryBytes.
   */
  readonly decodedBytes?: number;
  /**
   * Default 20 million: scores and codes of a row take about 100 bytes, so these too stay within memoryBytes.
   */
  readonly rows?: number;
  /**
   * Length of a row of a text file. Default 32 MiB: a row is read as a whole, and a parser may take forty times its size.
   */
  readonly rowBytes?: number;
  /**
   * Default 32,768: wider tables are seen in no training data, and each column costs some kilobytes however few its rows.
   */
  readonly columns?: number;
  /**
   * Levels of lists and structs within a column, 0 for plain values. Default 32: decoders call themselves once for each level.
   */
  readonly nesting?: number;
  /**
   * Seconds of processor time to read it, or to score its next rows; five times as many by the clock, whatever keeps the machine busy beside it. Default 120: twenty times what a million rows of 40 columns take.
   */
  readonly seconds?: number;
  /**
   * Memory of the process that reads and scores it. Default 2 GiB.
   */
  readonly memoryBytes?: number;
}
/**
 * The verdict on a batch and what it rests on: data only, no host, time or absolute path.
 */
export interface Decision {
  readonly verdict: Verdict;
  readonly mode: Mode;
  /**
   * True when every shard was released.
   */
  readonly released: boolean;
  readonly shards: readonly ShardDecision[];
  readonly sources: readonly SourceDecision[];
  /**
   * Rejected tests and faults, never tests that passed.
   */
  readonly findings: readonly Finding[];
  readonly families: readonly FamilyOutcome[];
  readonly minimumDetectable: readonly MinimumDetectable[];
  /**
   * Separately collected parts of the baseline that the tests could compare with one another.
   */
  readonly trustedBlocks: number;
}
export interface ShardDecision {
  /**
   * Path within the batch.
   */
  readonly path: string;
  readonly verdict: Verdict;
  /**
   * What this run did.
   */
  readonly released: boolean;
  readonly pValue: number | null;
  readonly qValue: number | null;
  /**
   * Ids of the findings that this verdict rests on or that concern the shard.
   */
  readonly findings: readonly string[];
}
export interface SourceDecision {
  readonly name: string;
  readonly rows: number;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly condemned: boolean;
}
export interface Finding {
  /**
   * Stable within the decision: `<kind>/<scope>/<subject>`.
   */
  readonly id: string;
  readonly kind: FindingKind;
  readonly scope: FindingScope;
  /**
   * The batch's name, a shard's path, `path: class`, a source's bare name, `a → b`, or which row an item's copies equal.
   */
  readonly subject: string;
  /**
   * Of a source: who has signed the batch and so answers for the name. Absent where nobody is proven to have.
   */
  readonly signer?: string;
  /**
   * Null for findings that no test made (`integrity`, `schema`).
   */
  readonly pValue: number | null;
  readonly excessRows: ExcessRows | null;
  readonly evidence: {
    /**
     * One plain sentence.
     */
    readonly summary: string;
    readonly numbers: {
      readonly [k: string]: number | string;
    };
  };
  /**
   * MITRE ATLAS, OWASP and NIST identifiers.
   */
  readonly references: readonly string[];
  /**
   * False for advice that keeps nothing back.
   */
  readonly holds: boolean;
}
/**
 * An estimate of how many rows too many behave badly, with its 95 % interval.
 */
export interface ExcessRows {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}
export interface FamilyOutcome {
  readonly family: 'batch' | 'shards' | 'sources' | 'class-pairs' | 'items' | 'ledger';
  readonly pValue: number;
  readonly level: number;
  readonly rejected: boolean;
}
export interface MinimumDetectable {
  readonly kind: FindingKind;
  /**
   * Least number of poisoned rows spread over the whole batch that is found 4 times in 5, with a ledger also by what earlier batches have shown; null when no number of them is. Of triggers, rows that carry a word, pair of words, value, pair of values or patch at one place that no trusted row has, all of one label, which are as rows of other labels but for that; null also where only prompts or the batch itself can show them.
   */
  readonly rows: number | null;
}
/**
 * report.json, and what `taster scan --json` prints: the decision on a batch with everything needed to understand and repeat it.
 */
export interface Report {
  /**
   * The batch's name: the last segment of its path.
   */
  readonly batch: string;
  readonly verdict: Verdict;
  readonly mode: Mode;
  /**
   * True when every shard was released.
   */
  readonly released: boolean;
  /**
   * In the order of their paths.
   *
   * @minItems 1
   */
  readonly shards: readonly ShardReport[];
  readonly findings: readonly Finding[];
  readonly sources: readonly SourceDecision[];
  readonly families: readonly FamilyOutcome[];
  readonly minimumDetectable: readonly MinimumDetectable[];
  readonly columns: readonly ColumnRole[];
  /**
   * What the user should know and nothing else says: ignored columns, what was not checked.
   */
  readonly notes: readonly string[];
  /**
   * The rows of highest suspicion, worst first.
   *
   * @maxItems 10
   */
  readonly worstRows: readonly WorstRowReport[];
  /**
   * True when values of rows were left out, as --redact asks.
   */
  readonly redacted: boolean;
  readonly baseline: {
    /**
     * True when no trusted rows were given and the batch was judged against itself.
     */
    readonly provisional: boolean;
    /**
     * That models were fitted on.
     */
    readonly rows: number;
    readonly distinctRows: number;
    /**
     * Parts that were collected together.
     */
    readonly blocks: number;
    readonly sha256: string;
    /**
     * Digest of the built baseline that was read; null when it was fitted on the trusted rows in this run.
     */
    readonly artefact: string | null;
  };
  readonly policy: {
    readonly mode: Mode;
    readonly falseQuarantineRate: number;
    readonly tolerance: number;
    readonly sha256: string;
  };
  /**
   * Null when the scan had none.
   */
  readonly contract: ContractUsed | null;
  /**
   * What was checked of the batch's origin; null without manifest and trust policy.
   */
  readonly provenance: null | ProvenanceRecord;
  /**
   * The snapshot of earlier batches that the decision rests on; null when the scan had no ledger.
   */
  readonly ledger: LedgerUsed | null;
  /**
   * The tensor backend that scored the rows.
   */
  readonly backend: string;
  /**
   * The version of Taster.
   */
  readonly version: string;
}
export interface ShardReport {
  /**
   * Ends in the shard's path within the batch.
   */
  readonly uri: string;
  /**
   * Null when the shard is too large to be read at all.
   */
  readonly sha256: string | null;
  /**
   * Null when the shard could not be read.
   */
  readonly rows: number | null;
  readonly verdict: Verdict;
  /**
   * What this run did.
   */
  readonly released: boolean;
  /**
   * Null where nothing was tested.
   */
  readonly pValue: number | null;
  /**
   * Null where nothing was tested.
   */
  readonly qValue: number | null;
  /**
   * Ids of findings.
   */
  readonly findings: readonly string[];
}
export interface ColumnRole {
  readonly name: string;
  readonly role: Role;
  /**
   * Arrow type as text.
   */
  readonly type: string;
  /**
   * True when Taster chose the role itself.
   */
  readonly guessed: boolean;
  /**
   * Of pred_probs whose contract says so: the class of each item.
   */
  readonly classes?: readonly string[];
}
export interface WorstRowReport {
  /**
   * Path within the batch.
   */
  readonly shard: string;
  /**
   * Position in the shard, from 0.
   */
  readonly row: number;
  readonly suspicion: number;
  readonly suspect: boolean;
  readonly reason: string | null;
  readonly values: readonly CellValue[];
}
export interface CellValue {
  readonly column: string;
  /**
   * The cell as text, shortened where long.
   */
  readonly value: string;
}
export interface ContractUsed {
  /**
   * Of its content, without white space, key order or `inferred`.
   */
  readonly sha256: string;
  /**
   * True while it is as inferred: only missing columns and wrong types hold a shard.
   */
  readonly advisory: boolean;
  /**
   * The user's own models that added columns, in the contract's order.
   */
  readonly models: readonly ModelUsed[];
}
export interface ModelUsed {
  /**
   * Of the column it adds.
   */
  readonly name: string;
  /**
   * Of all its files.
   */
  readonly sha256: string;
}
export interface ProvenanceRecord {
  /**
   * Null where neither the user nor a manifest says it.
   */
  readonly dataset: string | null;
  /**
   * SHA-256 of its file; null where there is none, or none that can be read.
   */
  readonly manifest: string | null;
  /**
   * Digest of the trust policy; null without one.
   */
  readonly trust: string | null;
  /**
   * Names of those whose signatures of the manifest count.
   */
  readonly signers: readonly string[];
  /**
   * By which key or under which identity each of these has signed; left out by earlier versions.
   */
  readonly signatures?: readonly ManifestSignature[];
  /**
   * Who or what the rows of shards come from by the manifest, each once; left out by earlier versions.
   */
  readonly sources?: readonly string[];
  /**
   * Paths that the manifest says to ignore: no shards, not judged, never released; left out by earlier versions.
   */
  readonly ignored?: readonly string[];
  /**
   * Of the manifest in the batch's folder, where it would be taken for a shard.
   */
  readonly manifestPath?: string;
}
export interface ManifestSignature {
  /**
   * Its name in the trust policy.
   */
  readonly signer: string;
  /**
   * SHA-256 of the public key's PEM file; null of a key that was for this signature alone.
   */
  readonly key: string | null;
  /**
   * What the certificate of the key says, of what the trust policy asks for; none without one.
   */
  readonly identities: readonly string[];
}
export interface LedgerUsed {
  /**
   * Of the names and digests of the entries that counted, sorted.
   */
  readonly sha256: string;
  /**
   * Earlier ones that counted.
   */
  readonly batches: number;
  /**
   * Of those batches.
   */
  readonly rows: number;
  /**
   * Entries judged with another tolerance, or of batches that share half of their rows with one that counts or with this one.
   */
  readonly leftOut: number;
  /**
   * Of this batch that have an account of their own; the alarm allows for their number.
   */
  readonly sources: number;
  /**
   * Name of this batch's own entry, without .json; null when nothing of it was judged.
   */
  readonly entry: string | null;
}
/**
 * What `taster doctor --json` prints: whether a scan can run on this machine, and with what. Speeds are rough.
 */
export interface Diagnosis {
  /**
   * True when a scan can run; with a configuration, the service.
   */
  readonly ready: boolean;
  /**
   * Everything that keeps it from running.
   */
  readonly problems: readonly Problem[];
  /**
   * What was looked at of a service; only with a configuration.
   */
  readonly service?: readonly ServiceCheck[];
  /**
   * The version of Taster.
   */
  readonly version: string;
  readonly node: {
    readonly version: string;
    /**
     * The versions that Taster runs on, as npm writes ranges.
     */
    readonly required: string;
  };
  readonly platform: {
    readonly system: string;
    readonly architecture: string;
    /**
     * Its version; null where programs run without glibc.
     */
    readonly glibc: string | null;
  };
  /**
   * Cores that this process may use.
   */
  readonly cores: number;
  readonly memory: {
    readonly totalBytes: number;
    readonly availableBytes: number;
    /**
     * What a control group allows (containers); null without a limit below the total.
     */
    readonly limitBytes: number | null;
  };
  readonly temporaryFolder: {
    readonly path: string;
    readonly writable: boolean;
    /**
     * Null where it cannot be told.
     */
    readonly freeBytes: number | null;
    /**
     * Why it is not writable.
     */
    readonly failure: string | null;
  };
  readonly backends: readonly BackendDiagnosis[];
  /**
   * What `--backend auto` takes; null when no backend works.
   */
  readonly autoBackend: 'wasm' | 'native' | null;
  readonly libraries: readonly Library[];
  readonly sha256GigabytesPerSecond: number;
  /**
   * The environment variables that Taster reads.
   */
  readonly variables: readonly Variable[];
}
export interface Problem {
  readonly message: string;
  readonly remedy: string;
}
export interface ServiceCheck {
  /**
   * Redis, or a setting of the configuration.
   */
  readonly subject: string;
  /**
   * advice: it works, and could be better; problem: it does not.
   */
  readonly outcome: 'fine' | 'advice' | 'problem';
  readonly message: string;
  /**
   * What to do; null where nothing is.
   */
  readonly remedy: string | null;
}
export interface BackendDiagnosis {
  readonly name: 'wasm' | 'native';
  /**
   * It started and multiplied rightly in a process of its own.
   */
  readonly works: boolean;
  /**
   * Whether WebAssembly has vector instructions here; null for native and where WASM does not work.
   */
  readonly simd: boolean | null;
  /**
   * 10⁹ floating-point operations a second in one short matrix product; null when it does not work.
   */
  readonly gigaflops: number | null;
  /**
   * Why it does not work; null when it does.
   */
  readonly problem: Problem | null;
}
export interface Library {
  readonly name: string;
  /**
   * Null when it is not installed.
   */
  readonly version: string | null;
}
export interface Variable {
  readonly name: string;
  /**
   * Null when it is not set.
   */
  readonly value: string | null;
  readonly meaning: string;
}
/**
 * One batch in a ledger: how each source compared with the others. No rows, time, host or path. Written once, never changed.
 */
export interface LedgerEntry {
  /**
   * Of the entry's format.
   */
  readonly version: 1;
  /**
   * Of the digests of its judged shards, sorted.
   */
  readonly batch: string;
  /**
   * As in report.json.
   */
  readonly baseline: string;
  /**
   * As in report.json.
   */
  readonly policy: string;
  /**
   * That the p-values allow for, a share of rows.
   */
  readonly tolerance: number;
  /**
   * The judged ones, by digest.
   *
   * @minItems 1
   */
  readonly shards: readonly LedgerShard[];
  readonly accounts: readonly LedgerAccount[];
  /**
   * Of all the rest, as compact JSON in the order of this schema.
   */
  readonly sha256: string;
}
export interface LedgerShard {
  readonly sha256: string;
  readonly rows: number;
}
export interface LedgerAccount {
  /**
   * One source; all sources together that are new to the ledger or have few rows in the batch; the batch as a whole.
   */
  readonly scope: 'source' | 'first-seen' | 'batch';
  /**
   * Who vouches for the rows, of several all names; the same in all accounts of an entry, empty where nobody is proven to.
   */
  readonly signer: string;
  /**
   * Its bare name; null for the other scopes.
   */
  readonly source: string | null;
  readonly rows: number;
  readonly bets: readonly LedgerBet[];
}
/**
 * One detector's comparison of an account's rows with the other rows of the batch, or of a batch with trusted rows.
 */
export interface LedgerBet {
  readonly kind: FindingKind;
  /**
   * Of no more excess than is tolerated.
   */
  readonly pValue: number;
  /**
   * Rows too many that behave badly; negative where they are too few.
   */
  readonly excessRows: number;
  /**
   * Of excessRows when nothing distinguishes the rows.
   */
  readonly variance: number;
}
/**
 * What Taster reads of a Sigstore bundle, as OpenSSF Model Signing writes it (model.sig).
 */
export interface SigstoreBundle {
  readonly mediaType: string;
  readonly verificationMaterial: VerificationMaterial;
  readonly dsseEnvelope: SignedEnvelope;
}
export interface VerificationMaterial {
  readonly publicKey?: {
    readonly hint?: string;
  };
  readonly certificate?: BundleCertificate;
  readonly x509CertificateChain?: {
    /**
     * @minItems 1
     * @maxItems 8
     */
    readonly certificates: readonly BundleCertificate[];
  };
  readonly tlogEntries?: readonly unknown[];
  readonly timestampVerificationData?: {};
}
export interface BundleCertificate {
  /**
   * DER in base64.
   */
  readonly rawBytes: string;
}
/**
 * A DSSE envelope: a payload and who signed it. See https://github.com/secure-systems-lab/dsse.
 */
export interface SignedEnvelope {
  readonly payloadType: string;
  /**
   * Base64.
   */
  readonly payload: string;
  /**
   * @minItems 1
   * @maxItems 64
   */
  readonly signatures: readonly EnvelopeSignature[];
}
export interface EnvelopeSignature {
  /**
   * A hint, not signed: SHA-256 of the public key's PEM text where Taster wrote it.
   */
  readonly keyid?: string | null;
  /**
   * Base64; of ECDSA keys in DER.
   */
  readonly sig: string;
}
/**
 * The statement of OpenSSF Model Signing 1.0: files and their digests.
 */
export interface ModelSigningStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  /**
   * @minItems 1
   * @maxItems 1
   */
  readonly subject: readonly ModelSubject[];
  readonly predicateType: 'https://model_signing/signature/v1.0';
  readonly predicate: ModelFacts;
}
export interface ModelSubject {
  readonly name: string;
  /**
   * SHA-256 over the digests of all resources, in order.
   */
  readonly digest: {
    readonly sha256: string;
  };
}
export interface ModelFacts {
  readonly serialization: ModelSerialization;
  /**
   * @minItems 1
   */
  readonly resources: readonly ModelResource[];
}
export interface ModelSerialization {
  /**
   * files: one digest a file, the only method that is read.
   */
  readonly method: 'files';
  readonly hash_type: 'sha256';
  readonly allow_symlinks?: boolean;
  readonly ignore_paths?: readonly string[];
  readonly [k: string]: unknown;
}
export interface ModelResource {
  readonly name: string;
  readonly algorithm: string;
  readonly digest: string;
}
/**
 * What a batch consists of, said by its sender: an in-toto statement, by itself or as the payload of a DSSE envelope.
 */
export interface ManifestStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  /**
   * The shards.
   *
   * @minItems 1
   */
  readonly subject: readonly ManifestShard[];
  readonly predicateType: 'https://taster.example/manifest/v1';
  readonly predicate: ManifestFacts;
}
export interface ManifestShard {
  /**
   * Path within the batch, parts joined by '/'.
   */
  readonly name: string;
  readonly digest: Digests;
  readonly annotations?: ShardFacts;
}
/**
 * Algorithm → lower-case hexadecimal. What counts is sha256.
 */
export interface Digests {
  readonly [k: string]: string;
}
/**
 * What is checked beside the digest, where it is said.
 */
export interface ShardFacts {
  readonly bytes?: number;
  readonly rows?: number;
  /**
   * SHA-256 of its columns in order, as a JSON list of [name, Arrow type].
   */
  readonly schema?: string;
  readonly parts?: ShardParts;
  /**
   * Who or what all of its rows come from.
   */
  readonly source?: string;
}
/**
 * Digests of parts of a large shard, for it to be verified in parallel, or part by part.
 */
export interface ShardParts {
  /**
   * Of each but the last.
   */
  readonly bytes: number;
  /**
   * @minItems 1
   */
  readonly sha256: readonly string[];
}
export interface ManifestFacts {
  /**
   * The stream of batches that this one is meant for.
   */
  readonly dataset: string;
  /**
   * Name of the batch: its folder.
   */
  readonly batch?: string;
  readonly created: string;
  /**
   * From then on nothing may be accepted by this manifest.
   */
  readonly expires?: string;
  /**
   * What the shards were made from.
   */
  readonly parents?: readonly ManifestParent[];
}
export interface ManifestParent {
  readonly name: string;
  readonly digest: Digests;
}
/**
 * A baseline, policy or contract that batches may be judged by, said by those who answer for it: an in-toto statement, the payload of a DSSE envelope.
 */
export interface ApprovalStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  /**
   * The file: of a baseline the digest in its first line, else the SHA-256 of its bytes.
   *
   * @minItems 1
   * @maxItems 1
   */
  readonly subject: readonly ApprovedFile[];
  readonly predicateType: 'https://taster.example/approval/v1';
  readonly predicate: ApprovalFacts;
}
export interface ApprovedFile {
  readonly name: string;
  readonly digest: ApprovedDigest;
}
export interface ApprovedDigest {
  readonly sha256: string;
}
export interface ApprovalFacts {
  readonly kind: ApprovableKind;
  /**
   * The stream of batches that it is for.
   */
  readonly dataset: string;
  /**
   * Of this kind and dataset; each has a higher one than what it replaces.
   */
  readonly version: number;
  /**
   * Digest of the dataset's first baseline, its own where it is that; null for policies and contracts.
   */
  readonly first: string | null;
  readonly created: string;
}
/**
 * What batches of a dataset are judged by from now on: numbered, written once, never changed. The last one holds.
 */
export interface RulesRecord {
  /**
   * The first plan that follows from them.
   */
  readonly plan: string;
  readonly policy: string;
  readonly contract: string | null;
  readonly trust: string | null;
  /**
   * The one that is configured: what is promoted says so by itself.
   */
  readonly baseline: string | null;
}
/**
 * A signed version of a baseline, policy or contract that batches were judged by: older ones do not count any more.
 */
export interface UsedVersion {
  readonly kind: ApprovableKind;
  readonly version: number;
  /**
   * As its approval says.
   */
  readonly sha256: string;
}
/**
 * A baseline that was built of released rows and may replace the one in use: what it was made of and how it compares. Written once, before anybody approves of it.
 */
export interface Candidate {
  /**
   * Of this format.
   */
  readonly version: 1;
  readonly dataset: string;
  /**
   * The version that it would be.
   */
  readonly number: number;
  /**
   * Of the candidate, as all digests of baselines the one in the first line.
   */
  readonly sha256: string;
  /**
   * The baseline in use when it was built.
   */
  readonly last: string;
  /**
   * The first baseline of the dataset.
   */
  readonly first: string;
  readonly created: string;
  readonly rows: number;
  /**
   * Whose rows it was made of.
   */
  readonly shares: readonly SignerShare[];
  readonly batches: readonly CandidateBatch[];
  /**
   * Shards that were released and yet are not part of it: those a decision would have held, and those without some of their rows.
   */
  readonly leftOut: number;
  readonly comparisons: readonly BaselineComparison[];
}
export interface SignerShare {
  /**
   * Who has signed the manifests, all of them where several have; null for all that nobody trusted has signed.
   */
  readonly signer: string | null;
  readonly rows: number;
  /**
   * Rows beyond the share that one may have.
   */
  readonly leftOut: number;
}
export interface CandidateBatch {
  readonly name: string;
  /**
   * That released its shards.
   */
  readonly decision: string;
  readonly shards: number;
}
/**
 * The rows of the candidate judged as a batch.
 */
export interface BaselineComparison {
  readonly with: 'itself' | 'last' | 'first';
  readonly baseline: string | null;
  /**
   * unknown where they could not be judged: then the finding says why.
   */
  readonly verdict: 'release' | 'quarantine' | 'unknown';
  readonly heldShards: number;
  readonly shards: number;
  readonly findings: readonly ComparisonFinding[];
}
export interface ComparisonFinding {
  readonly kind: string;
  readonly subject: string;
  readonly excessRows: number | null;
  readonly pValue: number | null;
  readonly summary: string;
}
/**
 * A command that signs with a key which Taster never sees: of a key management service or a hardware token. Given in place of a private key.
 */
export interface SigningCommand {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  /**
   * PEM file, relative to this one: what the signatures are verified with before they are used.
   */
  readonly publicKey: string;
  /**
   * Program, relative to this file where it begins with ./ or ../, and arguments, run without a shell. Gets the message on standard input, prints the signature in base64; of ECDSA keys in DER, over SHA-256 for P-256 and SHA-384 for P-384.
   *
   * @minItems 1
   */
  readonly command: readonly string[];
}
/**
 * Whose signatures count, for what and when.
 */
export interface TrustPolicy {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  readonly version: 1;
  /**
   * Who may sign manifests of batches.
   */
  readonly senders?: readonly TrustedSender[];
  /**
   * Who may sign verdicts, lists of what was recalled and, where no auditors are named, checkpoints of audit logs: the keys of scans that training may rely on.
   */
  readonly verifiers?: readonly TrustedVerifier[];
  /**
   * Who may sign checkpoints of audit logs, and nothing else. Where some are named, checkpoints that verifiers have signed do not count.
   *
   * @minItems 1
   */
  readonly auditors?: readonly TrustedAuditor[];
  /**
   * Who may sign baselines, policies and contracts.
   */
  readonly approvers?: readonly TrustedApprover[];
  readonly requireApproval?: RequiredApprovals;
  /**
   * No verdict counts without a list of what was recalled that is young enough. false: whoever passes the gate without one may read what was recalled.
   */
  readonly requireStatus?: boolean;
  /**
   * What is wrong with a manifest and yet holds nothing: short for "advise" in onFault.
   */
  readonly advise?: readonly ('no-manifest' | 'unsigned' | 'expired')[];
  readonly onFault?: FaultVerdicts;
}
export interface TrustedSender {
  readonly name: string;
  /**
   * Public key: PEM text, or the path of a PEM file, relative to this one. Ed25519, or ECDSA on P-256 or P-384. Or the certificate (X.509) of an authority: then identity says whom it must have certified. Or Sigstore's trusted_root.json: then identity and issuer say who must have signed.
   */
  readonly key: string;
  /**
   * Of a certificate: its subject alternative name, or where it has none its common name. A last * stands for any ending.
   */
  readonly identity?: string;
  /**
   * Of a signature without a lasting key: where the signer logged in, in full, such as https://token.actions.githubusercontent.com.
   */
  readonly issuer?: string;
  readonly datasets: Names;
  readonly sources?: Names;
  /**
   * What was signed earlier, or says so, does not count. UTC.
   */
  readonly from?: string;
  /**
   * From then on nothing that it has signed is accepted. UTC.
   */
  readonly until?: string;
  /**
   * Nothing that this key has signed counts any more, whenever it was signed: whoever has the key can choose any date.
   */
  readonly revoked?: boolean;
}
export interface TrustedVerifier {
  readonly name: string;
  /**
   * Public key: PEM text, or the path of a PEM file, relative to this one. Ed25519, or ECDSA on P-256 or P-384. Or the certificate (X.509) of an authority: then identity says whom it must have certified. Or Sigstore's trusted_root.json: then identity and issuer say who must have signed.
   */
  readonly key: string;
  /**
   * Of a certificate: its subject alternative name, or where it has none its common name. A last * stands for any ending.
   */
  readonly identity?: string;
  /**
   * Of a signature without a lasting key: where the signer logged in, in full, such as https://token.actions.githubusercontent.com.
   */
  readonly issuer?: string;
  readonly datasets: Names;
  /**
   * What was signed earlier, or says so, does not count. UTC.
   */
  readonly from?: string;
  /**
   * From then on nothing that it has signed is accepted. UTC.
   */
  readonly until?: string;
  /**
   * Nothing that this key has signed counts any more, whenever it was signed: whoever has the key can choose any date.
   */
  readonly revoked?: boolean;
}
export interface TrustedAuditor {
  readonly name: string;
  /**
   * Public key: PEM text, or the path of a PEM file, relative to this one. Ed25519, or ECDSA on P-256 or P-384. Or the certificate (X.509) of an authority: then identity says whom it must have certified. Or Sigstore's trusted_root.json: then identity and issuer say who must have signed.
   */
  readonly key: string;
  /**
   * What was signed earlier, or says so, does not count. UTC.
   */
  readonly from?: string;
  /**
   * From then on nothing that it has signed is accepted. UTC.
   */
  readonly until?: string;
  /**
   * Nothing that this key has signed counts any more, whenever it was signed: whoever has the key can choose any date.
   */
  readonly revoked?: boolean;
}
export interface TrustedApprover {
  readonly name: string;
  /**
   * Public key: PEM text, or the path of a PEM file, relative to this one. Ed25519, or ECDSA on P-256 or P-384. Or the certificate (X.509) of an authority: then identity says whom it must have certified. Or Sigstore's trusted_root.json: then identity and issuer say who must have signed.
   */
  readonly key: string;
  readonly datasets: Names;
  /**
   * What the key may sign.
   *
   * @minItems 1
   */
  readonly kinds: readonly ApprovableKind[];
  /**
   * What was signed earlier, or says so, does not count. UTC.
   */
  readonly from?: string;
  /**
   * From then on nothing that it has signed is accepted. UTC.
   */
  readonly until?: string;
  /**
   * Nothing that this key has signed counts any more, whenever it was signed: whoever has the key can choose any date.
   */
  readonly revoked?: boolean;
}
/**
 * What nothing is judged by unless approvers have signed it.
 */
export interface RequiredApprovals {
  readonly baseline?: ApprovalRule;
  readonly policy?: ApprovalRule;
  readonly contract?: ApprovalRule;
}
export interface ApprovalRule {
  /**
   * How many different keys must have signed.
   */
  readonly signatures?: number;
  /**
   * Older versions do not count any more, however well they are signed.
   */
  readonly fromVersion?: number;
}
/**
 * What becomes of a batch by what is wrong with its manifest: batch (the default) holds all of it, shard only what it is about, advise nothing. What makes all that the manifest says worthless always holds the batch.
 */
export interface FaultVerdicts {
  'no-manifest'?: 'batch' | 'advise';
  readonly unsigned?: 'batch' | 'advise';
  readonly expired?: 'batch' | 'advise';
  'missing-shard'?: 'batch' | 'advise';
  'extra-shard'?: 'batch' | 'shard';
  'bad-digest'?: 'batch' | 'shard';
  'bad-size'?: 'batch' | 'shard';
  'bad-rows'?: 'batch' | 'shard';
  'bad-schema'?: 'batch' | 'shard';
  'other-source'?: 'batch' | 'shard';
  'source-not-allowed'?: 'batch' | 'shard';
  'manifest-unreadable'?: 'batch';
  'unknown-key'?: 'batch';
  readonly revoked?: 'batch';
  'too-early'?: 'batch';
  'too-late'?: 'batch';
  'other-dataset'?: 'batch';
  'from-the-future'?: 'batch';
  'wrong-dataset'?: 'batch';
  'wrong-batch'?: 'batch';
  'duplicate-entry'?: 'batch';
  'climbing-path'?: 'batch';
  'outside-incoming'?: 'batch';
  'weak-digest'?: 'batch';
}
/**
 * Which batches were taken back after their verdict, the payload of a DSSE envelope.
 */
export interface StatusList {
  readonly version: 1;
  readonly issued: string;
  /**
   * From then on the list is too old to rely on.
   */
  readonly expires: string;
  readonly recalled: readonly RecalledBatch[];
}
export interface RecalledBatch {
  readonly batch: string;
  readonly dataset: string;
  /**
   * Of the batch, as the subject of its verdict says.
   */
  readonly sha256: string;
  readonly reason: string;
  readonly recalled: string;
}
/**
 * One object of an audit log: what was done, chained to the entry before it.
 */
export interface AuditEntry {
  readonly version: 1;
  /**
   * From 1 on, without gaps.
   */
  readonly sequence: number;
  /**
   * SHA-256 of the object before; null for the first.
   */
  readonly previous: string | null;
  readonly time: string;
  readonly event: AuditEvent;
  readonly dataset: string | null;
  readonly batch: AuditedBatch;
  /**
   * Who did it: a person, a key, a consumer.
   */
  readonly by: string | null;
  readonly facts: AuditFacts;
}
/**
 * What else there is to know: words, numbers and digests; no value of any row.
 */
export interface AuditFacts {
  readonly [k: string]: string | number | boolean | null;
}
/**
 * How far an audit log had got, the payload of a DSSE envelope.
 */
export interface AuditCheckpoint {
  readonly version: 1;
  /**
   * Of its last entry.
   */
  readonly sequence: number;
  /**
   * Of the last entry's object.
   */
  readonly sha256: string;
  readonly issued: string;
}
/**
 * What may be trained on, said by a scan: an in-toto statement after SLSA's verification summary, the payload of a DSSE envelope.
 */
export interface VerdictStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  /**
   * The batch: SHA-256 over its shards' lines "digest  path\n", by path.
   *
   * @minItems 1
   * @maxItems 1
   */
  readonly subject: readonly VerdictSubject[];
  readonly predicateType: 'https://taster.example/verdict/v1';
  readonly predicate: VerdictFacts;
}
export interface VerdictSubject {
  readonly name: string;
  readonly digest: Sha256Digest;
}
export interface Sha256Digest {
  readonly sha256: string;
}
export interface VerdictFacts {
  readonly dataset: string;
  readonly verifier: VerdictVerifier;
  readonly timeVerified: string;
  /**
   * From then on the gate refuses.
   */
  readonly expires: string;
  /**
   * PASSED where every shard is released.
   */
  readonly verificationResult: 'PASSED' | 'FAILED';
  readonly mode: 'observe' | 'enforce';
  /**
   * All of the batch, by path.
   */
  readonly shards: readonly VerdictShard[];
  /**
   * Paths of what lies in the batch's folder and is no shard, by the manifest: itself, and what it says to ignore. Nobody has judged these, and no gate lets them through. Left out where there is none.
   */
  readonly beside?: readonly string[];
  readonly rests: VerdictGrounds;
}
export interface VerdictVerifier {
  readonly id: 'https://taster.example';
  readonly version: string;
}
export interface VerdictShard {
  readonly name: string;
  /**
   * Null for a shard too large to be read, and for the rest of one that no verdict has released.
   */
  readonly digest: Sha256Digest | null;
  readonly released: boolean;
}
/**
 * Digests of what the decision rests on.
 */
export interface VerdictGrounds {
  readonly decision: string;
  readonly policy: string;
  /**
   * Null where nothing could be judged.
   */
  readonly baseline: string | null;
  readonly contract: string | null;
  readonly manifest: string | null;
  readonly trust: string | null;
  /**
   * Digest of the built baseline; null where it was fitted on rows. `baseline` is that of the rows.
   */
  readonly artefact?: string | null;
  /**
   * What earlier batches had shown by then; null without a ledger.
   */
  readonly ledger?: string | null;
}
/**
 * taster.config.json: the datasets that the service watches over. Paths are relative to the folder of this file.
 */
export interface ConfigFile {
  /**
   * Where an editor finds this schema; not read by Taster.
   */
  readonly $schema?: string;
  /**
   * Tensor library of every worker: with the same one all of them say the same.
   */
  readonly backend?: 'wasm' | 'native';
  readonly worker?: WorkerSettings;
  readonly events?: EventSettings;
  /**
   * By name.
   */
  readonly datasets: {
    readonly [k: string]: DatasetSettings;
  };
}
export interface WorkerSettings {
  /**
   * Shards that one worker process assesses at a time, each in a process of its own; one more is brought or put away meanwhile.
   */
  readonly concurrency?: number;
  /**
   * How often a job is tried, beside tries that no store answers. A shard that still cannot be assessed is held as unjudged.
   */
  readonly attempts?: number;
  /**
   * After so long without a sign of life a job goes to another worker.
   */
  readonly lockSeconds?: number;
  /**
   * Bytes of shards that lie in the temporary folder of one worker process at once: further shards wait. No less than `limits.shardBytes` of any policy.
   */
  readonly spoolBytes?: number;
  /**
   * How often the incoming prefixes are looked through for new batches.
   */
  readonly sweepSeconds?: number;
}
export interface EventSettings {
  /**
   * A queue of SQS that notifications of S3 go to; taken by `taster serve`.
   */
  readonly queueUrl: string;
}
export interface DatasetSettings {
  /**
   * Where batches arrive: each folder below it is one.
   */
  readonly incoming: string;
  /**
   * Where training reads.
   */
  readonly released: string;
  /**
   * Where held shards go.
   */
  readonly quarantine: string;
  /**
   * Where Taster keeps its records.
   */
  readonly vault: string;
  /**
   * The column with the label.
   */
  readonly label?: string;
  /**
   * The column with who or what a row came from.
   */
  readonly source?: string;
  /**
   * A contract file.
   */
  readonly contract?: string;
  /**
   * What `taster baseline build` wrote. Without it each batch is judged against itself.
   */
  readonly baseline?: string;
  /**
   * A policy file; its mode does not count here.
   */
  readonly policy?: string;
  /**
   * observe releases all shards that can be judged and says what enforce would hold. Left out it is observe, or that of the policy where the trust policy asks for a signed one: it may be no other then.
   */
  readonly mode?: 'observe' | 'enforce';
  /**
   * A batch without _SUCCESS is taken for complete when nothing of it has changed for so long.
   */
  readonly quietSeconds?: number;
  /**
   * True leaves shards in the incoming prefix as well.
   */
  readonly keepOriginals?: boolean;
  /**
   * copy: shards are copied to released or quarantine. in-place: they stay in incoming, which lies in S3, and tags say which are released.
   */
  readonly placement?: 'copy' | 'in-place';
  /**
   * An http or https address, without user and password, that is told of every batch of which something is held.
   */
  readonly notify?: string;
  /**
   * A trust policy file: whose signatures of manifests count.
   */
  readonly trust?: string;
  /**
   * What signs verdicts: a private key file, or a JSON file with a command.
   */
  readonly sign?: string;
  /**
   * How many people, each of another name, must release a held shard before it is released.
   */
  readonly approvals?: number;
  /**
   * How long a verdict counts.
   */
  readonly verdictDays?: number;
}
/**
 * seal.json: what a batch consists of. Written once; what arrives later is another batch.
 */
export interface Seal {
  /**
   * Of this format.
   */
  readonly version: 1;
  readonly dataset: string;
  /**
   * Its folder, with ~2, ~3 … for what arrived in it later.
   */
  readonly batch: string;
  /**
   * First path segment below the incoming prefix.
   */
  readonly folder: string;
  /**
   * SHA-256 of what the sender says of the batch, which lies beside the seal; null without.
   */
  readonly manifest: string | null;
  /**
   * In the order of their paths.
   *
   * @minItems 1
   */
  readonly shards: readonly SealedShard[];
}
export interface SealedShard {
  /**
   * Within the batch, parts joined by /.
   */
  readonly path: string;
  readonly uri: string;
  readonly bytes: number;
  /**
   * Version id, or ETag in quotes; left out for files.
   */
  readonly version?: string;
  /**
   * Why it may not be read, whatever it holds: a sentence without full stop. Left out of what may be read.
   */
  readonly refused?: string;
}
/**
 * Everything but its shards that a judgement follows from; its policy has every default filled in. Named by the SHA-256 of its text.
 */
export interface Plan {
  /**
   * Of this format.
   */
  readonly version: 1;
  /**
   * The version of Taster.
   */
  readonly taster: string;
  /**
   * The tensor library.
   */
  readonly backend: 'wasm' | 'native';
  /**
   * Digest of the built baseline, which lies beside the plans; null: a batch is judged against itself.
   */
  readonly baseline: string | null;
  /**
   * Columns that the configuration names.
   */
  readonly columns: {
    readonly label?: string;
    readonly source?: string;
  };
  /**
   * As its file says; null without one.
   */
  readonly contract: Contract | null;
  readonly policy: PolicyFile;
  /**
   * Digest of the signed approval of the baseline, which lies beside it; left out where none was asked for.
   */
  readonly approval?: string;
  /**
   * Digest of the trust policy, which workers read where the configuration names it; null without one.
   */
  readonly trust: string | null;
}
export interface JudgedRecord {
  readonly kind: 'judged';
  /**
   * Name of the plan it followed.
   */
  readonly plan: string;
  /**
   * SHA-256 of decision.json.
   */
  readonly decision: string;
  /**
   * SHA-256 of the decision's rows.arrow, which says what rows are withheld; left out where it has none.
   */
  readonly marks?: string;
  readonly mode: 'observe' | 'enforce';
  readonly rests: JudgementGrounds;
  /**
   * Those of the seal, in its order.
   */
  readonly shards: readonly JudgedShard[];
}
/**
 * Digests of what the decision rests on.
 */
export interface JudgementGrounds {
  readonly policy: string;
  /**
   * Null where nothing could be judged.
   */
  readonly baseline: string | null;
  readonly contract: string | null;
  readonly manifest: string | null;
  readonly trust: string | null;
  /**
   * Of the built baseline.
   */
  readonly artefact?: string | null;
  /**
   * Of what earlier batches had shown by then.
   */
  readonly ledger?: string | null;
}
export interface JudgedShard {
  readonly path: string;
  /**
   * Of the bytes that were judged; null where they could not be read at all.
   */
  readonly sha256: string | null;
  /**
   * It could not be assessed for faults of the surroundings, so that a rescan tries again.
   */
  readonly unassessed?: true;
  /**
   * What this judgement, in its mode, does.
   */
  readonly released: boolean;
}
export interface ReviewedRecord {
  readonly kind: 'reviewed';
  readonly action: 'release' | 'release-without-rows' | 'reject' | 'reopen';
  /**
   * SHA-256 of the decision.json that the reviewer saw.
   */
  readonly decision: string;
  /**
   * Paths of the held shards that it is about.
   *
   * @minItems 1
   */
  readonly shards: readonly string[];
  readonly reviewer: string;
  readonly reason: string;
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
}
/**
 * What all records before it say has been done.
 */
export interface SettledRecord {
  readonly kind: 'settled';
  /**
   * Name of the verdict that holds, beside the released shards.
   */
  readonly verdict: string;
  /**
   * Paths of shards that were no longer what was judged: they are held, and stay where they are.
   */
  readonly changed: readonly string[];
}
/**
 * The batch is to be judged again.
 */
export interface RescanRecord {
  readonly kind: 'rescan';
  /**
   * Name of the plan to follow.
   */
  readonly plan: string;
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
  /**
   * Number of the entry of the audit log that names the record as it is without this. Earlier versions left it out.
   */
  readonly entry?: number;
}
/**
 * The batch is taken back: no shard of it is released again but by a review that reopens it.
 */
export interface RecalledRecord {
  readonly kind: 'recalled';
  /**
   * SHA-256 of the decision.json that held.
   */
  readonly decision: string;
  /**
   * Paths of the shards that were released until then, with or without some rows.
   */
  readonly released: readonly string[];
  readonly reason: string;
  /**
   * Who has recalled it; null where nobody was named.
   */
  readonly by: string | null;
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
  /**
   * Number of the entry of the audit log that names the record as it is without this.
   */
  readonly entry?: number;
}
/**
 * The recall was made in error: the shards that it has taken back wait for a review, which alone releases them.
 */
export interface LiftedRecord {
  readonly kind: 'lifted';
  /**
   * Number of the record of the recall.
   */
  readonly recall: number;
  readonly reason: string;
  /**
   * Who says so.
   */
  readonly by: string;
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
  /**
   * Number of the entry of the audit log that names the record as it is without this.
   */
  readonly entry?: number;
}
/**
 * A dataset was paused or resumed: numbered, written once, never changed. The last one holds.
 */
export interface PauseRecord {
  readonly kind: 'paused' | 'resumed';
  readonly why: string | null;
  readonly by: string | null;
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
}
/**
 * When a folder of the incoming prefix was first listed as it was; the name of the object is the digest of the listing. Written once.
 */
export interface SeenNote {
  /**
   * ISO 8601, UTC.
   */
  readonly at: string;
}
/**
 * Nothing is left to do for a folder of the incoming prefix, or for a batch, while it is listed as it was. Sweeps go by the name of the object, which is a digest of folder and listing. Written once.
 */
export interface SweptNote {
  /**
   * First path segment below the incoming prefix.
   */
  readonly incoming?: string;
  /**
   * The same below `batches` of the vault.
   */
  readonly batch?: string;
  /**
   * The same of a batch with shards that could not be assessed: `taster reconcile` opens it all the same.
   */
  readonly unassessed?: string;
  /**
   * Digest of the listing.
   */
  readonly state: string;
}
/**
 * What the address of `notify` is told of a batch of which something is held, as names and digests: the body of the POST. In the vault it says that this was taken. Written once, never changed.
 */
export interface Notice {
  readonly dataset: string;
  readonly batch: string;
  /**
   * SHA-256 of the decision that holds.
   */
  readonly decision: string;
  /**
   * Shards that are not released as they are.
   *
   * @minItems 1
   */
  readonly held: readonly HeldShard[];
  /**
   * Paths of those that an earlier decision had released.
   */
  readonly withdrawn: readonly string[];
}
export interface HeldShard {
  readonly path: string;
  readonly standing: 'cleaned' | 'held' | 'rejected' | 'recalled' | 'changed';
}
/**
 * What a recall was about, who has read it and what became of it: written once, never changed.
 */
export interface IncidentRecord {
  /**
   * When the list was signed by which gates refuse; null of a dry run.
   */
  readonly recalledAt: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly query: IncidentQuery;
  readonly dryRun: boolean;
  readonly recalled: readonly IncidentVerdict[];
  /**
   * Numbers of the records of the service that say so.
   */
  readonly records: readonly IncidentBatch[];
  /**
   * Where each file lies now.
   */
  readonly moved: readonly MovedFile[];
  /**
   * What could not be done of a batch, or of an audit log where the batch is null.
   */
  readonly failed: readonly IncidentFailure[];
  /**
   * What nobody could say of whether it is meant.
   */
  readonly unclear: readonly IncidentDoubt[];
  /**
   * Each time that one of the recalled batches has passed a gate, as audit logs say.
   */
  readonly consumers: readonly GatePass[];
  /**
   * What decisions since the verdicts say of the batches.
   */
  readonly judgedAgain: readonly JudgedAgain[];
  /**
   * The last batch before whose verdict still holds.
   */
  readonly lastGood: IncidentVerdict | null;
}
/**
 * What was asked for; null where any would do.
 */
export interface IncidentQuery {
  readonly dataset: string | null;
  readonly batch: string[] | null;
  readonly source: string | null;
  readonly signer: string | null;
  readonly trigger: string | null;
  readonly since: string | null;
}
export interface IncidentVerdict {
  readonly path: string;
  readonly batch: string;
  readonly dataset: string;
  /**
   * Of the batch.
   */
  readonly sha256: string;
  readonly verified: string;
  readonly decision: string;
  readonly released: readonly ReleasedFile[];
  /**
   * No later verdict has taken its place.
   */
  readonly holds: boolean;
}
export interface ReleasedFile {
  readonly path: string;
  readonly sha256: string | null;
}
export interface IncidentBatch {
  readonly dataset: string;
  readonly batch: string;
  readonly record: number;
}
export interface MovedFile {
  readonly dataset: string;
  readonly batch: string;
  readonly path: string;
  readonly sha256: string | null;
  readonly uri: string | null;
  readonly state: 'quarantined' | 'tagged' | 'left';
  readonly why?: string;
}
export interface IncidentFailure {
  readonly dataset: string | null;
  readonly batch: string | null;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}
export interface IncidentDoubt {
  readonly path: string;
  readonly why: string;
  readonly remedy?: string;
}
export interface GatePass {
  readonly dataset: string | null;
  readonly batch: string;
  /**
   * Of the batch.
   */
  readonly sha256: string;
  /**
   * Null where they gave no name.
   */
  readonly consumer: string | null;
  readonly passedAt: string;
}
export interface JudgedAgain {
  readonly dataset: string;
  readonly batch: string;
  readonly decision: string;
  /**
   * How many shards it would release.
   */
  readonly released: number;
  readonly held: number;
}
