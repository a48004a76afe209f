import { availableParallelism, tmpdir } from 'node:os';
import type { BackendDiagnosis, Diagnosis, Problem, Variable } from '../schema/index.js';
import { diagnoseBackend, type TryBackend, tryBackend } from './backends.js';
import { libraries } from './libraries.js';
import { memory, platform, sha256GigabytesPerSecond, temporaryFolder } from './surroundings.js';

/** What is to be examined; what is left out is this machine's own. */
export interface Examination {
  readonly version: string;
  /** `>=20.19`. */
  readonly requiredNode: string;
  /** The backend that a scan takes when no option says otherwise. */
  readonly backend: 'auto' | 'wasm' | 'native';
  readonly variables: readonly Variable[];
  readonly nodeVersion?: string;
  readonly temporaryFolder?: string;
  readonly tryBackend?: TryBackend;
}

function isAtLeast(version: string, required: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = required.replace(/^\D+/, '').split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function nodeProblems({ version, required }: Diagnosis['node']): Problem[] {
  if (isAtLeast(version, required)) return [];
  return [{ message: `Node ${version} is too old: ${required} is needed`, remedy: 'Install a newer Node.' }];
}

function folderProblems({ path, failure }: Diagnosis['temporaryFolder']): Problem[] {
  if (failure === null) return [];
  const message = `the temporary folder ${path} cannot be written to: ${failure}`;
  return [{ message, remedy: 'Set TMPDIR to a folder that can be written to.' }];
}

function backendProblems(backends: readonly BackendDiagnosis[], choice: Examination['backend']): Problem[] {
  const wanted = backends.filter(({ name }) => choice === 'auto' || choice === name);
  if (wanted.some(({ works }) => works)) return [];
  // Native is a choice: what a scan with no backend at all needs first is WASM.
  const [first] = wanted;
  if (first?.problem == null) return [];
  const { message, remedy } = first.problem;
  const otherwise = choice === 'auto' ? '' : ' Or set TASTER_BACKEND to auto.';
  return [{ message: `tensor backend ${first.name}: ${message}`, remedy: `${remedy}${otherwise}` }];
}

/** Gathers what decides whether and how fast a scan runs here; takes a second or two. Never throws for what it finds. */
export async function examine(examination: Examination): Promise<Diagnosis> {
  const attempt = examination.tryBackend ?? tryBackend;
  const node = { version: examination.nodeVersion ?? process.versions.node, required: examination.requiredNode };
  const folder = await temporaryFolder(examination.temporaryFolder ?? tmpdir());
  // One after the other: side by side they would slow each other down.
  const wasm = await diagnoseBackend('wasm', attempt);
  const native = await diagnoseBackend('native', attempt);
  const problems = [
    ...nodeProblems(node),
    ...folderProblems(folder),
    ...backendProblems([wasm, native], examination.backend),
  ];
  return {
    ready: problems.length === 0,
    problems,
    version: examination.version,
    node,
    platform: platform(),
    cores: availableParallelism(),
    memory: memory(),
    temporaryFolder: folder,
    backends: [wasm, native],
    autoBackend: native.works ? 'native' : wasm.works ? 'wasm' : null,
    libraries: libraries(),
    sha256GigabytesPerSecond: sha256GigabytesPerSecond(),
    variables: examination.variables,
  };
}
