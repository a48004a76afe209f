import type { Table, Vector } from 'apache-arrow';
import { someOf } from '../../count.js';
import type { Contract, ContractColumn } from '../../schema/index.js';
import { holdsSameKind } from '../schema.js';
import { shorten, wholeBreach } from './breach.js';
import {
  type CheckedColumn,
  checkCategories,
  checkedColumn,
  checkLength,
  checkNulls,
  checkRange,
  checkSize,
} from './constraints.js';
import type { ContractBreach } from './types.js';

type Check = (checked: CheckedColumn, rule: ContractColumn) => ContractBreach | undefined;

const checks: readonly Check[] = [checkNulls, checkRange, checkCategories, checkLength, checkSize];

/** Everything in which a table departs from the contract, in the order of the contract's columns. */
export function checkContract(table: Table, contract: Contract): ContractBreach[] {
  const columns = new Map(table.schema.fields.map(({ name }, index) => [name, table.getChildAt(index) as Vector]));
  const breaches = contract.columns.flatMap((rule) => checkColumn(columns.get(rule.name), rule, table.numRows));
  return [...breaches, ...checkUnexpected(table, contract)];
}

function checkColumn(column: Vector | undefined, rule: ContractColumn, rows: number): ContractBreach[] {
  const { name, role, type } = rule;
  if (column === undefined) {
    return rule.optional === true
      ? []
      : [wholeBreach(name, 'missing', rows, `column ${name} (${role}) is missing, the contract asks for it`)];
  }
  if (isTypeChecked(rule) && !holdsSameKind(String(column.type), type)) {
    return [wholeBreach(name, 'type', rows, `column ${name} is ${column.type}, the contract says ${type}`)];
  }
  const checked = checkedColumn(column);
  return checks
    .map((check) => check(checked, rule))
    .filter((breach) => breach !== undefined)
    .map((breach) => inColumn(name, breach));
}

function inColumn(name: string, breach: ContractBreach): ContractBreach {
  const { summary, withoutCells } = breach;
  return {
    ...breach,
    summary: `column ${name}: ${summary}`,
    ...(withoutCells === undefined ? {} : { withoutCells: `column ${name}: ${withoutCells}` }),
  };
}

/** Labels are compared as text, whatever their type; what is ignored may be anything. */
export function isTypeChecked({ role, type }: ContractColumn): boolean {
  return role !== 'label' && role !== 'ignore' && type !== 'Null';
}

/** One breach for all: a shard of ten thousand columns must not make ten thousand findings. */
function checkUnexpected(table: Table, contract: Contract): ContractBreach[] {
  const known = new Set([...contract.columns, ...(contract.models ?? [])].map(({ name }) => name));
  const names = table.schema.fields.map(({ name }) => name).filter((name) => !known.has(name));
  if (names.length === 0) return [];
  const shown = someOf(names.map(shorten));
  const summary = `the contract does not name ${names.length === 1 ? 'column' : 'columns'} ${shown}`;
  return [wholeBreach(shown, 'unexpected', table.numRows, summary)];
}

/** Does the breach hold a shard? What was only inferred advises, except where the table has another shape. */
export function holds({ constraint }: ContractBreach, isAdvisory: boolean): boolean {
  if (constraint === 'unexpected') return false;
  return !isAdvisory || constraint === 'missing' || constraint === 'type';
}
