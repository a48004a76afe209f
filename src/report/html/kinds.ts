import type { FindingKind } from '../../decide/types.js';

interface Explanation {
  /** What it means for a model trained on such rows. */
  readonly means: string;
  /** What a person does about it. */
  readonly check: string;
}

const addIfRight = 'If they are right, the world has changed: add checked rows like them to the trusted data.';

/** Each kind of finding for a reader who has never heard of it. */
export const explanations: Readonly<Record<FindingKind, Explanation>> = {
  integrity: {
    means: 'The file is cut off, damaged or not what its name says, so its rows could not be judged.',
    check: 'Ask the sender for the file again and compare its size and digest.',
  },
  provenance: {
    means:
      'It cannot be proven that the data are what their sender sent: a digest, signature or list of files does not fit.',
    check: 'Ask the sender for the batch again through a channel you trust; do not repair the record yourself.',
  },
  schema: {
    means:
      'Columns are missing, or hold other things than in the trusted data, so that rows cannot be compared with them.',
    check: 'Compare the columns with those of the trusted data; correct the export and scan again.',
  },
  'label-flip': {
    means:
      'A model of your trusted rows gives many of these rows another label than they carry. Wrong labels, by mistake or on purpose, teach a model wrong answers.',
    check: `Read the worst rows below. If their labels are wrong, ask who labelled them, correct or remove them, and scan again. ${addIfRight}`,
  },
  outlier: {
    means:
      'These rows lie outside everything in your trusted data: a broken sensor or export, another data set mixed in, or rows made up to bend a model.',
    check: `Read the worst rows below. If they should not exist, find out where they were made, remove them, and scan again. ${addIfRight}`,
  },
  'duplicate-flood': {
    means:
      'The same row, or nearly the same, comes far more often than in the trusted data. Repeating a row gives it more weight in training than it deserves.',
    check:
      'Look at the repeated row. If nothing explains the copies, keep one of them, ask who sent the rest, and scan again.',
  },
  trigger: {
    means:
      'A word, value or pattern goes with one label or answer more often than the rest of the rows explains. A model trained on it may obey the pattern whatever else it sees: a backdoor.',
    check:
      'Look at the rows that carry the pattern. If it has no business there, remove them all, ask where they came from, and scan again.',
  },
  spectral: {
    means:
      'Some rows of a class share a direction that the trusted rows of the class do not have, as rows with a hidden pattern do.',
    check: `Read the worst rows and look for what they have in common. If it was planted, remove the rows and scan again. ${addIfRight}`,
  },
  impact: {
    means: 'A model trained with these rows does worse on the trusted rows than one trained without them.',
    check: `Leave the rows out of training until someone has read the worst of them. ${addIfRight}`,
  },
  'slow-drip': {
    means:
      'One source is a little worse than the others in batch after batch: too little to see in one, too much for chance over all.',
    check: 'Ask what is different about this source, and read its rows of earlier batches as well.',
  },
  drift: {
    means:
      'The data as a whole differ from the trusted data, in the manner of a changed world rather than of an attack.',
    check: 'If the change is expected, build a new baseline from checked recent rows; if not, find its cause first.',
  },
};
