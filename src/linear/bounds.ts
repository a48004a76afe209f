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

/** How many of ascending numbers are less or equal, when it is known to be `low` at least and `high` at most. */
export function upperBound(ascending: ArrayLike<number>, value: number, low = 0, high = ascending.length): number {
  let [first, end] = [low, high];
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((ascending[middle] as number) <= value) first = middle + 1;
    else end = middle;
  }
  return first;
}
