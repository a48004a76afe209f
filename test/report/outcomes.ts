import type { Decision, Finding, ShardDecision } from '../../src/decide/types.js';
import type { ShardMarks } from '../../src/mark/types.js';
import type { ScanOutcome } from '../../src/report/index.js';

const ROWS = 50;
const digest = (letter: string) => letter.repeat(64);

export function marksOf(shard: string, rows: number): ShardMarks {
  const scores = Float64Array.from({ length: rows }, (_, row) => (row % 7 === 3 ? Number.NaN : row / (rows + 1)));
  return {
    shard,
    rows,
    detectors: new Map([
      ['label-flip', { anomalyScore: scores, pValue: scores.map((score) => 1 - score) }],
      ['outlier', { anomalyScore: scores.map((score) => score / 2), pValue: scores.map((score) => 1 - score / 2) }],
    ]),
    suspicion: scores.map((score) => (Number.isNaN(score) ? 0 : score)),
    suspect: Uint8Array.from({ length: rows }, (_, row) => (row === rows - 1 ? 1 : 0)),
    withhold: Uint8Array.from({ length: rows }, (_, row) => (row >= rows - 2 ? 1 : 0)),
    reason: Array.from({ length: rows }, (_, row) =>
      row === rows - 1 ? 'label-flip: says sun, looks like rain' : null,
    ),
    labels: Int32Array.from({ length: rows }, (_, row) => row % 2),
    called: Int32Array.from({ length: rows }, (_, row) => (row % 3) % 2),
    places: Float32Array.from({ length: 2 * rows }, (_, at) => at),
  };
}

function releasedShard(path: string): ShardDecision {
  return { path, verdict: 'release', released: true, pValue: 0.4, qValue: 0.9, findings: [] };
}

/** Of the readable shards of an outcome. */
export function marksIn({ shards }: ScanOutcome): ShardMarks[] {
  return shards.flatMap(({ path, rows }) => (rows === null ? [] : [marksOf(path, rows)]));
}

export function outcomeOf(
  paths: readonly string[],
  changes: Partial<Decision> = {},
  rest: Partial<ScanOutcome> = {},
): ScanOutcome {
  return {
    batch: 'batch',
    decision: {
      verdict: 'release',
      mode: 'enforce',
      released: true,
      shards: paths.map(releasedShard),
      sources: [],
      findings: [],
      families: [{ family: 'batch', pValue: 0.3, level: 0.002, rejected: false }],
      minimumDetectable: [
        { kind: 'label-flip', rows: 42.3 },
        { kind: 'outlier', rows: null },
        { kind: 'trigger', rows: 30 },
      ],
      trustedBlocks: 3,
      ...changes,
    },
    shards: paths.map((path) => ({ path, uri: `/data/batch/${path}`, sha256: digest('a'), rows: ROWS })),
    columns: [
      { name: 'weather', role: 'label', type: 'Utf8', guessed: true },
      { name: 'station', role: 'source', type: 'Utf8', guessed: false },
      { name: 'temp_max', role: 'feature', type: 'Float64', guessed: true },
      { name: 'precipitation', role: 'feature', type: 'Float64', guessed: true },
    ],
    notes: ['Triggers, duplicate floods and clean-label poison are not looked for yet.'],
    worstRows: Array.from({ length: 10 }, (_, index) => ({
      shard: paths[0]!,
      row: ROWS - 1 - index,
      suspicion: 1 - index / 100,
      suspect: index === 0,
      reason: index === 0 ? 'label-flip: says sun, looks like rain' : null,
      images: new Map(),
      neighbour: null,
      lookalike: null,
      values: new Map([
        ['temp_max', '12.8'],
        ['precipitation', '10.9'],
        ['weather', 'sun'],
      ]),
    })),
    withheldRows: changes.released === false ? 24 : 0,
    picture: null,
    redacted: false,
    baseline: { provisional: false, rows: 1500, distinctRows: 1480, blocks: 3, sha256: digest('b'), artefact: null },
    contract: null,
    provenance: null,
    ledger: null,
    policy: { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, sha256: digest('c') },
    backend: 'wasm',
    version: '0.1.0',
    ...rest,
  };
}

function findingOf(changes: Partial<Finding>): Finding {
  const kind = changes.kind ?? 'label-flip';
  const scope = changes.scope ?? 'shard';
  const subject = changes.subject ?? 'shard-000.csv';
  return {
    id: `${kind}/${scope}/${subject}`,
    kind,
    scope,
    subject,
    pValue: 3.14e-12,
    excessRows: { estimate: 12.4, low: 8, high: 17.2 },
    evidence: {
      summary:
        '14 of its 50 rows carry a label that a model of the trusted rows contradicts; about 1.6 would be usual.',
      numbers: { rows: 50, statistic: 'mixture' },
    },
    references: ['AML.T0020', 'LLM04:2025'],
    holds: true,
    ...changes,
  };
}

