import { describe, expect, it } from 'vitest';
import {
  type Approval,
  approvalPayload,
  checkApproval,
  countedSigners,
  openApproval,
  signedBy,
} from '../../src/attest/index.js';
import type { ApprovableKind } from '../../src/schema/index.js';
import { keyPair, trust, trusted } from './keys.js';

const [ann, bob, eve] = [keyPair(), keyPair('P-256'), keyPair()];
const now = Date.parse('2026-03-01T00:00:00Z');
const sha256 = 'a'.repeat(64);
const kinds = new Set<ApprovableKind>(['baseline', 'policy']);
const approver = (key: typeof ann, rest: Partial<ReturnType<typeof trusted>> = {}) => ({
  ...trusted(key.open, { name: 'ann', ...rest }),
  kinds,
});
const policy = (signatures: number, ...approvers: ReturnType<typeof approver>[]) =>
  trust({ approvers, requireApproval: { baseline: { signatures, fromVersion: 2 } } });
const both = policy(2, approver(ann), approver(bob, { name: 'bob' }));
const good: Approval = { kind: 'baseline', dataset: 'weather', version: 2, sha256, first: 'b'.repeat(64) };

function signed(approval: Approval, keys: readonly (typeof ann)[], created = new Date(now)): Buffer {
  const payload = approvalPayload(approval, 'weather.taster', created);
  let text = '';
  for (const { own } of keys) {
    const earlier = text === '' ? undefined : openApproval(Buffer.from(text));
    text = signedBy(payload, own, earlier !== undefined && 'signed' in earlier ? earlier.signed : undefined);
  }
  return Buffer.from(text);
}

const check = (content: Uint8Array | undefined, by = both) =>
  checkApproval(content, { trust: by, kind: 'baseline', dataset: 'weather', sha256, now });

describe('an approval', () => {
  it('counts when so many of those have signed it whom the trust policy names', () => {
    expect(check(signed(good, [ann, bob]))).toEqual({ ...good, signers: ['ann', 'bob'] });
  });

  it('tells of those whose signatures count, be they too few, and of nobody else', () => {
    const counted = (by: typeof both) =>
      countedSigners(signed(good, [ann, bob, eve]), { trust: by, kind: 'baseline', dataset: 'weather', sha256, now });
    const bobs = approver(bob, { name: 'bob' });
    expect(counted(policy(3, approver(ann), bobs))).toEqual(['ann', 'bob']);
    expect(counted(policy(2, approver(ann, { isRevoked: true }), bobs))).toEqual(['bob']);
    expect(counted(policy(2, approver(ann, { datasets: ['snow'] })))).toEqual([]);
  });

  it('is given once by each key, however often it signs', () => {
    const again = openApproval(signed(good, [ann, bob, ann]));
    expect('signed' in again && again.signed.envelope.signatures).toHaveLength(2);
  });

  it.each<[string, string, () => Uint8Array | undefined, typeof both?]>([
    ['none', 'nobody has signed it', () => undefined],
    ['no JSON', 'no signed statement', () => Buffer.from('x')],
    ['of one key', 'it takes signatures of 2 keys and has 1', () => signed(good, [ann])],
    [
      'of one key under two names',
      'it takes signatures of 2 keys and has 1',
      () => signed(good, [ann]),
      policy(2, approver(ann), approver(ann, { name: 'bob' })),
    ],
    ['of a stranger', 'nobody who may sign a baseline', () => signed(good, [eve])],
    [
      'of one who may sign contracts only',
      'nobody who may sign a baseline',
      () => signed(good, [ann]),
      policy(1, { ...approver(ann), kinds: new Set<ApprovableKind>(['contract']) }),
    ],
    ['of a revoked key', 'is revoked', () => signed(good, [ann]), policy(1, approver(ann, { isRevoked: true }))],
    [
      'of a key for another dataset',
      'does not count for dataset',
      () => signed(good, [ann]),
      policy(1, approver(ann, { datasets: ['snow'] })),
    ],
    ['of another file', 'has the digest', () => signed({ ...good, sha256: 'c'.repeat(64) }, [ann, bob])],
    ['for another dataset', 'for dataset snow', () => signed({ ...good, dataset: 'snow' }, [ann, bob])],
    ['of another kind', 'signed as a policy', () => signed({ ...good, kind: 'policy', first: null }, [ann, bob])],
    ['of an old version', 'takes 2 or later', () => signed({ ...good, version: 1, first: sha256 }, [ann, bob])],
    ['without the first baseline', 'does not fit its kind', () => signed({ ...good, first: null }, [ann, bob])],
    ['from the future', 'yet to come', () => signed(good, [ann, bob], new Date(now + 3_600_000))],
  ])('does not count when it is %s', (_, problem, content, by = both) => {
    expect(check(content(), by)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});
