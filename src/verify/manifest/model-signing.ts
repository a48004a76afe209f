import { createHash } from 'node:crypto';
import { type ModelSigningStatement, schemaProblem } from '../../schema/index.js';
import type { Claim } from './types.js';

export const MODEL_SIGNING = 'https://model_signing/signature/v1.0';

/** What a statement of OpenSSF Model Signing claims, or what is wrong with it. It names neither dataset nor time. */
export function readModelSigning(value: unknown): { readonly claim: Claim } | { readonly problem: string } {
  const problem = schemaProblem('model-signing', value);
  if (problem !== undefined) return { problem };
  const { subject, predicate } = value as ModelSigningStatement;
  const { resources } = predicate;
  if (subject[0]?.digest.sha256 !== digestOfDigests(resources.map(({ digest }) => digest))) {
    return { problem: 'its digest of the whole is not that of its files' };
  }
  return {
    claim: {
      shards: resources.map(({ name, algorithm, digest }) => ({ name, digest: { [algorithm]: digest } })),
      ignores: predicate.serialization.ignore_paths ?? [],
    },
  };
}

/** The same as a statement for its verifier: files in code-unit order, and what lies beside them and is not signed. */
export function modelSigningStatement(
  name: string,
  shards: readonly { readonly path: string; readonly sha256: string }[],
  ignored: readonly string[],
): ModelSigningStatement {
  const resources = [...shards]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => ({ name: path, algorithm: 'sha256', digest: sha256 }));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256: digestOfDigests(resources.map(({ digest }) => digest)) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [...ignored] },
      resources,
    },
  };
}

function digestOfDigests(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(digest, 'hex');
  return hash.digest('hex');
}
