import { describe, expect, it } from 'vitest';
import { BadInput } from '../../src/errors.js';
import { requireApproval } from '../../src/verify/index.js';
import { trust } from '../attest/keys.js';

const demand = { trust: trust({ requireApproval: { baseline: {} } }), dataset: 'weather' };
const file = { kind: 'baseline', sha256: 'a'.repeat(64) } as const;

function remedyFor(more: { readonly path: string; readonly isKept?: boolean }): string {
  try {
    requireApproval({ ...file, ...more }, demand, undefined);
  } catch (error) {
    if (error instanceof BadInput) return error.remedy;
  }
  return '';
}

describe('what is said to do about a baseline that nobody has signed', () => {
  it('is to sign it where it lies on disk', () => {
    expect(remedyFor({ path: './b.taster' })).toContain('`taster sign ./b.taster --kind baseline --dataset weather');
  });

  it('is to sign a copy of an object, as keys sign files', () => {
    const remedy = remedyFor({ path: 's3://lake/b.taster' });
    expect(remedy).toContain('`taster sign <copy of it> --kind baseline');
    expect(remedy).toContain('Put what that writes at s3://lake/b.taster.sig.');
  });

  it('is not to sign what the service keeps', () => {
    const remedy = remedyFor({ path: 'version 3', isKept: true });
    expect(remedy).not.toContain('taster sign');
    expect(remedy).toContain('`taster baseline promote` proposes another one');
  });
});
