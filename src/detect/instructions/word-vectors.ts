import { hashText } from '../../encode/index.js';

/** Texts as sparse rows of unit length: row i has `weights[k]` at word `words[k]` for starts[i] ≤ k < starts[i + 1]. */
export interface WordVectors {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly words: Int32Array;
  readonly weights: Float32Array;
  readonly vocabulary: readonly string[];
  /** Weight of each word before texts were scaled to unit length, and of one that no text has. */
  readonly idf: Float32Array;
  readonly newWordWeight: number;
}

/** Weighs words by the logarithm of their share of texts; each word of a text counts once, however often it is there. */
export function weighWords(texts: readonly (readonly string[])[]): WordVectors {
  const vocabulary = new Map<string, number>();
  const counts: number[] = [];
  const starts = new Int32Array(texts.length + 1);
  const words: number[] = [];
  texts.forEach((text, row) => {
    for (const word of new Set(text)) {
      let index = vocabulary.get(word);
      if (index === undefined) {
        index = counts.length;
        vocabulary.set(word, index);
        counts.push(0);
      }
      counts[index] = (counts[index] as number) + 1;
      words.push(index);
    }
    starts[row + 1] = words.length;
  });
  const idf = Float32Array.from(counts, (count) => Math.log(1 + texts.length / count));
  const weights = Float32Array.from(words, (word) => idf[word] as number);
  for (let row = 0; row < texts.length; row++) normalise(weights.subarray(starts[row], starts[row + 1]));
  return {
    rows: texts.length,
    starts,
    words: Int32Array.from(words),
    weights,
    vocabulary: [...vocabulary.keys()],
    idf,
    newWordWeight: Math.log(1 + texts.length),
  };
}

/** Dimensions of a projection: similarities of two texts are kept to about an eighth, means of many far closer. */
export const PROJECTED = 64;

/** Random signs per word: rows × PROJECTED (Achlioptas 2003). */
export function projectWords({ rows, starts, words, weights, vocabulary }: WordVectors): Float32Array {
  const signs = vocabulary.map((word) => [hashText(word, 1), hashText(word, 2)] as const);
  const projected = new Float32Array(rows * PROJECTED);
  const scale = 1 / Math.sqrt(PROJECTED);
  for (let row = 0; row < rows; row++) {
    const from = row * PROJECTED;
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      const weight = (weights[k] as number) * scale;
      const [low, high] = signs[words[k] as number] as readonly [number, number];
      for (let bit = 0; bit < 32; bit++) {
        projected[from + bit] = (projected[from + bit] as number) + ((low >>> bit) & 1 ? weight : -weight);
        projected[from + 32 + bit] = (projected[from + 32 + bit] as number) + ((high >>> bit) & 1 ? weight : -weight);
      }
    }
  }
  return projected;
}

/** The sum of some rows. */
export function sumRows({ starts, words, weights, vocabulary }: WordVectors, rows: Iterable<number>): Float32Array {
  const sum = new Float32Array(vocabulary.length);
  for (const row of rows) {
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      sum[words[k] as number] = (sum[words[k] as number] as number) + (weights[k] as number);
    }
  }
  return sum;
}

/** Product of a row with a sum of rows; divided by the number of rows, its mean similarity with them. */
export function productWith({ starts, words, weights }: WordVectors, row: number, sum: Float32Array): number {
  let product = 0;
  for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
    product += (weights[k] as number) * (sum[words[k] as number] as number);
  }
  return product;
}

/** The same without some words; what is left of each text is of unit length again. */
export function withoutWords(vectors: WordVectors, left: ReadonlySet<string>): WordVectors {
  const { rows, starts, words, vocabulary } = vectors;
  const weights = vectors.weights.slice();
  const isLeft = new Set(vocabulary.flatMap((word, index) => (left.has(word) ? [index] : [])));
  for (let row = 0; row < rows; row++) {
    let isChanged = false;
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      if (!isLeft.has(words[k] as number)) continue;
      weights[k] = 0;
      isChanged = true;
    }
    if (isChanged) normalise(weights.subarray(starts[row], starts[row + 1]));
  }
  return { ...vectors, weights };
}

function normalise(weights: Float32Array): void {
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  if (length === 0) return;
  weights.forEach((weight, k) => {
    weights[k] = weight / length;
  });
}
