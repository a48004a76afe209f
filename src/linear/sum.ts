export function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
