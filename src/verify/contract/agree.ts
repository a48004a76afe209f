import type { Table } from 'apache-arrow';
import { BadInput } from '../../errors.js';
import { isSameKind } from '../schema.js';
import { isTypeChecked } from './check.js';
import type { PinnedContract } from './types.js';

/**
 * The trusted rows must be what the contract says, or no shard could be judged by both.
 * @throws BadInput CONTRACT_INVALID naming every column that they lack or have with another type
 */
export function requireAgreement(trusted: Table, { contract }: PinnedContract, path: string): void {
  const types = new Map(trusted.schema.fields.map(({ name, type }) => [name, type]));
  const problems = contract.columns.flatMap((rule, index) => {
    const { name, role, type } = rule;
    const actual = types.get(name);
    if (actual === undefined) {
      // The source alone may come with the batch: a row is trusted whoever it is from.
      return role === 'source' || rule.optional === true
        ? []
        : [`columns[${index}] ${JSON.stringify(name)} is not in the trusted rows (${path}): remove or rename it`];
    }
    // Stricter than for shards: codes that look like numbers here would be judged as numbers everywhere.
    if (!isTypeChecked(rule) || isSameKind(actual, type)) return [];
    return [
      `columns[${index}].type of ${JSON.stringify(name)} is ${type}, the trusted rows have ${actual}: correct it`,
    ];
  });
  if (problems.length > 0) throw new BadInput('CONTRACT_INVALID', { path: 'contract', detail: problems.join('; ') });
}
