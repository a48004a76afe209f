import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../../src/attest/index.js';
import { sha256Of } from '../../../src/store/index.js';
import { checkProvenance } from '../../../src/verify/index.js';
import { keyPair, trust, trusted } from '../../attest/keys.js';

const read = (name: string) => readFileSync(new URL(`certified/${name}`, import.meta.url));
/** `openssl pkey -pubout` of the signer's key, through `sha256sum`. */
const KEY = 'd8850feffb6fe9f3b34c270b7bbaec80e2e07f5a69b5988ba44381f67643fc82';
const root = readCertificate(read('root.pem').toString());
if (root === undefined) throw new Error('the certificate cannot be read');
const shard = { path: 'a.csv', sha256: sha256Of('x,label\n1,a\n'), bytes: 12, rows: 1, sources: [] };

function checked(identity: string) {
  const anchor = trusted(keyPair().open, { name: 'lab', key: { root: root!, identity } });
  const expected = { trust: trust({ senders: [anchor] }), dataset: 'weather', batch: 'batch', now: Date.now() };
  const { manifest, provenance } = checkProvenance(read('model.sig'), [shard], expected);
  return { signatures: manifest?.signatures, reasons: provenance.batch.map(({ reason }) => reason) };
}

describe('a manifest under the signature of a certified key', () => {
  it.each(['data@lab.example', 'data@*'])('says which key and which identity that was: %s', (identity) => {
    const signatures = [{ signer: 'lab', key: KEY, identities: ['data@lab.example'] }];
    expect(checked(identity)).toEqual({ signatures, reasons: [] });
  });

  it('is nobody’s where the certificate names another', () => {
    expect(checked('lab')).toEqual({ signatures: [], reasons: ['unknown-key'] });
  });
});
