/** How many of ascending numbers are less: the place of the first that is not. */
export function lowerBound(ascending: Float64Array | Float32Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
