import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const keys: readonly (readonly [string, KeyObject])[] = [
  ['Ed25519', keyPair().own],
  ['P-256', keyPair('P-256').own],
  ['P-384', keyPair('P-384').own],
  ['RSA', rsa],
];
const bareOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const SEC1 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'der' });

const signing = async (description: object) => {
  await writeFile(at('signing.json'), JSON.stringify(description));
  await writeFile(at('manifest.json'), '{}');
  return taster('manifest', 'sign', at('manifest.json'), '--key', at('signing.json'));
};
const trusting = async (key: string) => {
  await writeFile(
    at('trust.json'),
    JSON.stringify({ version: 1, senders: [{ name: 'acme', key, datasets: ['mail'] }] }),
  );
  return taster('scan', at(), '--trust', at('trust.json'));
};
const configured = async (more: object) => {
  const roots = { incoming: 'in', released: 'out', quarantine: 'held', vault: 'vault' };
  await writeFile(at('config.json'), JSON.stringify({ datasets: { mail: { ...roots, ...more } } }));
  return taster('status', '--config', at('config.json'));
};

/** By what a key is handed in where its path belongs, given in PEM form and in bare base64. */
const misuses: Readonly<Record<string, (pem: string, bare: string) => ReturnType<typeof taster>>> = {
  'as the public key of a command that signs': (pem) => signing({ publicKey: pem, command: ['true'] }),
  'in base64 as the public key of a command that signs': (_, bare) => signing({ publicKey: bare, command: ['true'] }),
  'as the key of a sender': (pem) => trusting(pem),
  'in base64 as the key of a sender': (_, bare) => trusting(bare),
  'in base64 in lines as the key of a sender': (_, bare) => trusting(bare.replace(/.{30}/g, '$&\n')),
  'in base64 as the key of a sender, to the service': async (_, bare) => {
    await trusting(bare);
    return configured({ trust: 'trust.json' });
  },
  'as what the service signs with': (pem) => configured({ sign: pem }),
  'in base64 as what the service signs with': (_, bare) => configured({ sign: bare }),
  'as --key': (pem) => taster('manifest', 'sign', at('manifest.json'), '--key', pem),
  'in base64 as --key': (_, bare) => taster('manifest', 'sign', at('manifest.json'), '--key', bare),
  'in the words of a shell as --key': (pem) =>
    taster('manifest', 'sign', at('manifest.json'), '--key', ...pem.trim().split(/\s/)),
  'where no option belongs': (pem) => taster('manifest', 'sign', pem, pem),
  'as a batch': (_, bare) => taster('manifest', 'verify', bare),
};

/** Of a base64 text, what is no header that all keys of its kind share. */
const secrets = (bare: string) => bare.slice(24).match(/.{8}/g) ?? [];

describe.each(keys)('a private key on %s', (_, key) => {
  it.each(Object.entries(misuses))('%s is refused and not told', async (__, hand) => {
    const bare = bareOf(key);
    const { exitCode, stdout, stderr } = await hand(privatePem(key), bare);
    expect(exitCode).toBeGreaterThan(1);
    expect(stderr).not.toBe('');
    const said = `${stdout}${stderr}`;
    expect(secrets(bare).filter((part) => said.includes(part))).toEqual([]);
  });
});

describe('what is said of a key', () => {
  it('in place of a path names the setting', async () => {
    const [bare, pem] = [bareOf(keyPair().own), privatePem(keyPair().own)];
    expect((await trusting(bare)).stderr).toContain('key of acme: must be the path of a file in PEM form');
    expect((await configured({ sign: bare })).stderr).toContain('datasets.mail: sign: must be the path');
    expect((await signing({ publicKey: pem, command: ['true'] })).stderr).toContain('signing.json: must be the path');
    expect((await trusting(SEC1.toString('base64'))).stderr).toContain('key of acme: must be the path');
  });

  it('by the command that signs with it is left out', async () => {
    const { own, open } = keyPair();
    await writeFile(at('key.pem'), privatePem(own));
    await writeFile(at('key.pub.pem'), publicPem(open));
    const script = 'process.stderr.write(require("node:fs").readFileSync(process.argv[1])); process.exit(7)';
    const command = [process.execPath, '-e', script, at('key.pem')];
    await writeFile(at('kms.json'), JSON.stringify({ publicKey: 'key.pub.pem', command }));
    await writeFile(at('a.csv'), 'x,label\n1,a\n');
    const create = ['manifest', 'create', at('a.csv'), '--dataset', 'mail', '--out', at('sent.json')];
    const { exitCode, stdout, stderr } = await taster(...create, '--key', at('kms.json'));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('ended with 7');
    const bare = (await readFile(at('key.pem'), 'utf8')).split('\n')[1] as string;
    expect(secrets(bare).filter((part) => `${stdout}${stderr}`.includes(part))).toEqual([]);
  });
});
