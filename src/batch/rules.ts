import { appendOnce } from '../audit/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { AuditEntry, RulesRecord } from '../schema/index.js';
import { listOrNone, type ObjectStore, sha256Of } from '../store/index.js';
import { below, numbered } from './names.js';
import { parseRecord, recordBytes } from './record-text.js';

const FOLDER = 'versions/rules';

/** Where what judgements follow from lies in a vault, from its `number`th change on. */
export function rulesPath(number: number): string {
  return `${FOLDER}/${numbered(number)}.json`;
}

/** What lies there, foreign things as well. @throws Transient READ_FAILED */
export async function rulesPaths(store: ObjectStore, vault: string): Promise<string[]> {
  return (await listOrNone(store, below(vault, FOLDER))).map(({ path }) => `${FOLDER}/${path}`);
}

/**
 * Notes what the judgements of a dataset follow from, where it is other than before; the audit log says so first. Without
 * `baseline` the one that was configured before still is.
 * @throws BadInput RECORD_DAMAGED, AUDIT_REFUSED; Transient READ_FAILED, WRITE_FAILED
 */
export async function noteRules(
  store: ObjectStore,
  { name, vault }: Pick<Dataset, 'name' | 'vault'>,
  now: Omit<RulesRecord, 'baseline'> & Partial<Pick<RulesRecord, 'baseline'>>,
): Promise<void> {
  for (;;) {
    const last = await readLast(store, vault);
    const rules: RulesRecord = { ...now, baseline: now.baseline ?? last?.record.baseline ?? null };
    if (last !== undefined && isSame(last.record, rules)) return;
    const number = (last?.number ?? 0) + 1;
    const content = recordBytes(rules);
    // What a dataset begins with is no change.
    if (last !== undefined) {
      const record = sha256Of(content);
      const facts = { ...rules, number, record, before: last.sha256 };
      const act = { event: 'policy-change', dataset: name, batch: null, by: null, facts } as const;
      // Several workers find the same change, and one that was cut off has said it already.
      const isSaid = ({ event, facts: said }: Pick<AuditEntry, 'event' | 'facts'>) =>
        event === act.event && said['number'] === number && said['record'] === record;
      await appendOnce(store, below(vault, 'audit'), act, isSaid);
    }
    if (await store.create(vault, rulesPath(number), content)) return;
  }
}

/** @throws BadInput RECORD_DAMAGED also where one before is missing, or something else lies there */
async function readLast(store: ObjectStore, vault: string) {
  const objects = await listOrNone(store, below(vault, FOLDER));
  const wrong = objects.findIndex(({ path }, index) => `${FOLDER}/${path}` !== rulesPath(index + 1));
  if (wrong >= 0) {
    const detail = `it is there in the place of ${rulesPath(wrong + 1)}`;
    throw new BadInput('RECORD_DAMAGED', { path: below(vault, FOLDER, objects[wrong]?.path ?? ''), detail });
  }
  const object = objects.at(-1);
  if (object === undefined) return undefined;
  const content = await store.read(object.uri, object.version);
  const record = parseRecord<RulesRecord>(content, object.uri, 'rules-record');
  return { number: objects.length, record, sha256: sha256Of(content) };
}

function isSame(a: RulesRecord, b: RulesRecord): boolean {
  return a.policy === b.policy && a.contract === b.contract && a.trust === b.trust && a.baseline === b.baseline;
}
