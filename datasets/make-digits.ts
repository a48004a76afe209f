import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { Field, FixedSizeList, Int32, Table, tableToIPC, Uint8, vectorFromArray } from 'apache-arrow';
import { Compression, Table as ParquetTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import { cut, seededBytes, shuffle } from './seeded.js';
import { writeTruth } from './truth.js';

const corpus = 'digits';
const pixelsPerImage = 64;
/** Pixels are ink counts of 4 × 4 dots. */
const brightest = 16;
const shards = 8;
const rowsPerShard = 100;
const mislabelledShards = new Set([1, 4]);
const noiseShard = 6;
const noisyRows = 15;

interface Image {
  readonly pixels: Uint8Array;
  readonly label: number;
}

interface Poisoned {
  readonly image: Image;
  readonly isPoisoned: boolean;
}

function toImage(line: string): Image {
  const cells = line.split(',').map(Number);
  return { pixels: Uint8Array.from(cells.slice(0, pixelsPerImage)), label: cells[pixelsPerImage] ?? Number.NaN };
}

function toParquet(images: readonly Image[]): Uint8Array {
  const pixelType = new FixedSizeList(pixelsPerImage, new Field('item', new Uint8(), false));
  const table = new Table({
    pixels: vectorFromArray(
      images.map(({ pixels }) => pixels),
      pixelType,
    ),
    label: vectorFromArray(
      images.map(({ label }) => label),
      new Int32(),
    ),
  });
  const settings = new WriterPropertiesBuilder().setCompression(Compression.ZSTD).build();
  return writeParquet(ParquetTable.fromIPCStream(tableToIPC(table, 'stream')), settings);
}

function noise(seed: string): Uint8Array {
  return seededBytes(seed).map((byte) => byte % (brightest + 1));
}

function poison(shard: number, image: Image, row: number): Poisoned {
  if (mislabelledShards.has(shard) && image.label === 7) return { image: { ...image, label: 1 }, isPoisoned: true };
  if (shard === noiseShard && row < noisyRows) {
    return { image: { ...image, pixels: noise(`noise/${row}`) }, isPoisoned: true };
  }
  return { image, isPoisoned: false };
}

/** Handwritten digits: in two shards every 7 is labelled 1, in a third some images are noise. */
export async function makeDigits(folder: string): Promise<void> {
  const text = gunzipSync(await readFile('datasets/sources/digits.csv.gz')).toString('utf8');
  const images = shuffle(text.trim().split('\n').map(toImage), corpus);
  const batchRows = shards * rowsPerShard;

  await rm(folder, { recursive: true, force: true });
  await mkdir(`${folder}/trusted`, { recursive: true });
  await mkdir(`${folder}/incoming`);
  await writeFile(`${folder}/trusted/images.parquet`, toParquet(images.slice(batchRows)));

  const poisonedRows: Record<string, number[]> = {};
  for (const [shard, clean] of cut(images.slice(0, batchRows), rowsPerShard).entries()) {
    const name = `images-${shard + 1}.parquet`;
    const poisoned = shuffle(
      clean.map((image, row) => poison(shard, image, row)),
      name,
    );
    poisonedRows[name] = poisoned.flatMap(({ isPoisoned }, row) => (isPoisoned ? [row] : []));
    await writeFile(`${folder}/incoming/${name}`, toParquet(poisoned.map(({ image }) => image)));
  }
  await writeTruth(folder, {
    corpus,
    story: 'In two of the eight shards every 7 is labelled 1, in a third shard 15 images are noise.',
    shards: poisonedRows,
    kinds: ['label-flip', 'outlier'],
  });
}
