import type { Table } from 'apache-arrow';
import { type ContractBreach, checkContract, holds, type PinnedContract } from '../verify/index.js';
import type { ShardFault } from './types.js';

/** In what a shard departs from the contract; columns `known` to be missing or of another type are not named twice. */
export function contractFaults(
  table: Table,
  contract: PinnedContract | undefined,
  known: ReadonlySet<string> = new Set(),
): ShardFault[] {
  if (contract === undefined) return [];
  const isNew = ({ column, constraint }: ContractBreach) =>
    !known.has(column) || (constraint !== 'missing' && constraint !== 'type');
  return checkContract(table, contract.contract)
    .filter(isNew)
    .map((breach) => toFault(breach, contract.isAdvisory));
}

function toFault(breach: ContractBreach, isAdvisory: boolean): ShardFault {
  const { column, constraint, rows, firstRows, summary, withoutCells } = breach;
  const numbers = { column, constraint, rows };
  const shown = firstRows.map(({ row, value }) => `row ${row}: ${value}`).join('; ');
  return {
    kind: 'schema',
    summary,
    numbers: shown === '' ? numbers : { ...numbers, firstRows: shown },
    ...(withoutCells === undefined ? {} : { withoutCells: { summary: withoutCells, numbers } }),
    holds: holds(breach, isAdvisory),
  };
}
