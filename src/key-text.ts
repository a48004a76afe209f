/** How PKCS#8 and SEC1 of private keys begin in base64: SEQUENCE of one, two or three bytes of length, INTEGER 0 or 1. */
const PRIVATE_DER = String.raw`M(?:[A-H].CAQ[A-H]|I[E-H].AgE[AB]|I[I-L]..[AQgw]IBA)[\w+/=\s-]{40,}`;
const PEM = '-----BEGIN[^]*?(?:-----END[^-]*-----|$)';
const KEY = new RegExp(`${PEM}|${PRIVATE_DER}`, 'g');

/** Whether what should be the path of a file is, or holds, the text of a key. */
export function isKeyText(path: string): boolean {
  return path.includes('\n') || withoutKeys(path) !== path;
}

/** A text as it may be shown: keys in PEM form and private ones in base64 left out. */
export function withoutKeys(text: string): string {
  return text.replace(KEY, '[a key]');
}
