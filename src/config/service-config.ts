import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GivenApproval, Trust } from '../attest/index.js';
import type { Policy } from '../decide/types.js';
import { BadInput, Transient } from '../errors.js';
import {
  type Contract,
  checkConfig,
  type DatasetSettings,
  type EventSettings,
  type WorkerSettings,
} from '../schema/index.js';
import { isS3Uri, rootProblem } from '../store/index.js';
import type { FileDemand } from './approved-file.js';
import { loadContract, requireNoContract } from './contract.js';
import { assertPath, readJson } from './json-file.js';
import { readPolicy } from './policy.js';
import { loadSigningKey, loadTrust } from './trust.js';

/** A stream of batches: where they come from and go to, and how they are judged. */
export interface Dataset {
  readonly name: string;
  /** Absolute paths or s3:// prefixes, as all roots here. */
  readonly incoming: string;
  readonly released: string;
  readonly quarantine: string;
  readonly vault: string;
  readonly columns: { readonly label?: string; readonly source?: string };
  readonly contract: Contract | null;
  /** A built baseline; null: each batch is judged against itself. */
  readonly baseline: string | null;
  readonly policy: Policy;
  /** Greatest share of a new baseline's rows that may come from one signer. */
  readonly signerShare: number;
  readonly quietSeconds: number;
  readonly keepOriginals: boolean;
  /** In place, shards stay in the incoming prefix and tags say which are released. */
  readonly placement: 'copy' | 'in-place';
  readonly notify: string | null;
  /** Whose signatures of manifests count; null: nobody's are asked for. */
  readonly trust: Trust | null;
  /** Of policy and contract, where the trust policy asks for them. */
  readonly approved: readonly GivenApproval[];
  /** File of the key that signs verdicts; null: they are not signed. Read by those who sign alone. */
  readonly signingKey: string | null;
  readonly verdictDays: number;
  /** How many people must release a held shard. */
  readonly approvals: number;
}

export interface ServiceConfig {
  readonly backend: 'wasm' | 'native';
  readonly worker: Required<WorkerSettings>;
  /** Address of the queue of SQS that events come by; null: they do not. */
  readonly eventQueueUrl: string | null;
  readonly datasets: ReadonlyMap<string, Dataset>;
}

/** @throws BadInput DATASET_UNKNOWN */
export function datasetOf({ datasets }: ServiceConfig, name: string): Dataset {
  const dataset = datasets.get(name);
  if (dataset !== undefined) return dataset;
  throw new BadInput('DATASET_UNKNOWN', { dataset: name, known: [...datasets.keys()].join(', ') });
}

/** As its schema fills it in; a setting that is wrong is left out, and told already. */
type SoundSettings = Partial<DatasetSettings>;
interface SoundConfig {
  readonly backend: ServiceConfig['backend'];
  readonly worker?: Partial<WorkerSettings>;
  readonly events?: EventSettings;
  readonly datasets?: Readonly<Record<string, SoundSettings>>;
}

/** `signs`: the keys to sign with have to be there as well. */
interface Demands {
  readonly signs: boolean;
}

/** What a setting that is wrong is taken for, so that all others can be looked at: nothing is done by such a configuration. */
const NOWHERE = '';

/**
 * The configuration of the service; its paths are relative to its folder.
 * @throws BadInput PATH_MISSING, CONFIG_INVALID naming every problem at once; Transient READ_FAILED
 */
