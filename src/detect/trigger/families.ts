/** Items that the same rows carry: the first is the most telling one. Indices into the items. */
export interface ItemGroup {
  readonly leader: number;
  readonly members: readonly number[];
}

/** An item joins a group when so large a part of its carriers carry the leader. */
const SHARED_PART = 0.5;
const MOST_GROUPS = 32;

/** `counts`: carriers by item, the most telling item first; `shared`: i × items + j → rows that carry both, i < j. */
export function groupItems(counts: readonly number[], shared: ReadonlyMap<number, number>): ItemGroup[] {
  const groups: { leader: number; members: number[] }[] = [];
  counts.forEach((count, item) => {
    const own = groups.find(({ leader }) => (shared.get(leader * counts.length + item) ?? 0) >= SHARED_PART * count);
    if (own !== undefined) own.members.push(item);
    else if (groups.length < MOST_GROUPS) groups.push({ leader: item, members: [item] });
  });
  return groups;
}
