import { describe, expect, it } from 'vitest';
import { addRecord, below, digestsPath, forgetWork, keepFit, resultPath } from '../../src/batch/index.js';
import { fileStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const [JUDGED, ASKED] = ['a'.repeat(64), 'b'.repeat(64)];
const SHARD = ['a.csv', 'c'.repeat(64)] as const;

/** What work on a batch by a plan leaves; paths of it that are there. */
function workOn(batch: string, plan: string) {
  const vault = at('vault');
  let paths = [resultPath({ batch, plan }, ...SHARD), digestsPath({ batch, plan }, ...SHARD)];
  return {
    leave: async () => {
      for (const path of paths) await fileStore.create(vault, path, Buffer.from('known'));
      const sha256 = await keepFit(fileStore, vault, { batch, plan }, Buffer.from('fitted'));
      const fit = { sha256 };
      paths = [...paths, resultPath({ batch, plan, fit }, ...SHARD)];
      await fileStore.create(vault, paths.at(-1) ?? '', Buffer.from('known'));
    },
    isThere: async () => {
      const found = await Promise.all(paths.map((path) => fileStore.find(vault, path)));
      return found.map((one) => one !== undefined);
    },
  };
}

describe('what was assessed and fitted', () => {
  it('is forgotten once the batch is judged by it, and no sooner; that of other batches stays', async () => {
    const vault = at('vault');
    const [judged, asked, other] = [workOn('b', JUDGED), workOn('b', ASKED), workOn('other', JUDGED)];
    for (const work of [judged, asked, other]) await work.leave();
    await forgetWork(fileStore, vault, 'b');
    expect(await judged.isThere()).toEqual([true, true, true]);
    const rests = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
    const record = { kind: 'judged', decision: 'd'.repeat(64), mode: 'enforce', rests, shards: [] } as const;
    const unassessed = [{ path: 'b.csv', sha256: null, unassessed: true as const, released: false }];
    await addRecord(fileStore, vault, 'b', 0, { ...record, plan: JUDGED, shards: unassessed });
    await forgetWork(fileStore, vault, 'b');
    expect(await judged.isThere()).toEqual([true, true, true]);
    await addRecord(fileStore, vault, 'b', 1, { ...record, plan: JUDGED });
    await addRecord(fileStore, vault, 'b', 2, { kind: 'rescan', plan: ASKED, at: new Date().toISOString() });
    await forgetWork(fileStore, vault, 'b');
    expect(await judged.isThere()).toEqual([false, false, false]);
    expect(await asked.isThere()).toEqual([true, true, true]);
    await addRecord(fileStore, vault, 'b', 3, { ...record, plan: ASKED });
    await forgetWork(fileStore, vault, 'b');
    expect(await asked.isThere()).toEqual([false, false, false]);
    expect(await other.isThere()).toEqual([true, true, true]);
    expect(await fileStore.folders(below(vault, 'results'))).toHaveLength(1);
  });
});
