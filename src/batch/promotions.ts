import { openApproval } from '../attest/index.js';
import { BadInput } from '../errors.js';
import type { ObjectStore } from '../store/index.js';
import { below, numbered } from './names.js';

/** A signed baseline that has taken the place of the one before. */
export interface Promotion {
  readonly version: number;
  readonly sha256: string;
  /** The approval, to be held against the trust policy by whoever uses it. */
  readonly content: Uint8Array;
}

/** The last promotion; undefined where there was none. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function lastPromotion(store: ObjectStore, vault: string): Promise<Promotion | undefined> {
  const last = (await store.folders(below(vault, 'promotions'))).at(-1);
  const object = last === undefined ? undefined : await store.find(vault, promotionPath(Number(last)));
  if (object === undefined) return undefined;
  const content = await store.read(object.uri, object.version);
  const opened = openApproval(content);
  if ('problem' in opened) throw new BadInput('RECORD_DAMAGED', { path: object.uri, detail: opened.problem });
  const { version, sha256 } = opened;
  if (version === Number(last)) return { version, sha256, content };
  throw new BadInput('RECORD_DAMAGED', { path: object.uri, detail: `it is the approval of version ${version}` });
}

/** Makes a baseline that of its dataset; false where another one has become that version. @throws Transient WRITE_FAILED */
export function addPromotion(
  store: ObjectStore,
  vault: string,
  version: number,
  approval: Uint8Array,
): Promise<boolean> {
  return store.create(vault, promotionPath(version), approval);
}

/** Where it lies in a vault. */
export function promotionPath(version: number): string {
  return `promotions/${numbered(version)}/approval.json`;
}
