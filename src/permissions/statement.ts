import { isS3Uri } from '../store/index.js';

/** A statement of a policy of AWS IAM. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What somebody may do below some roots. */
export interface Grant {
  readonly name: string;
  /** `Allow` where left out. */
  readonly effect?: Statement['Effect'];
  readonly actions: readonly string[];
  /** Patterns of paths below the roots; all where left out. */
  readonly objects?: readonly string[];
  /** Prefixes of S3; others are left out. */
  readonly roots: readonly string[];
  /** The value that a tag of an object must have. */
  readonly tag?: { readonly key: string; readonly value: string };
}

const FIND = ['s3:ListBucket', 's3:ListBucketVersions'] as const;

/** Source: Amazon S3 User Guide, "How Amazon S3 works with IAM". */
export function grantStatements({
  name,
  effect: Effect = 'Allow',
  actions,
  objects = ['*'],
  roots,
  tag,
}: Grant): Statement[] {
  const Resource = sorted(
    roots.filter(isS3Uri).flatMap((root) => objects.map((pattern) => `${arnOf(root)}/${pattern}`)),
  );
  if (Resource.length === 0) return [];
  const condition = tag && { Condition: { StringEquals: { [`s3:ExistingObjectTag/${tag.key}`]: tag.value } } };
  return [{ Sid: name, Effect, Action: actions, Resource, ...condition }];
}

/** What somebody may be told of the buckets of some roots. */
export function bucketStatements({ name, actions, roots }: Pick<Grant, 'name' | 'actions' | 'roots'>): Statement[] {
  const Resource = sorted(roots.filter(isS3Uri).map((root) => `arn:aws:s3:::${bucketOf(root)}`));
  return Resource.length === 0 ? [] : [{ Sid: name, Effect: 'Allow', Action: actions, Resource }];
}

/**
 * Lets somebody list what lies below some roots, and that of no other prefix of their buckets; or of the whole buckets, for
 * who asks for objects that may not be there: without s3:ListBucket free of conditions AWS denies what it would call missing.
 */
export function findStatements(roots: readonly string[], { isWhole }: { readonly isWhole: boolean }): Statement[] {
  const all = roots.filter(isS3Uri);
  const buckets = sorted(all.map(bucketOf));
  return buckets.map((bucket, number) => {
    const own = all.filter((root) => bucketOf(root) === bucket);
    const patterns = sorted(own.map((root) => `${escaped(keyOf(root))}/*`.replace(/^\//, '')));
    const isBound = !isWhole && !patterns.includes('*');
    return {
      Sid: `Find${buckets.length === 1 ? '' : number + 1}`,
      Effect: 'Allow',
      Action: FIND,
      Resource: [`arn:aws:s3:::${bucket}`],
      ...(isBound && { Condition: { StringLike: { 's3:prefix': patterns } } }),
    };
  });
}

export function bucketOf(root: string): string {
  return root.slice('s3://'.length).split('/')[0] ?? '';
}

function keyOf(root: string): string {
  return root.slice('s3://'.length).split('/').slice(1).join('/');
}

/** A root may have parts that stand for any name: `*`. */
function arnOf(root: string): string {
  const key = keyOf(root);
  return `arn:aws:s3:::${bucketOf(root)}${key === '' ? '' : `/${escaped(key)}`}`;
}

/** What stands for something else in a policy, but for a whole part of a path. */
function escaped(key: string): string {
  const parts = key.split('/').map((part) => (part === '*' ? part : part.replace(/[*?$]/g, (sign) => `\${${sign}}`)));
  return parts.join('/');
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