export const shardNames = (count: number) =>
  Array.from({ length: count }, (_, index) => `shard-${String(index).padStart(3, '0')}.csv`);

function hold(shards: readonly ShardDecision[], findings: readonly Finding[], pValue: number | null = 3.14e-12) {
  const subjects = new Map(findings.map(({ subject, id }) => [subject, id]));
  return shards.map((shard): ShardDecision => {
    const id = subjects.get(shard.path);
    if (id === undefined) return shard;
    return { ...shard, verdict: 'quarantine', released: false, pValue, qValue: pValue, findings: [id] };
  });
}

const held = { verdict: 'quarantine', released: false } as const;

export const released = outcomeOf(shardNames(8));

export const twoBadShards = (() => {
  const names = shardNames(12);
  const findings = [findingOf({ subject: 'shard-003.csv' }), findingOf({ subject: 'shard-007.csv', kind: 'outlier' })];
  return outcomeOf(names, { ...held, findings, shards: hold(names.map(releasedShard), findings) });
})();

export const badSource = (() => {
  const names = shardNames(6);
  const finding = findingOf({ scope: 'source', subject: 'station 5' });
  return outcomeOf(names, {
    ...held,
    findings: [finding],
    shards: names.map((path) => ({
      ...releasedShard(path),
      verdict: 'quarantine',
      released: false,
      findings: [finding.id],
    })),
    sources: Array.from({ length: 8 }, (_, index) => ({
      name: `station ${index}`,
      rows: 38,
      pValue: index === 5 ? 1e-300 : 0.5,
      qValue: index === 5 ? 0 : 0.7,
      condemned: index === 5,
    })),
  });
})();

export const unreadableShard = (() => {
  const names = shardNames(3);
  const finding = findingOf({
    kind: 'integrity',
    subject: 'shard-001.csv',
    pValue: null,
    excessRows: null,
    evidence: { summary: 'The file ends in the middle of a row group.', numbers: {} },
  });
  const sound = outcomeOf(names, {
    ...held,
    findings: [finding],
    shards: hold(names.map(releasedShard), [finding], null),
  });
  return {
    ...sound,
    shards: sound.shards.map((shard) => (shard.path === 'shard-001.csv' ? { ...shard, rows: null } : shard)),
  };
})();

export const observed = outcomeOf(shardNames(2), {
  verdict: 'quarantine',
  mode: 'observe',
  released: true,
  findings: [findingOf({})],
  shards: [{ ...releasedShard('shard-000.csv'), verdict: 'quarantine' }, releasedShard('shard-001.csv')],
});

export const manyShards = (() => {
  const names = Array.from(
    { length: 10_000 },
    (_, index) => `year=2025/month=${(index % 12) + 1}/day=07/part-${String(index).padStart(6, '0')}.parquet`,
  );
  const findings = names.slice(0, 60).map((subject) => findingOf({ subject }));
  const outcome = outcomeOf(names.slice(0, 1), {
    ...held,
    findings,
    shards: hold(names.map(releasedShard), findings),
  });
  return {
    ...outcome,
    shards: names.map((path) => ({ path, uri: `file:///data/${path}`, sha256: digest('d'), rows: ROWS })),
  };
})();

/** What an attacker may put into names and cells. */
export const EVIL = '\u001b[2J\u009b31m\u202e\u200b\u2066gpj.exe\r\nRELEASED\u{e0041}\ud800 `$(id)` <script>';

export const hostile = (() => {
  const path = `${EVIL}.csv`;
  const finding = findingOf({
    subject: path,
    evidence: { summary: `about ${EVIL}`, numbers: { [EVIL]: EVIL } },
    references: [EVIL],
  });
  const outcome = outcomeOf(
    [path],
    {
      ...held,
      findings: [finding],
      sources: [{ name: EVIL, rows: 3, pValue: 0, qValue: 0, condemned: true }],
      shards: hold([releasedShard(path)], [finding]),
    },
    {
      batch: EVIL,
      columns: [
        { name: EVIL, role: 'label', type: EVIL, guessed: true },
        { name: '__proto__', role: 'feature', type: 'Utf8', guessed: true },
      ],
      notes: [EVIL, `${'日本語'.repeat(60)} ${'x'.repeat(300)}`],
      backend: EVIL,
    },
  );
  const values = new Map([
    [EVIL, EVIL],
    ['__proto__', '日本語'.repeat(40)],
  ]);
  return { ...outcome, worstRows: outcome.worstRows.map((row) => ({ ...row, reason: EVIL, values })) };
})();

export const outcomes: readonly (readonly [string, ScanOutcome])[] = [
  ['all released', released],
  ['two bad shards', twoBadShards],
  ['a bad source', badSource],
  ['an unreadable shard', unreadableShard],
  ['observe mode', observed],
  ['10,000 shards', manyShards],
  ['hostile names and values', hostile],
];
