import { readFile } from 'node:fs/promises';
import { tableFromIPC } from 'apache-arrow';
import type { Report } from '../src/schema/index.js';
import type { Truth } from './truth.js';

export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}

const nameOf = (uri: string) => uri.slice(uri.lastIndexOf('/') + 1);

function compareShards(truth: Truth, report: Report): Claim[] {
  const isHeld = new Map(report.shards.map(({ uri, verdict }) => [nameOf(uri), verdict === 'quarantine']));
  const names = Object.keys(truth.shards);
  const poisoned = names.filter((name) => truth.shards[name]?.length);
  const clean = names.filter((name) => !poisoned.includes(name));
  const held = poisoned.filter((name) => isHeld.get(name) === true);
  const released = clean.filter((name) => isHeld.get(name) === false);
  return [
    { text: `poisoned shards held: ${held.length} of ${poisoned.length}`, holds: held.length === poisoned.length },
    { text: `clean shards released: ${released.length} of ${clean.length}`, holds: released.length === clean.length },
  ];
}

function compareFindings({ kinds, poisonedSource }: Truth, { findings }: Report): Claim[] {
  const named = kinds.map((kind) => ({
    text: `a finding names it: ${kind}`,
    holds: findings.some((finding) => finding.kind === kind),
  }));
  if (poisonedSource === undefined) return named;
  const sources = new Set(findings.filter(({ scope }) => scope === 'source').map(({ subject }) => subject));
  const isOnlyOne = sources.size === 1 && sources.has(poisonedSource);
  return [...named, { text: `the source is named, and no other: ${poisonedSource}`, holds: isOnlyOne }];
}

/** The share of poisoned rows that must not stay among what may be trained on. */
const shareWithheld = 0.9;

async function compareRows(truth: Truth, folder: string): Promise<Claim> {
  const rows = tableFromIPC(await readFile(`${folder}/rows.arrow`));
  let withheld = 0;
  for (const row of rows) {
    if (row.withhold && truth.shards[row.shard]?.includes(row.row)) withheld += 1;
  }
  const poisoned = Object.values(truth.shards).flat().length;
  return { text: `poisoned rows withheld: ${withheld} of ${poisoned}`, holds: withheld >= shareWithheld * poisoned };
}

/** Holds what a scan has written against what was done to the corpus. */
export async function compare(truth: Truth, folder: string): Promise<Claim[]> {
  const report = JSON.parse(await readFile(`${folder}/report.json`, 'utf8')) as Report;
  return [...compareShards(truth, report), ...compareFindings(truth, report), await compareRows(truth, folder)];
}
