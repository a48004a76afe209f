/** A statement of a role's policy. */
export interface Said {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** The name of a role's user: short, as the server keeps no long policy. */
export const userOf = (role: string) => role.slice(0, 3);

/** A bucket's policy that lets each user do what is said of it there. */
export function bucketPolicy(bucket: string, statements: readonly (readonly [role: string, Said])[]): string {
  const arn = `arn:aws:s3:::${bucket}`;
  const own = statements.map(([role, { Resource, ...rest }]) => {
    const there = Resource.filter((one) => `${one}/`.startsWith(`${arn}/`));
    return [userOf(role), { ...rest, Resource: there }] as const;
  });
  return JSON.stringify({ Version: '2012-10-17', Statement: joined(own) });
}

/** What several may alike is said once, and what some may of several prefixes: the server keeps no long policy. */
function joined(statements: readonly (readonly [user: string, Said])[]): Said[] {
  const single = statements.flatMap(([role, { Action, Resource, ...rest }]) =>
    Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource, rest }))),
  );
  const byRule = alike(single, ({ action, resource, rest }) => [action, resource, rest]).map((same) => ({
    ...same[0]!,
    AWS: same.map(({ role }) => role),
  }));
  const byAction = alike(byRule, ({ AWS, action, rest }) => [AWS, action, rest]).map((same) => ({
    ...same[0]!,
    Resource: same.map(({ resource }) => resource),
  }));
  return alike(byAction, ({ AWS, Resource, rest }) => [AWS, Resource, rest]).map((same) => ({
    ...same[0]!.rest,
    Principal: { AWS: same[0]!.AWS },
    Action: same.map(({ action }) => action),
    Resource: same[0]!.Resource,
  }));
}

function alike<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}
