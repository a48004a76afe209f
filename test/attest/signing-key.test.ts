import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openEnvelope, seal, signersOf } from '../../src/attest/index.js';
import { loadSigningKey } from '../../src/config/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { keyPair, privatePem, publicPem, trusted } from './keys.js';

const at = temporaryFolder();
const key = keyPair('P-256');
const sign = `
  const { sign } = require('node:crypto');
  const { readFileSync } = require('node:fs');
  process.stdout.write(sign('sha256', readFileSync(0), readFileSync(process.argv[1])).toString('base64') + '\\n');`;

function hook(command: readonly string[]): string {
  writeFileSync(at('key.pem'), privatePem(key.own));
  writeFileSync(at('key.pub.pem'), publicPem(key.open));
  writeFileSync(at('kms.json'), JSON.stringify({ publicKey: 'key.pub.pem', command }));
  return at('kms.json');
}

describe('a private key', () => {
  it('that is damaged is not quoted in what is said of it', () => {
    const pem = privatePem(key.own);
    const body = pem.split('\n')[1] ?? '';
    writeFileSync(at('key.pem'), pem.replace('-----END', '----END'));
    let said = '';
    try {
      loadSigningKey(at('key.pem'));
    } catch (error) {
      said = `${error}`;
    }
    expect(said).toContain('holds no key in PEM form');
    for (const part of [body.slice(0, 16), body.slice(-16)]) expect(said).not.toContain(part);
  });
});

it('a public key is told from a private one', () => {
  writeFileSync(at('key.pub.pem'), publicPem(key.open));
  expect(() => loadSigningKey(at('key.pub.pem'))).toThrow(
    'key.pub.pem: is a public key: signing takes the private one',
  );
});

describe('a command that signs', () => {
  it('signs as its key would', () => {
    const envelope = seal(Buffer.from('{}'), [loadSigningKey(hook([process.execPath, '-e', sign, at('key.pem')]))]);
    const opened = openEnvelope(envelope);
    expect('problem' in opened ? [] : signersOf(opened, [trusted(key.open)], 0)).toHaveLength(1);
  });

  it('lies beside its file, wherever Taster is run', () => {
    const program = `#!${process.execPath}\n${sign.replace('process.argv[1]', JSON.stringify(at('key.pem')))}`;
    writeFileSync(at('sign-with-kms.cjs'), program, { mode: 0o755 });
    const envelope = seal(Buffer.from('{}'), [loadSigningKey(hook(['./sign-with-kms.cjs']))]);
    const opened = openEnvelope(envelope);
    expect('problem' in opened ? [] : signersOf(opened, [trusted(key.open)], 0)).toHaveLength(1);
  });

  it.each([
    ['is not there', ['/nowhere/sign'], 'ENOENT'],
    ['fails without reading its input', ['false'], /signing failed: false ended with 1$/],
    ['succeeds without reading its input', ['true'], 'no signature of its public key'],
    ['fails', [process.execPath, '-e', 'process.exit(7)'], /ended with 7$/],
    ['prints something else', [process.execPath, '-e', 'console.log("aGVsbG8=")'], 'no signature of its public key'],
  ])('that %s: says so and signs nothing', (_, command, message) => {
    const signing = loadSigningKey(hook(command));
    // More than a pipe holds.
    expect(() => seal(Buffer.alloc(2 ** 20), [signing])).toThrow(message);
  });

  it('has to say what it is', () => {
    writeFileSync(at('kms.json'), '{"command": []}');
    expect(() => loadSigningKey(at('kms.json'))).toThrow("must have required property 'publicKey'");
  });
});
