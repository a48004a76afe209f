import type { Finding, ShardDecision, SourceDecision } from '../../decide/types.js';
import type { ScanOutcome } from '../types.js';
import { count, probability, shortPath, whole } from '../wording.js';
import { type Canvas, grid, line, section } from './layout.js';

/** More rows than this do not help to see what is wrong. */
const MOST_ROWS = 20;
/** Of the longest kind of finding, and a comma. */
const WHY_WIDTH = 16;

interface ScopeRow {
  readonly name: string;
  readonly rows: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly bad: boolean;
  readonly fate: string;
  readonly why: string;
}

function drawTable(canvas: Canvas, title: string, rows: readonly ScopeRow[]): string[] {
  const { pen, width } = canvas;
  const fixed = [
    { width: 9, align: 'right' },
    { width: 2 },
    { width: 12 },
    { width: 9 },
    { width: 9 },
    { width: WHY_WIDTH },
  ] as const;
  const nameWidth = width - 2 - fixed.reduce((sum, column) => sum + column.width, 0);
  const header = ['', title, 'rows', '', 'verdict', 'p', 'q', 'why'].map((cell) => pen.dim(cell));
  const body = rows.map((row) => [
    '',
    shortPath(row.name, nameWidth - 1),
    row.rows === null ? '-' : whole(row.rows),
    '',
    row.bad ? pen.red(row.fate) : pen.green(row.fate),
    probability(row.pValue),
    probability(row.qValue),
    row.why,
  ]);
  return grid([header, ...body], [{ width: 2 }, { width: nameWidth }, ...fixed]);
}

/** All rows when they are few; else the bad ones, as many as fit, and how many there are besides. */
function table(canvas: Canvas, noun: string, rows: readonly ScopeRow[], good: string): string[] {
  if (rows.length === 0) return [];
  const bad = rows.filter((row) => row.bad);
  const shown = rows.length <= MOST_ROWS ? rows : bad.slice(0, MOST_ROWS);
  const moreBad = bad.length - shown.filter((row) => row.bad).length;
  const moreGood = rows.length - shown.length - moreBad;
  const more = [
    ...(moreBad > 0 ? [`${count(moreBad, `more ${noun}`)} like these`] : []),
    ...(moreGood > 0 ? [`${count(moreGood, noun)} ${good}`] : []),
  ];
  const lines = shown.length === 0 ? [] : drawTable(canvas, noun, shown);
  return more.length === 0
    ? lines
    : [...lines, ...line(canvas, `${shown.length === 0 ? '' : 'and '}${more.join(', ')}`, 2)];
}

function fateOf({ verdict, released }: ShardDecision): string {
  if (!released) return 'held';
  return verdict === 'quarantine' ? 'would hold' : 'released';
}

export function shardsSection(canvas: Canvas, { decision, shards }: ScanOutcome): string[] {
  const kinds = new Map<string, Finding['kind']>(decision.findings.map(({ id, kind }) => [id, kind]));
  const rows = new Map(shards.map((shard) => [shard.path, shard.rows]));
  const scopes = decision.shards.map((shard): ScopeRow => {
    const why = new Set(shard.findings.flatMap((id) => kinds.get(id) ?? []));
    return {
      name: shard.path,
      rows: rows.get(shard.path) ?? null,
      pValue: shard.pValue,
      qValue: shard.qValue,
      bad: shard.verdict === 'quarantine',
      fate: fateOf(shard),
      why: [...why].join(', '),
    };
  });
  return section(canvas, 'Shards', table(canvas, 'shard', scopes, 'released'));
}

export function sourcesSection(canvas: Canvas, { decision }: ScanOutcome): string[] {
  const scopes = decision.sources.map(({ name, rows, pValue, qValue, condemned }: SourceDecision): ScopeRow => {
    return { name, rows, pValue, qValue, bad: condemned, fate: condemned ? 'condemned' : 'not accused', why: '' };
  });
  return section(canvas, 'Sources', table(canvas, 'source', scopes, 'not accused'));
}
