import type { FindingKind } from '../decide/types.js';

interface Kind {
  /** What is the matter, in a few words that can follow a colon. */
  readonly title: string;
  /** What it means for a model trained on such rows; `reference` is what the rows were compared with. */
  means(reference: string): string;
  /** What a person does first. */
  readonly look: string;
  /** True where rows.arrow marks the rows in question, so that they can be taken out. */
  readonly marksRows: boolean;
  /** Heading of the picture that compares the scores of its detector. */
  readonly scores: string;
  /** Of which rows the least number is told, where not of any that its detector finds. */
  readonly least?: string;
  /** What comes before the subject of a finding about an item; nothing where the subject says it itself. */
  readonly item?: string;
}

/** Each kind of finding for a reader who has never heard of it: all that a report says of a kind is said here. */
export const kinds: Readonly<Record<FindingKind, Kind>> = {
  integrity: {
    title: 'file is damaged, or not the one that was sent',
    means: () =>
      'The file is cut off, damaged or not what its name says, so that its rows could not be judged; or it differs from what its sender has written down.',
    look: 'Ask the sender for the file again and compare its size and digest.',
    marksRows: false,
    scores: 'Damage',
  },
  provenance: {
    title: 'origin cannot be proven',
    means: () =>
      'It cannot be shown that the data are what their sender sent: a digest, signature or list of files does not fit.',
    look: 'Ask the sender for the batch again through a channel you trust; do not repair the record yourself.',
    marksRows: false,
    scores: 'Doubts of origin',
  },
  schema: {
    title: 'columns are not as expected',
    means: (reference) =>
      `Columns are missing, or hold other things than in ${reference}, so that rows cannot be compared with them.`,
    look: 'Compare the columns with those of the trusted data, correct the export, and scan again.',
    marksRows: false,
    scores: 'Unexpected columns',
  },
  'label-flip': {
    title: 'labels look wrong',
    means: (reference) =>
      `Going by ${reference}, many of these rows should have another label than they carry. Wrong labels, by mistake or on purpose, teach a model wrong answers.`,
    look: 'Read the worst rows: are their labels wrong?',
    marksRows: true,
    scores: 'How wrong labels look',
  },
  outlier: {
    title: 'rows unlike all others',
    means: (reference) =>
      `These rows lie outside everything in ${reference}: a broken sensor or export, another data set mixed in, or rows made up to bend a model.`,
    look: 'Read the worst rows: should they exist at all?',
    marksRows: true,
    scores: 'How unusual rows are',
  },
  'duplicate-flood': {
    title: 'copies flood the batch',
    means: (reference) =>
      `The same row, or nearly the same, comes far more often than in ${reference}. Repeating a row gives it more weight in training than it deserves.`,
    look: 'Look at the repeated rows: does anything explain so many copies?',
    marksRows: true,
    scores: 'How often rows repeat',
  },
  trigger: {
    title: 'possible backdoor trigger',
    means: () =>
      'A word, value or pattern goes with one label or one answer, or with rows that contradict their label, more often than the rest of the rows explains. A model trained on it may obey the pattern whatever else it sees: a backdoor.',
    look: 'Look at the rows that carry the pattern: has it any business there?',
    marksRows: true,
    scores: 'How much a pattern decides',
    least: 'with a word, value or patch that no trusted row has, and with one label that all else in them contradicts',
    item: 'Pattern',
  },
  spectral: {
    title: 'rows share a hidden pattern',
    means: (reference) =>
      `Some rows of a class have something in common that rows of this class in ${reference} do not have, as rows with a planted pattern do.`,
    look: 'Read the rows that are named side by side: what do they have in common, and was it planted?',
    marksRows: false,
    scores: 'How much rows share a hidden pattern',
    item: 'Class',
  },
  impact: {
    title: 'rows make a model worse',
    means: (reference) => `A model trained with these rows does worse on ${reference} than one trained without them.`,
    look: 'Read the worst rows: what could a model learn from them that is not so?',
    marksRows: true,
    scores: 'How much rows harm a model',
  },
  'slow-drip': {
    title: 'a source is a little worse in batch after batch',
    means: () =>
      'One source is worse than the others again and again: too little to see in one batch, too much for chance over all of them.',
    look: 'Ask what is different about this source, and read its rows of earlier batches as well.',
    marksRows: true,
    scores: 'How sources do over batches',
  },
  drift: {
    title: 'the data as a whole have changed',
    means: (reference) =>
      `The batch as a whole differs from ${reference}. A changed world makes it so; an attack changes few rows.`,
    look: 'If the change is expected, build a new baseline from checked recent rows; if not, find its cause first.',
    marksRows: false,
    scores: 'How far the data have drifted',
  },
};