export function loadConfig(path: string, demands: Demands = { signs: false }): ServiceConfig {
  const checked = checkConfig(readJson(path, 'CONFIG_INVALID'));
  const { backend, worker, events, datasets = {} } = (checked.sound ?? {}) as SoundConfig;
  const problems = [...checked.problems];
  const folder = dirname(resolve(path));
  const loaded = Object.entries(datasets).map(([name, settings]) =>
    loadDataset(name, settings, { folder, problems, ...demands }),
  );
  problems.push(
    ...overlaps(loaded),
    ...largerThanSpool(loaded, worker?.spoolBytes ?? Infinity),
    ...loaded.flatMap(placementProblems),
    ...loaded.flatMap(notifyProblems),
  );
  if (problems.length > 0) throw new BadInput('CONFIG_INVALID', { path, detail: problems.join('; ') });
  return Object.freeze({
    backend,
    worker: worker as Required<WorkerSettings>,
    eventQueueUrl: events?.queueUrl ?? null,
    datasets: new Map(loaded.map((dataset) => [dataset.name, Object.freeze(dataset)])),
  });
}

interface Loading extends Demands {
  readonly folder: string;
  readonly problems: string[];
}

function loadDataset(name: string, settings: SoundSettings, { folder, problems, signs }: Loading): Dataset {
  const pathOf = (file: string) => resolve(folder, file);
  const orProblem = <T>(load: () => T): T | undefined => {
    try {
      return load();
    } catch (error) {
      if (!(error instanceof BadInput || error instanceof Transient)) throw error;
      problems.push(`datasets.${name}: ${error.message}`);
      return undefined;
    }
  };
  const { label, source, mode, policy, contract, baseline, trust, sign } = settings;
  const columns = { ...(label === undefined ? {} : { label }), ...(source === undefined ? {} : { source }) };
  orProblem(() => requireKey(sign, { folder, signs }));
  const trusting = trust === undefined ? null : (orProblem(() => loadTrust(pathOf(trust))) ?? null);
  const approved: GivenApproval[] = [];
  const demand = {
    trust: trusting ?? undefined,
    dataset: name,
    onGiven: (given: GivenApproval) => approved.push(given),
  };
  const strictness = orProblem(() => readPolicy(policy === undefined ? undefined : pathOf(policy), demand));
  const { policy: judging, signerShare } = strictness ?? readPolicy(undefined);
  const isSigned = strictness !== undefined && trusting?.requireApproval.policy !== undefined;
  const pinned = orProblem(() => contractOf(contract === undefined ? undefined : pathOf(contract), columns, demand));
  const placeOf = (setting: (typeof ROOTS)[number] | 'baseline') => {
    const root = settings[setting];
    const problem = root === undefined ? undefined : rootProblem(root);
    if (problem !== undefined) problems.push(`datasets.${name}.${setting}: ${problem}`);
    return root === undefined || problem !== undefined ? NOWHERE : rootOf(root, folder);
  };
  return {
    name,
    incoming: placeOf('incoming'),
    released: placeOf('released'),
    quarantine: placeOf('quarantine'),
    vault: placeOf('vault'),
    columns,
    contract: pinned ?? null,
    baseline: baseline === undefined ? null : (orProblem(() => requireBaseline(placeOf('baseline'))) ?? NOWHERE),
    policy: { ...judging, mode: modeOf(name, mode, isSigned ? judging.mode : undefined, problems) },
    signerShare,
    // The schema has filled these in unless they are wrong.
    quietSeconds: settings.quietSeconds ?? 0,
    keepOriginals: settings.keepOriginals ?? true,
    placement: settings.placement ?? 'copy',
    notify: settings.notify ?? null,
    trust: trusting,
    approved,
    signingKey: sign === undefined ? null : pathOf(sign),
    verdictDays: settings.verdictDays ?? 0,
    approvals: settings.approvals ?? 1,
  };
}

/** Nobody has signed the configuration: it may not say otherwise than a policy that has to be signed. */
function modeOf(
  name: string,
  said: Policy['mode'] | undefined,
  signed: Policy['mode'] | undefined,
  problems: string[],
) {
  if (signed !== undefined && said !== undefined && said !== signed) {
    problems.push(`datasets.${name}.mode: is ${said}, and the signed policy says ${signed}: leave it out`);
  }
  return signed ?? said ?? 'observe';
}

