import { spawnSync } from 'node:child_process';
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Bug, Transient } from '../errors.js';
import { digestFor } from './keys.js';

/** What signs: a private key, or a command that has one. */
export type SigningKey = KeyObject | SigningCommand;

/** Of a key management service or a hardware token. */
export interface SigningCommand {
  readonly publicKey: KeyObject;
  /** Gets the message on standard input, prints the signature in base64. */
  readonly command: readonly string[];
}

const SECONDS = 60;

export function publicKeyOf(key: SigningKey): KeyObject {
  return 'command' in key ? key.publicKey : createPublicKey(key);
}

/** @throws Transient SIGNING_FAILED where a command does not give a signature of its key */
export function signWith(key: SigningKey, message: Uint8Array): Buffer {
  return 'command' in key ? signByCommand(key, message) : sign(requireDigest(key), message, key);
}

/** What is signed of a message: null for Ed25519, which takes it as it is. */
export function requireDigest(key: KeyObject): string | null {
  const digest = digestFor(key);
  if (digest === undefined) throw new Bug('a key that cannot sign got this far');
  return digest;
}

function signByCommand({ publicKey, command }: SigningCommand, message: Uint8Array): Buffer {
  const [program = '', ...parameters] = command;
  // That a program ends before it has read its input is an error too: its status says more.
  const { status, signal, stdout, error } = spawnSync(program, parameters, { input: message, timeout: SECONDS * 1000 });
  if (status !== 0) {
    // What it says on standard error may quote its key, in whatever form.
    const detail = status === null && error !== undefined ? error.message : `${program} ended with ${status ?? signal}`;
    throw new Transient('SIGNING_FAILED', { detail }, error);
  }
  const signature = Buffer.from(stdout.toString().trim(), 'base64');
  if (verify(requireDigest(publicKey), message, publicKey, signature)) return signature;
  throw new Transient('SIGNING_FAILED', { detail: `what ${program} printed is no signature of its public key` });
}
