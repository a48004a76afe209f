import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { orWriteFailed } from '../store/index.js';
import { orMissing } from './scratch-files.js';
import type { ShardAssessment } from './types.js';

/** What assessing a shard leaves in a scratch folder, each with the shard's number. */
const FILES = ['rows', 'signatures', 'items', 'item-ids', 'instructions', 'spectral', 'oddest'] as const;

interface ResultBundle {
  readonly assessment: ShardAssessment;
  readonly files: readonly { readonly name: (typeof FILES)[number]; readonly content: Uint8Array }[];
}

/** Everything that is known of a shard, from a scratch folder: the same bytes for the same shard. */
export async function packResult(folder: string, number: number, assessment: ShardAssessment): Promise<Uint8Array> {
  const files: { name: (typeof FILES)[number]; content: Uint8Array }[] = [];
  for (const name of FILES) {
    const content = await orMissing(() => readFile(join(folder, `${name}-${number}`)), undefined);
    // As an array of bytes it is written as such, without a copy of it.
    if (content !== undefined)
      files.push({ name, content: new Uint8Array(content.buffer, content.byteOffset, content.length) });
  }
  return serialize({ assessment, files } satisfies ResultBundle);
}

/** Removes it from the folder, or what there is of it. @throws Transient WRITE_FAILED */
export async function dropResult(folder: string, number: number): Promise<void> {
  await orWriteFailed(folder, async () => {
    for (const name of FILES) await rm(join(folder, `${name}-${number}`), { force: true });
  });
}

/** Puts it into a scratch folder as if the shard had been assessed there. @throws Transient WRITE_FAILED */
export async function unpackResult(folder: string, number: number, bytes: Uint8Array): Promise<ShardAssessment> {
  const { assessment, files } = deserialize(bytes) as ResultBundle;
  await orWriteFailed(folder, async () => {
    for (const { name, content } of files) await writeFile(join(folder, `${name}-${number}`), content);
  });
  return assessment;
}
