import { sha256Of } from '../store/index.js';
import { below } from './names.js';

/** What the shards of a batch are judged by: a plan, and where that has no baseline what was fitted in its place. */
export interface JudgedBy {
  readonly batch: string;
  readonly plan: string;
  readonly fit?: { readonly sha256: string } | undefined;
}

/** A batch and the plan by which it is judged once. */
type Work = Pick<JudgedBy, 'batch' | 'plan'>;

/** Where what is known of a shard lies in a vault: its name follows from all that it depends on. */
export function resultPath({ fit, ...work }: JudgedBy, shardPath: string, sha256: string): string {
  return below(resultsFolder(work), nameOf([fit?.sha256 ?? null, shardPath, sha256]));
}

/** Where the rows of a shard are told apart, before anything is fitted. */
export function digestsPath(work: Work, shardPath: string, sha256: string): string {
  return below(resultsFolder(work), nameOf(['digests', shardPath, sha256]));
}

/** Where what a batch without a baseline is judged by lies in a vault: by its own digest, so that nothing else can take its place. */
export function fitPath(work: Work, sha256: string): string {
  return below(fitsFolder(work), sha256);
}

/** Where all of that lies. */
export function workFolders(work: Work): string[] {
  return [resultsFolder(work), fitsFolder(work)];
}

const resultsFolder = (work: Work) => below('results', folderOf(work));
const fitsFolder = (work: Work) => below('fits', folderOf(work));

/** A digest: names of batches may be as long as a name can be. */
function folderOf({ batch, plan }: Work): string {
  return nameOf([batch, plan]);
}

function nameOf(inputs: readonly (string | null)[]): string {
  return sha256Of(JSON.stringify(inputs));
}