function rootOf(root: string, folder: string): string {
  if (isS3Uri(root)) return root.replace(/\/+$/, '');
  return resolve(folder, root.startsWith('file:') ? fileURLToPath(root) : root);
}

/** @throws BadInput PATH_MISSING where it is no file here; of those in S3 the store tells */
function requireBaseline(baseline: string): string {
  if (baseline === NOWHERE || isS3Uri(baseline) || existsSync(baseline)) return baseline;
  throw new BadInput('PATH_MISSING', { path: baseline });
}

/** @throws BadInput KEY_UNUSABLE where it is a key in place of the path of one; of whoever signs also as loadSigningKey */
function requireKey(sign: string | undefined, { folder, signs }: Pick<Loading, 'folder' | 'signs'>): void {
  if (sign === undefined) return;
  assertPath(sign, 'sign');
  if (signs) loadSigningKey(resolve(folder, sign));
}

function contractOf(
  path: string | undefined,
  { label, source }: Dataset['columns'],
  demand: FileDemand,
): Contract | null {
  if (path === undefined) {
    requireNoContract(demand);
    return null;
  }
  const { contract, roles } = loadContract(path, demand);
  // Whoever may write a contract could have workers, which hold keys to the store, run what they like.
  if ((contract.models ?? []).length > 0) throw invalid(path, 'names models, which the service does not run');
  for (const [role, column] of Object.entries({ label, source })) {
    const said = column === undefined ? role : (roles.get(column) ?? 'no role');
    if (said !== role) throw invalid(path, `gives column ${column}, which is configured as the ${role}, ${said}`);
  }
  return contract;
}

function invalid(path: string, detail: string): BadInput {
  return new BadInput('CONTRACT_INVALID', { path, detail });
}

/** What no worker has room for would be tried in vain, and held as unjudged. */
function largerThanSpool(datasets: readonly Dataset[], spoolBytes: number): string[] {
  return datasets
    .filter(({ policy }) => policy.limits.shardBytes > spoolBytes)
    .map(
      ({ name, policy }) =>
        `datasets.${name}.policy: limits.shardBytes is ${policy.limits.shardBytes}, more than worker.spoolBytes (${spoolBytes})`,
    );
}

function placementProblems({ name, placement, incoming, keepOriginals }: Dataset): string[] {
  if (placement === 'copy') return [];
  return [
    ...(isS3Uri(incoming) || incoming === NOWHERE
      ? []
      : [`datasets.${name}.placement: in-place needs incoming in S3: files have no tags`]),
    ...(keepOriginals ? [] : [`datasets.${name}.keepOriginals: must be true in-place: there are no copies`]),
  ];
}

/** Never quoted: what is in it is nobody's to see. */
function notifyProblems({ name, notify }: Dataset): string[] {
  if (notify === null) return [];
  if (!URL.canParse(notify)) return [`datasets.${name}.notify: is no address`];
  const { username, password } = new URL(notify);
  if (username === '' && password === '') return [];
  return [`datasets.${name}.notify: holds a user or password, which are not sent: put a token into its path or query`];
}

const ROOTS = ['incoming', 'released', 'quarantine', 'vault'] as const;

/** Roots within one another: what is written to one would be read as data of the other. */
function overlaps(datasets: readonly Dataset[]): string[] {
  const roots = datasets.flatMap((dataset) =>
    ROOTS.filter((kind) => dataset[kind] !== NOWHERE).map((kind) => ({
      name: `datasets.${dataset.name}.${kind}`,
      root: `${dataset[kind]}/`,
    })),
  );
  return roots.flatMap((outer) =>
    roots
      .filter((inner) => inner !== outer && inner.root.startsWith(outer.root))
      .filter((inner) => inner.root !== outer.root || inner.name > outer.name)
      .map((inner) => `${inner.name} lies within ${outer.name}: choose a place outside`),
  );
}
