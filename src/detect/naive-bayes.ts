import type { SparseRows } from '../encode/index.js';
import { type CopyGroups, type Matrix, zeros } from '../linear/index.js';
import { scaled, searchTemperature } from './class-probabilities.js';

/**
 * What the n-grams of a text say of its class: naive Bayes, where an n-gram is held to have the classes of all texts but
 * for what its own ones tell (a Dirichlet prior). Plain data.
 */
export interface NaiveBayes {
  /** N-gram g has entries starts[g] ≤ at < starts[g + 1], one for each of its classes. */
  readonly starts: Int32Array;
  readonly classes: Uint16Array;
  /** What each adds to the log odds of its class. */
  readonly weights: Float32Array;
  /** Of the scores. */
  readonly temperature: number;
}

export interface LabelledTexts {
  readonly texts: SparseRows;
  /** −1 where there is none. */
  readonly labels: Int32Array;
  readonly classes: number;
  readonly copies: CopyGroups;
}

/** How many texts the prior counts as. */
const PRIOR_TEXTS = 2;
/** What fewer texts have says nothing of others. */
const LEAST_TEXTS = 2;
/** Where the temperature is searched. */
const TEMPERATURES = [0.05, 20] as const;

/** Scores are of the texts themselves, each without itself and its copies. */
export function fitNaiveBayes(rows: LabelledTexts): { readonly model: NaiveBayes; readonly scores: Matrix } {
  const counts = countGrams(rows);
  const weights = weighGrams(counts);
  const scores = scoreWithoutOwn(rows, counts, weights);
  const temperature = searchTemperature(scores, rows.labels, TEMPERATURES);
  const { starts, classes } = counts;
  return { model: { starts, classes, weights, temperature }, scores: scaled(scores, 1 / temperature) };
}

/** The model of other texts by the choice of an earlier fit. */
export function refitNaiveBayes(rows: LabelledTexts, { temperature }: Pick<NaiveBayes, 'temperature'>): NaiveBayes {
  const counts = countGrams(rows);
  return { starts: counts.starts, classes: counts.classes, weights: weighGrams(counts), temperature };
}

function weighGrams(counts: GramCounts): Float32Array {
  const shares = counts.gramsOf.map((grams) => grams / gramsIn(counts));
  return Float32Array.from(counts.texts, (texts, at) =>
    weightOf(texts, shares[counts.classes[at] as number] as number),
  );
}

/** Class scores of any texts, rows × classes: their softmax is the probability of each. */
export function hearNaiveBayes(model: NaiveBayes, texts: SparseRows, classes: number): Matrix {
  const { starts, temperature } = model;
  const scores = addUp(texts, classes, (gram, _, sums) => {
    const [from, end] = [starts[gram] ?? 0, starts[gram + 1] ?? 0];
    addEntries(model, from, end, sums);
    return from < end;
  });
  return scaled(scores, 1 / temperature);
}

/** Written out: it takes most of the time. */
function addEntries(
  { classes, weights }: Pick<NaiveBayes, 'classes' | 'weights'>,
  from: number,
  end: number,
  sums: Float32Array,
): void {
  for (let at = from; at < end; at++) {
    const label = classes[at] as number;
    sums[label] = (sums[label] as number) + (weights[at] as number);
  }
}

/** How many texts of each class have an n-gram; of copies with one label, one counts. */
interface GramCounts extends Pick<NaiveBayes, 'starts' | 'classes'> {
  /** By entry. */
  readonly texts: Int32Array;
  /** Of n-gram g, ends[g + 1] − ends[g] of all classes. */
  readonly ends: Int32Array;
  /** Of each class, the n-grams of its texts. */
  readonly gramsOf: Float64Array;
  /** The labels that a row and its copies have. */
  labelsLike(row: number): readonly number[];
}

function countGrams({ texts, labels, classes, copies }: LabelledTexts): GramCounts {
  const { counted, labelsLike } = countedRows(labels, copies);
  const { ends, labelled } = listLabels(texts, labels, counted);
  const gramsOf = new Float64Array(classes);
  for (const label of labelled) add(gramsOf, label, 1);
  const starts = new Int32Array(ends.length);
  const [entryClasses, entryTexts] = [new Uint16Array(labelled.length), new Int32Array(labelled.length)];
  let entries = 0;
  for (let gram = 0; gram + 1 < ends.length; gram++) {
    const own = labelled.subarray(ends[gram], ends[gram + 1]).sort();
    if (own.length >= LEAST_TEXTS) {
      own.forEach((label, index) => {
        if (index === 0 || label !== own[index - 1]) entryClasses[entries++] = label;
        add(entryTexts, entries - 1, 1);
      });
    }
    starts[gram + 1] = entries;
  }
  return {
    starts,
    classes: entryClasses.slice(0, entries),
    texts: entryTexts.slice(0, entries),
    ends,
    gramsOf,
    labelsLike,
  };
}

