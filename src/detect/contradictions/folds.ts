/** Rows are judged by models of the folds that they are not in. */
export const FOLDS = 4;
const PRIME = 2_147_483_647;

/** By what rows carry, whatever their order: copies share a fold, and a row has the same wherever it is met. */
export function foldOf(visitIds: (visit: (id: number) => void) => void): number {
  const known = new Set<number>();
  visitIds((id) => known.add(id));
  let sum = 0;
  for (const id of known) sum = (sum + (id % PRIME)) % PRIME;
  return sum % FOLDS;
}

export function foldsOf(rows: number, visitIds: (row: number, visit: (id: number) => void) => void): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => foldOf((visit) => visitIds(row, visit)));
}
