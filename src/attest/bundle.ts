import type { X509Certificate } from 'node:crypto';
import { type SignedEnvelope, type SigstoreBundle, schemaProblem } from '../schema/index.js';
import { readCertificate } from './certificates.js';
import { fromBase64, openEnvelope, type SignedPayload } from './envelope.js';

/**
 * What a Sigstore bundle holds: a signed payload and certificates that speak for the key, the signer's first.
 * Source: Sigstore bundle format 0.3.
 */
export function openBundle(value: unknown): SignedPayload | { readonly problem: string } {
  const problem = schemaProblem('bundle', value);
  if (problem !== undefined) return { problem };
  const { dsseEnvelope, verificationMaterial } = value as SigstoreBundle;
  const { certificate, x509CertificateChain } = verificationMaterial;
  const opened = openEnvelope(dsseEnvelope);
  if ('problem' in opened) return opened;
  const certificates = (x509CertificateChain?.certificates ?? []).map(({ rawBytes }) => decode(rawBytes));
  if (!certificates.every((one): one is X509Certificate => one !== undefined)) {
    return { problem: 'one of its certificates cannot be read' };
  }
  return { ...opened, certificates, ...(certificate === undefined ? {} : { bundle: value }) };
}

/** An envelope of one key as a bundle, for other implementations. */
export function bundleText({ signatures, ...envelope }: SignedEnvelope): string {
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: signatures[0]?.keyid ?? '' }, tlogEntries: [] },
    dsseEnvelope: { ...envelope, signatures: signatures.map(({ sig }) => ({ sig, keyid: '' })) },
  };
  return `${JSON.stringify(bundle)}\n`;
}

function decode(rawBytes: string): X509Certificate | undefined {
  const der = fromBase64(rawBytes);
  return der && readCertificate(der);
}
