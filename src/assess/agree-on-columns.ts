import { type NamedColumns, roleAsNamed, roleByName } from '../encode/index.js';
import { holdsSameKind, kindOf } from '../verify/index.js';
import type { SampledShard } from './sample-rows.js';

/** What the columns of a batch are when nobody has said it: those of most shards. */
export interface ColumnAgreement {
  /** Columns that all agreeing shards have. */
  readonly names: readonly string[];
  /** Has the shard, by its place among the sampled ones, all columns of most shards? */
  isAgreed(shard: number): boolean;
}

/** A column counts when more than half of the readable shards have it; its type is the one of the kind that most have. */
export function agreeOnColumns(sampled: readonly SampledShard[], named: NamedColumns): ColumnAgreement {
  const readable = sampled.filter(({ fault }) => fault === null);
  const votes = new Map<string, string[]>();
  for (const { columns } of readable) {
    for (const { name, type } of columns) votes.set(name, [...(votes.get(name) ?? []), type]);
  }
  const agreed = [...votes].filter(([, types]) => 2 * types.length > readable.length);
  const typeOf = new Map(agreed.map(([name, types]) => [name, commonest(types)]));
  const isJudgedBy = (name: string) => {
    const role = roleAsNamed(name, named) ?? roleByName(name);
    return role === undefined || role === 'label';
  };
  const agrees = ({ fault, columns }: SampledShard) => {
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    return (
      fault === null &&
      [...typeOf].every(([name, type]) => {
        const actual = types.get(name);
        if (actual === undefined) return !isJudgedBy(name);
        return roleByName(name) === 'label' || name === named.label || holdsSameKind(actual, type);
      })
    );
  };
  const agreeing = sampled.map(agrees);
  const names = [...typeOf.keys()].filter((name) =>
    sampled.every(({ columns }, shard) => !agreeing[shard] || columns.some((column) => column.name === name)),
  );
  return { names, isAgreed: (shard) => agreeing[shard] ?? false };
}

/** The first type of the commonest kind; nulls count only where there is nothing else. */
function commonest(types: readonly string[]): string {
  const filled = types.filter((type) => type !== 'Null');
  const counts = new Map<string, number>();
  for (const type of filled) counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return filled.find((type) => counts.get(kindOf(type)) === most) ?? 'Null';
}