/** The labels of the texts that have n-gram g: ends[g] ≤ at < ends[g + 1]. */
function listLabels(
  texts: SparseRows,
  labels: Int32Array,
  counted: readonly number[],
): Pick<GramCounts, 'ends'> & { readonly labelled: Uint16Array } {
  const dims = texts.indices.reduce((most, gram) => Math.max(most, gram + 1), 0);
  const ends = new Int32Array(dims + 1);
  for (const row of counted) forEachGram(texts, row, (gram) => add(ends, gram + 1, 1));
  for (let gram = 0; gram < dims; gram++) add(ends, gram + 1, ends[gram] as number);
  const next = ends.slice();
  const labelled = new Uint16Array(ends[dims] as number);
  for (const row of counted) {
    forEachGram(texts, row, (gram) => {
      labelled[next[gram] as number] = labels[row] as number;
      add(next, gram, 1);
    });
  }
  return { ends, labelled };
}

/** The first of all copies with one label; those without a label are none. */
function countedRows(
  labels: Int32Array,
  { groupOf, sizes }: CopyGroups,
): Pick<GramCounts, 'labelsLike'> & { readonly counted: number[] } {
  const ofGroup = new Map<number, number[]>();
  const counted: number[] = [];
  labels.forEach((label, row) => {
    if (label < 0) return;
    const group = groupOf[row] as number;
    if ((sizes[group] as number) > 1) {
      const known = ofGroup.get(group) ?? [];
      if (known.includes(label)) return;
      ofGroup.set(group, [...known, label]);
    }
    counted.push(row);
  });
  const labelsLike = (row: number) => {
    const label = labels[row] as number;
    return ofGroup.get(groupOf[row] as number) ?? (label < 0 ? [] : [label]);
  };
  return { counted, labelsLike };
}

/** Of so many texts of a class that has this share of all n-grams. */
function weightOf(texts: number, share: number): number {
  return texts === 0 ? 0 : Math.log1p(texts / (PRIOR_TEXTS * share));
}

function gramsIn({ ends }: GramCounts): number {
  return ends.at(-1) ?? 0;
}

/** As if the row and its copies had not been counted: what that changes of the shares of other classes is too little to tell. */
function scoreWithoutOwn({ texts, classes }: LabelledTexts, counts: GramCounts, weights: Float32Array): Matrix {
  const { starts, ends, gramsOf, labelsLike } = counts;
  const model = { classes: counts.classes, weights };
  const total = gramsIn(counts);
  let own: readonly number[] = [];
  let ownRow = -1;
  return addUp(texts, classes, (gram, row, sums) => {
    if (row !== ownRow) {
      own = labelsLike(row);
      ownRow = row;
    }
    const [from, end] = [starts[gram] as number, starts[gram + 1] as number];
    const others = (ends[gram + 1] as number) - (ends[gram] as number) - own.length;
    if (others < LEAST_TEXTS) return false;
    addEntries(model, from, end, sums);
    const ownGrams = (texts.starts[row + 1] as number) - (texts.starts[row] as number);
    for (const label of own) {
      const at = counts.classes.indexOf(label, from);
      const share = ((gramsOf[label] as number) - ownGrams) / (total - own.length * ownGrams);
      const without = weightOf((counts.texts[at] as number) - 1, share);
      sums[label] = (sums[label] as number) + without - (weights[at] as number);
    }
    return true;
  });
}

/** Sums over the n-grams of each row; longer texts have more of them that say the same: by the root of how many are known. */
function addUp(
  texts: SparseRows,
  classes: number,
  addGram: (gram: number, row: number, sums: Float32Array) => boolean,
): Matrix {
  const scores = zeros(texts.rows, classes);
  for (let row = 0; row < texts.rows; row++) {
    const sums = scores.data.subarray(row * classes, (row + 1) * classes);
    let known = 0;
    forEachGram(texts, row, (gram) => {
      if (addGram(gram, row, sums)) known++;
    });
    for (let c = 0; c < classes; c++) sums[c] = (sums[c] as number) / Math.sqrt(Math.max(1, known));
  }
  return scores;
}

function forEachGram({ starts, indices }: SparseRows, row: number, visit: (gram: number) => void): void {
  const end = starts[row + 1] as number;
  for (let at = starts[row] as number; at < end; at++) visit(indices[at] as number);
}

function add(sums: Float32Array | Float64Array | Int32Array, at: number, what: number): void {
  sums[at] = (sums[at] as number) + what;
}
