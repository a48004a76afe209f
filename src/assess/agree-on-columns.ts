import { type NamedColumns, type Role, roleAsNamed, roleByName } from '../encode/index.js';
import { holdsSameKind, kindOf } from '../verify/index.js';
import type { SampledShard } from './sample-rows.js';

/** What the columns of a batch are when nobody has said it: those of most shards. */
export interface ColumnAgreement {
  /** Columns that all agreeing shards have. */
  readonly names: readonly string[];
  /** Has the shard, by its place among the sampled ones, all columns of most shards? */
  isAgreed(shard: number): boolean;
}

/** Roles that a shard may lack, unless a model looks at the column. */
const SPARED = new Set(['source', 'group', 'id', 'ignore']);

/**
 * A column counts when more than half of the readable shards have it; its type is one of the kind that most of the
 * shards with all such columns have.
 */
export function agreeOnColumns(sampled: readonly SampledShard[], named: NamedColumns): ColumnAgreement {
  const typesOf = sampled.map(({ columns }) => new Map(columns.map(({ name, type }) => [name, type])));
  const readable = [...sampled.keys()].filter((shard) => sampled[shard]?.fault === null);
  const common = commonNames(readable.map((shard) => typesOf[shard] ?? new Map()));
  const inputs = new Set((named.contract?.contract.models ?? []).flatMap((model) => model.inputs));
  const isJudgedBy = (name: string) => inputs.has(name) || !SPARED.has(roleOf(name, named) ?? '');
  const whole = readable.filter((shard) => [...common].every((name) => typesOf[shard]?.has(name) || !isJudgedBy(name)));
  const typed = [...common]
    .filter((name) => isJudgedBy(name) && roleOf(name, named) !== 'label')
    .map((name) => ({ name, type: commonest(whole.map((shard) => typesOf[shard]?.get(name) ?? 'Null')) }));
  const agreeing = new Set(
    whole.filter((shard) => typed.every(({ name, type }) => holdsSameKind(typesOf[shard]?.get(name) ?? 'Null', type))),
  );
  const [first = 0] = agreeing;
  const names = [...(typesOf[first]?.keys() ?? [])].filter(
    (name) => common.has(name) && [...agreeing].every((shard) => typesOf[shard]?.has(name)),
  );
  return { names, isAgreed: (shard) => agreeing.has(shard) };
}

function roleOf(name: string, named: NamedColumns): Role | undefined {
  return roleAsNamed(name, named) ?? roleByName(name);
}

/** Names in more than half of the shards. */
function commonNames(shards: readonly ReadonlyMap<string, string>[]): Set<string> {
  const counts = new Map<string, number>();
  for (const columns of shards) for (const name of columns.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => 2 * count > shards.length).map(([name]) => name));
}

/** The first type of the commonest kind; nulls count only where there is nothing else. */
function commonest(types: readonly string[]): string {
  const filled = types.filter((type) => type !== 'Null');
  const counts = new Map<string, number>();
  for (const type of filled) counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return filled.find((type) => counts.get(kindOf(type)) === most) ?? 'Null';
}
