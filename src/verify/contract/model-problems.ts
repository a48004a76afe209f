import type { ContractModel } from '../../schema/index.js';
import { cellsOf, type PlacedColumn } from './problems.js';

/** A model and its place in the contract. */
export interface PlacedModel {
  readonly index: number;
  readonly model: ContractModel;
}

/** Everything in a contract's models that its schema cannot say. */
export function modelProblems(models: readonly PlacedModel[], columns: readonly PlacedColumn[]): string[] {
  const taken = new Set(columns.map(({ column: { name } }) => name));
  const judges = columns
    .filter(({ column: { role } }) => role === 'pred_probs')
    .map(({ index }) => `columns[${index}]`);
  return models.flatMap(({ index, model }) => {
    const isTaken = taken.has(model.name);
    taken.add(model.name);
    if (model.output === 'pred_probs') judges.push(`models[${index}]`);
    const isSecond = model.output === 'pred_probs' && judges.length > 1;
    const problems = [
      ...(isTaken ? ['.name is that of a column or another model: choose another'] : []),
      ...(isSecond ? [`.output: ${judges.join(' and ')} give pred_probs: keep one of them`] : []),
      ...(model.classes !== undefined && model.output !== 'pred_probs'
        ? ['.classes suit pred_probs only: remove them']
        : []),
      ...(isInside(model.path) ? [] : ['.path must be relative to the folder of the contract and stay inside it']),
      ...inputProblems(model, columns),
    ];
    return problems.map((problem) => `models[${index}]${problem} (model ${JSON.stringify(model.name)})`);
  });
}

/** Links are looked at when the files are read. */
function isInside(path: string): boolean {
  return !/^[/~]|^[A-Za-z]:|\\|\0/.test(path) && !path.split('/').includes('..');
}

function inputProblems({ inputs }: ContractModel, columns: readonly PlacedColumn[]): string[] {
  const named = new Map(columns.map(({ column }) => [column.name, column]));
  const unknown = inputs.filter((name) => !named.has(name));
  if (unknown.length > 0)
    return [`.inputs: the contract has no column ${unknown.join(', ')}: add it, with role ignore at least`];
  const cells = inputs.map((name) => cellsOf(named.get(name)?.type ?? ''));
  const areNumbers = cells.every((one) => one === 'number');
  const isOneList = cells.length === 1 && cells[0] === 'list';
  const optional = inputs.filter((name) => named.get(name)?.optional === true);
  return [
    ...(areNumbers || isOneList ? [] : ['.inputs must be numbers, or one column of lists of numbers']),
    ...optional.map(
      (name) => `.inputs: column ${name} is optional and a shard without it cannot be judged: remove optional`,
    ),
  ];
}
