import { type Contract, type ContractColumn, type ContractModel, contractProblems } from '../../schema/index.js';
import { contractDigest } from './digest.js';
import { modelProblems, type PlacedModel } from './model-problems.js';
import { contradictions, type PlacedColumn } from './problems.js';
import type { PinnedContract } from './types.js';

/**
 * The contract a value is, or in words everything that is wrong with it; `folder` is where the paths of its models
 * begin.
 */
export function parseContract(
  value: unknown,
  folder: string | null = null,
): { readonly contract: PinnedContract } | { readonly problems: string[] } {
  const columns = wellFormedColumns(value);
  const problems = [
    ...contractProblems(value),
    ...contradictions(columns),
    ...modelProblems(wellFormedModels(value), columns),
  ];
  return problems.length > 0 ? { problems } : { contract: pinContract(value as Contract, folder) };
}

/** One column that breaks the schema must not hide what the others contradict. */
function wellFormedColumns(value: unknown): PlacedColumn[] {
  return wellFormed<ContractColumn>(value, 'columns', (column) => ({ columns: [column] })).map(({ index, member }) => ({
    index,
    column: member,
  }));
}

function wellFormedModels(value: unknown): PlacedModel[] {
  const column = { name: '', type: 'Utf8', role: 'ignore' };
  return wellFormed<ContractModel>(value, 'models', (model) => ({ columns: [column], models: [model] })).map(
    ({ index, member }) => ({ index, model: member }),
  );
}

function wellFormed<Member>(
  value: unknown,
  key: 'columns' | 'models',
  alone: (member: unknown) => object,
): { index: number; member: Member }[] {
  const members: unknown = (value as Readonly<Record<string, unknown>> | null)?.[key];
  if (!Array.isArray(members)) return [];
  return members.flatMap((member: unknown, index) =>
    contractProblems({ version: 1, ...alone(member) }).length === 0 ? [{ index, member: member as Member }] : [],
  );
}

function pinContract(contract: Contract, folder: string | null): PinnedContract {
  const sha256 = contractDigest(contract);
  const { columns, models = [] } = contract;
  return {
    contract,
    roles: new Map(
      [...columns, ...models.map(({ name, output }) => ({ name, role: output }))].map(({ name, role }) => [name, role]),
    ),
    classes: new Map(
      [...columns, ...models].flatMap(({ name, classes }) => (classes ? [[name, classes.map(String)]] : [])),
    ),
    sha256,
    folder,
    isAdvisory: contract.inferred === sha256,
  };
}
