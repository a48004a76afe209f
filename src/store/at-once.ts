/** Requests to a store take longer to travel than to be answered; more at once would not be answered sooner. */
const AT_ONCE = 16;

/**
 * What `work` makes of each item, in their order, `most` of them at the same time. After a failure nothing more is begun.
 * @throws the first failure, once what was begun has ended
 */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  most = AT_ONCE,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const rest = items.entries();
  const lane = async () => {
    for (const [index, item] of rest) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: most }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
