import type { Dataset } from '../config/index.js';
import { isS3Uri } from '../store/index.js';
import { MARKING, READ, VERDICT_TAG } from './policy.js';
import { bucketOf, grantStatements, type Statement } from './statement.js';

/** ARNs of users and roles of AWS IAM, in which * stands for anything. */
export interface Principals {
  readonly trainers: readonly string[];
  /** Who may say by a tag what became of an object. */
  readonly taggers: readonly string[];
}

interface DenyingPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly (Statement & { readonly Principal: '*' })[];
}

/** Whoever it is asked of is told by the request itself: who was deleted and made anew is still meant. */
const WHO = 'aws:PrincipalArn';

/**
 * What no policy of a user or role takes back, by bucket: that trainers read nothing of what arrives in place but what has
 * the tag `released`, and that nobody but the taggers sets a tag there, on its own or with an upload.
 * Source: AWS IAM User Guide, "Policy evaluation logic"; a condition that negates holds where there is no such tag.
 */
export function bucketPolicies(
  datasets: readonly Dataset[],
  { trainers, taggers }: Principals,
): Map<string, DenyingPolicy> {
  const roots = datasets.filter(({ placement }) => placement === 'in-place').map(({ incoming }) => incoming);
  const buckets = [...new Set(roots.filter(isS3Uri).map(bucketOf))].sort();
  return new Map(
    buckets.map((bucket) => {
      const own = roots.filter((root) => bucketOf(root) === bucket);
      const untagged = { [`s3:ExistingObjectTag/${VERDICT_TAG.key}`]: VERDICT_TAG.released };
      const Statement = [
        ...denied('ReadOnlyReleased', READ, own, { ArnLike: { [WHO]: trainers }, StringNotEquals: untagged }),
        ...denied('TagByTasterAlone', MARKING, own, { ArnNotLike: { [WHO]: taggers } }),
      ];
      return [bucket, { Version: '2012-10-17', Statement }];
    }),
  );
}

function denied(
  name: string,
  actions: readonly string[],
  roots: readonly string[],
  Condition: NonNullable<Statement['Condition']>,
) {
  const statements = grantStatements({ name, effect: 'Deny', actions, roots });
  return statements.map((statement) => ({ ...statement, Principal: '*' as const, Condition }));
}

/** What AWS IAM lets be one value or several. */
type OneOrMore = string | readonly string[];

interface Told {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/**
 * What of `bucketPolicies` the policy of the bucket of a dataset in place does not deny, whoever its trainers and taggers are, by
 * the names of its statements.
 */
export function missingDenials(policy: string | null | undefined, dataset: Dataset): string[] {
  const statements = typeof policy === 'string' ? statementsIn(policy) : [];
  const [wanted] = bucketPolicies([dataset], { trainers: [], taggers: [] }).values();
  const missing = (wanted?.Statement ?? []).filter((one) => !statements.some((statement) => denies(statement, one)));
  return missing.map(({ Sid }) => Sid);
}

function statementsIn(policy: string): readonly Told[] {
  try {
    const { Statement = [] } = JSON.parse(policy) as { readonly Statement?: Told | readonly Told[] };
    return [Statement].flat();
  } catch {
    return []; // What nobody can read denies nothing that anybody could rely on.
  }
}

/** No condition but those that are wanted: with another it would deny less. */
function denies({ Effect, Principal, Action, Resource, Condition = {} }: Told, wanted: Statement): boolean {
  const isOfAll = Principal === '*' || JSON.stringify(Principal) === '{"AWS":"*"}';
  const coversAll = (told: OneOrMore = [], all: readonly string[]) =>
    all.every((one) => [told].flat().some((pattern) => patternOf(pattern).test(one)));
  return (
    Effect === 'Deny' &&
    isOfAll &&
    coversAll(Action, wanted.Action) &&
    coversAll(Resource, wanted.Resource) &&
    textOf(Condition) === textOf(wanted.Condition ?? {})
  );
}

/** Conditions without the principals whom they are about. */
function textOf(condition: NonNullable<Told['Condition']>): string {
  const told = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => [operator, key, key === WHO ? '' : [values].flat().join()]),
  );
  return JSON.stringify(told.sort());
}

function patternOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
