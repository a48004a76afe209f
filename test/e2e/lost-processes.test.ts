import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { outcomeOf, readReport, start } from './command.js';
import { processes } from './processes.js';

const at = temporaryFolder();
const LARGE_ROWS = 1_200_000;
const SECONDS = 2;

beforeAll(async () => {
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 300) });
  await writeFiles(at('batch'), { 'a.csv': tabularCsv('a', 120), 'c.csv': tabularCsv('c', 120) });
  const [header, row] = tabularCsv('b', 1).split('\n');
  writeFileSync(at('batch', 'b.csv'), `${header}\n${`${row}\n`.repeat(LARGE_ROWS)}`);
  writeFileSync(at('policy.json'), JSON.stringify({ limits: { seconds: SECONDS } }));
});

/** Bytes that a process has read so far. */
function bytesRead(id: number): number {
  try {
    return Number(/^rchar: (\d+)/.exec(readFileSync(`/proc/${id}/io`, 'utf8'))?.[1]);
  } catch {
    return 0; // It has ended in between.
  }
}

/** Scans, and sends the signal to every process of the scan that has read the large shard and begins to parse it. */
async function scanUnder(signal: NodeJS.Signals, name: string, baseline: readonly string[]) {
  const size = statSync(at('batch', 'b.csv')).size;
  const out = at(name);
  const child = start([
    'scan',
    at('batch'),
    ...baseline,
    '--policy',
    at('policy.json'),
    '--processes',
    '1',
    '--out',
    out,
  ]);
  const hit = new Set<number>();
  const watch = setInterval(() => {
    for (const { id, parent } of processes()) {
      if (parent !== child.pid || hit.has(id) || bytesRead(id) < size) continue;
      hit.add(id);
      process.kill(id, signal);
    }
  }, 20);
  const outcome = await outcomeOf(child);
  clearInterval(watch);
  return { ...outcome, report: readReport(out) };
}

describe.runIf(process.platform === 'linux')('a parser that', () => {
  const losses = [
    {
      what: 'hangs',
      signal: 'SIGSTOP',
      said: `reading it took more than ${SECONDS} s of processor time, or ${5 * SECONDS} s by the clock, without progress (limits.seconds), so it was given up`,
    },
    { what: 'dies', signal: 'SIGKILL', said: 'the process reading it died, twice' },
  ] as const;
  const cases = losses.flatMap((loss) => [
    { ...loss, how: 'beside trusted rows', baseline: () => ['--baseline', at('trusted')] },
    { ...loss, how: 'without a baseline', baseline: () => [] },
  ]);
  it.each(cases)('$what holds its shard and no other, $how', async ({ what, signal, said, how, baseline }) => {
    const { exitCode, stderr, report } = await scanUnder(signal, `${what} ${how}`, baseline());
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    const [a, b, c] = report.shards;
    for (const sound of [a, c]) expect(sound).toMatchObject({ rows: 120, released: true, pValue: expect.any(Number) });
    expect(b).toMatchObject({ rows: null, released: false, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(report.findings.map(({ kind, subject, evidence }) => [kind, subject, evidence.summary])).toEqual([
      ['integrity', 'b.csv', expect.stringContaining(said)],
    ]);
  });
});
