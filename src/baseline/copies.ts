import type { CopyGroups } from '../linear/index.js';

/** Groups rows of equal digests; `distinct` holds the first row of each group, in digest order. */
export function groupCopies(digests: Float64Array): { copies: CopyGroups; distinct: Int32Array } {
  const groups = new Map<number, number>();
  const first: number[] = [];
  const sizes: number[] = [];
  const groupOf = Int32Array.from(digests, (digest, row) => {
    let group = groups.get(digest);
    if (group === undefined) {
      group = groups.size;
      groups.set(digest, group);
      first.push(row);
      sizes.push(0);
    }
    sizes[group] = (sizes[group] as number) + 1;
    return group;
  });
  const distinct = Int32Array.from(first).sort((a, b) => (digests[a] as number) - (digests[b] as number));
  return { copies: { groupOf, sizes: Int32Array.from(sizes) }, distinct };
}
