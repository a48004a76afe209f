import type { Dataset, ServiceConfig } from '../config/index.js';
import type { Diagnosis, ServiceCheck } from '../schema/index.js';
import { isS3Uri, type ObjectStore } from '../store/index.js';
import { advice, problem } from './check.js';
import { checkHoldRate } from './hold-rate.js';
import { checkRedis } from './redis.js';
import { checkRoleRefused, checkWorkerRefused, type OtherRole } from './refused.js';
import { checkRoots } from './roots.js';
import { checkSigningKey } from './signing-key.js';

export { type BatchEvent, type Following, followBatches, type Waiting } from './follow-batches.js';
export type { OtherRole } from './refused.js';

/** Whom and what a checkup tries beside the worker itself. */
export interface Tried {
  /** The store as other roles see it. */
  readonly others: readonly { readonly role: OtherRole; readonly store: ObjectStore }[];
  /** Prefixes that workers must not write to. */
  readonly protectedRoots: readonly string[];
  /** True where what a worker may too much is a problem, not advice. */
  readonly isStrict?: boolean;
}

/** Checks what the service rests on, its queue and its roots, and tries what must be refused. Never throws for what it finds. */
export async function checkService(
  store: ObjectStore,
  redisUrl: string,
  { datasets }: Pick<ServiceConfig, 'datasets'>,
  { others, protectedRoots, isStrict = false }: Tried = { others: [], protectedRoots: [] },
): Promise<ServiceCheck[]> {
  const excess = isStrict ? problem : advice;
  const checks = await checkRedis(redisUrl);
  for (const dataset of datasets.values()) {
    checks.push(...(await checkRoots(store, dataset, excess)));
    checks.push(...(await checkSigningKey(dataset)));
    checks.push(...(await checkWorkerRefused(store, dataset, protectedRoots, excess)));
    for (const other of others) checks.push(...(await checkRoleRefused(store, other.store, other.role, dataset)));
    checks.push(...(await checkHoldRate(store, dataset)));
  }
  if (![...datasets.values()].some(liesInS3)) checks.push(...others.map(({ role }) => untriedRole(role)));
  return checks;
}

function liesInS3({ incoming, released, quarantine, vault }: Dataset): boolean {
  return [incoming, released, quarantine, vault].some(isS3Uri);
}

function untriedRole(role: OtherRole): ServiceCheck {
  const message = `nothing of what the ${role} must be refused was tried: credentials are for S3, and no root lies there`;
  return problem('datasets', message, `Leave --as ${role}=… out, or name the configuration of a service in S3.`);
}

/** A diagnosis of the machine and of the service on it. */
export function withService(diagnosis: Diagnosis, checks: ServiceCheck[]): Diagnosis {
  const problems = checks.flatMap(({ subject, outcome, message, remedy }) =>
    outcome === 'problem' ? [{ message: `${subject}: ${message}`, remedy: remedy ?? '' }] : [],
  );
  const all = [...diagnosis.problems, ...problems];
  return { ...diagnosis, ready: all.length === 0, problems: all, service: checks };
}
