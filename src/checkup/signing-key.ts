import { type Dataset, loadSigningKey } from '../config/index.js';
import type { ServiceCheck } from '../schema/index.js';
import { fine, orProblem } from './check.js';

/** Whether the key that a worker signs verdicts with can be read. */
export function checkSigningKey({ name, signingKey }: Pick<Dataset, 'name' | 'signingKey'>): Promise<ServiceCheck[]> {
  const subject = `datasets.${name}.sign`;
  return orProblem(subject, async () => {
    if (signingKey === null) return [];
    loadSigningKey(signingKey);
    return [fine(subject, `${signingKey} can be signed with`)];
  });
}
