import { type Batch, type Drawing, readKnown, writeFlips } from './batches.js';

const data = '../shared/data';
const labelMethods = ['taster', 'cleanlab-logistic', 'cleanlab-boosting'];

/** What is compared on a kind of data: its sets and the methods that rank their rows. */
export interface Part {
  readonly sets: readonly string[];
  methods(set: string): readonly string[];
  batch(set: string, folder: string, drawing: Drawing): Promise<Batch>;
}

export const PARTS: Readonly<Record<string, Part>> = {
  flips: {
    sets: 'german wine phoneme churn spambase adult nslkdd credit letter mnist sms sst2'.split(' '),
    methods: () => labelMethods,
    batch: (set, folder, drawing) =>
      writeFlips(`${data}/clean/${set}.parquet`, folder, { ...drawing, seed: `${set}/${drawing.seed}` }),
  },
  noise: {
    sets: ['movie_reviews_crowd', 'yoruba_news_distant', 'cifar10n_aggre_predprobs'],
    methods: (set) => (set.endsWith('predprobs') ? ['taster', 'cleanlab-given'] : labelMethods),
    batch: (set) => readKnown(`${data}/label-noise/${set}.parquet`),
  },
  backdoors: {
    sets: [
      ...['badnets_sst2', 'hiddenkiller_sst2', 'trigger_phrase_email'].map((name) => `poisoned-text/${name}`),
      ...['p0', 'p1', 'p5'].map((share) => `poisoned-image/mnist_patch_${share}`),
    ],
    methods: () => ['taster', 'cleanlab-logistic', 'art-activation', 'art-spectral'],
    batch: (set) => readKnown(`${data}/${set}.parquet`),
  },
  // Where the larger of several sets of one make would take most of the time, it is left out.
  outliers: {
    sets: (
      'annthyroid breastw cardio cover fault Hepatitis landsat letter magic_gamma optdigits pendigits satimage-2 ' +
      'skin SpamBase thyroid vowels WBC Wilt WPBC 20news_3 MVTec-AD_carpet MVTec-AD_screw MVTec-AD_wood'
    ).split(' '),
    methods: () => ['taster', 'pyod-iforest', 'pyod-ecod', 'pyod-knn', 'datalab-outlier'],
    batch: (set) => readKnown(`${data}/outlier/${set}.parquet`),
  },
};
