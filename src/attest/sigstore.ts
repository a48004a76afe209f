import { createRequire } from 'node:module';
import type { TrustMaterial } from '@sigstore/verify';
import { covers } from './names.js';

/** Whoever logged in under an identity when signing, by what Sigstore's authorities and logs say. */
export interface SigstoreAuthority {
  readonly material: TrustMaterial;
  /** A last * stands for any ending. */
  readonly identity: string;
  /** Where the signer logged in, in full. */
  readonly issuer: string;
}

// Loaded when first asked for: most scans see no such signature.
const load = createRequire(import.meta.url);

/** What a trusted_root.json says, or undefined where it is none. */
export function readTrustedRoot(value: unknown): TrustMaterial | undefined {
  const { TrustedRoot } = load('@sigstore/protobuf-specs') as typeof import('@sigstore/protobuf-specs');
  const { toTrustMaterial } = load('@sigstore/verify') as typeof import('@sigstore/verify');
  try {
    const root = TrustedRoot.fromJSON(value);
    return root.certificateAuthorities.length === 0 ? undefined : toTrustMaterial(root);
  } catch {
    return undefined;
  }
}

/**
 * Who has signed the bundle, where it is the identity, while its certificate was valid, as a transparency log bears witness.
 */
export function signedAs(bundle: unknown, { material, identity, issuer }: SigstoreAuthority): string | undefined {
  const { bundleFromJSON } = load('@sigstore/bundle') as typeof import('@sigstore/bundle');
  const { toSignedEntity, Verifier } = load('@sigstore/verify') as typeof import('@sigstore/verify');
  try {
    const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 1, tsaThreshold: 0 });
    const signer = verifier.verify(toSignedEntity(bundleFromJSON(bundle))).identity;
    const name = signer?.subjectAlternativeName;
    const isMeant = name !== undefined && covers([identity], name) && signer?.extensions?.issuer === issuer;
    return isMeant ? name : undefined;
  } catch {
    // The library throws for everything that keeps a signature from counting.
    return undefined;
  }
}
