import { type Contract, type ContractColumn, contractProblems } from '../../schema/index.js';
import { contractDigest } from './digest.js';
import { contradictions, type PlacedColumn } from './problems.js';
import type { PinnedContract } from './types.js';

/** The contract a value is, or in words everything that is wrong with it. */
export function parseContract(value: unknown): { readonly contract: PinnedContract } | { readonly problems: string[] } {
  const problems = [...contractProblems(value), ...contradictions(wellFormedColumns(value))];
  return problems.length > 0 ? { problems } : { contract: pinContract(value as Contract) };
}

/** One column that breaks the schema must not hide what the others contradict. */
function wellFormedColumns(value: unknown): PlacedColumn[] {
  const columns: unknown = (value as { readonly columns?: unknown } | null)?.columns;
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column: unknown, index) =>
    contractProblems({ version: 1, columns: [column] }).length === 0
      ? [{ index, column: column as ContractColumn }]
      : [],
  );
}

function pinContract(contract: Contract): PinnedContract {
  const sha256 = contractDigest(contract);
  return {
    contract,
    roles: new Map(contract.columns.map(({ name, role }) => [name, role])),
    classes: new Map(contract.columns.flatMap(({ name, classes }) => (classes ? [[name, classes.map(String)]] : []))),
    sha256,
    isAdvisory: contract.inferred === sha256,
  };
}
