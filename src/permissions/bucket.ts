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
