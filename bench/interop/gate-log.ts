import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { appendFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { entryName } from '../../src/audit/entry.js';
import { appendEntry, readLog } from '../../src/audit/index.js';
import { fileStore } from '../../src/store/index.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';
import { makeScenario } from './gate.js';

const runFile = promisify(execFile);
const [PROCESSES, PASSES] = [3, 8];

/** Passes the gate so many times as a consumer, and prints how often it was let through or why it was not. */
const program = `
import datetime, json, sys
sys.path.insert(0, 'clients/python')
from taster_gate import released, Refused
folder, log, consumer, times, now = json.loads(sys.argv[1])
at = datetime.datetime.fromtimestamp(now / 1000, datetime.timezone.utc)
passed, why = 0, ''
try:
    for _ in range(times):
        trust = f'{folder}/trust.json'
        files = released(f'{folder}/batch', f'{folder}/verdict', trust, now=at, consumer=consumer, audit=log)
        passed += len(files) > 0
except (Refused, ValueError) as error:
    why = f'{type(error).__name__}: {error}'
print(json.dumps([passed, why]))
`;

/** The audit log that the gate in Python adds to is one that the other commands go on with. */
export async function gateLogChecks(): Promise<{ checks: Check[]; stop: () => Promise<void> }> {
  const python = await pythonWith('model-signing', 'bench/interop/requirements.txt');
  const folder = mkdtempSync(join(tmpdir(), 'taster-gate-log-'));
  const { now } = await makeScenario(folder, 'that passes', { passes: true });
  const at = (name: string) => join(folder, name);

  const pass = async (log: string | null, consumer: string, times = 1): Promise<[passed: number, why: string]> => {
    const input = JSON.stringify([folder, log, consumer, times, now.getTime()]);
    return JSON.parse((await runFile(python, ['-c', program, input])).stdout) as [number, string];
  };
  const other = (log: string) =>
    appendEntry(fileStore, log, { event: 'gate-pass', dataset: null, batch: null, by: 'another', facts: {} });
  const passesNot = async (log: string | null, why: string) => {
    const [passed, told] = await pass(log, 'model 7');
    assertEqual([passed, told.includes(why)], [0, true], told);
  };
  const threeEntries = async (name: string) => {
    for (let number = 1; number <= 3; number++) await other(at(name));
  };

  const checks: Check[] = [
    {
      name: 'gate in Python: a place in the log for each of several writers',
      run: async () => {
        const writers = Array.from({ length: PROCESSES }, (_, number) =>
          pass(at('several'), `model ${number}`, PASSES),
        );
        const others = Array.from({ length: PASSES }, () => other(at('several')));
        for (const outcome of await Promise.all(writers)) assertEqual(outcome, [PASSES, ''], 'what passed');
        await Promise.all(others);
        const { entries } = await readLog(fileStore, at('several'));
        assertEqual(entries.length, (PROCESSES + 1) * PASSES, 'entries');
      },
    },
    {
      name: 'gate in Python: a log that lacks an entry takes none, and nothing passes',
      run: async () => {
        await threeEntries('lacking');
        await rm(at(`lacking/${entryName(1)}`));
        await passesNot(at('lacking'), `Refused: the audit log ${at('lacking')}: ${entryName(1)}: it is missing`);
        assertEqual(await readdir(at('lacking')), [2, 3].map(entryName), 'what is in the log');
      },
    },
    {
      name: 'gate in Python: a log whose last entry follows no other takes none, and nothing passes',
      run: async () => {
        await threeEntries('changed');
        await appendFile(at(`changed/${entryName(2)}`), ' ');
        await passesNot(at('changed'), `${entryName(3)}: it does not follow the entry before it`);
      },
    },
    {
      name: 'gate in Python: a log that cannot be there lets nothing pass',
      run: async () => {
        await passesNot('s3://lake/passes', 'ValueError: audit must be a folder');
        await passesNot(null, 'ValueError: a consumer is named and no audit log');
      },
    },
    {
      name: 'gate in Python: the name of a consumer, whatever is in it, is read by the other commands',
      run: async () => {
        const names = ['\u{1F600} "quoted"\u2028\n\t\u007f\\', 'half \ud83d', '\udc00'];
        for (const name of names) assertEqual(await pass(at('names'), name), [1, ''], 'what passed');
        const { entries } = await readLog(fileStore, at('names'));
        const told = entries.map(({ by }) => by);
        assertEqual(told, [names[0], 'half \ufffd', '\ufffd'], 'who passed');
      },
    },
  ];
  return { checks, stop: () => rm(folder, { recursive: true, force: true }) };
}
