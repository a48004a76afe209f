import type { Encoder } from '../../encode/index.js';
import type { FindingKind } from '../../schema/index.js';
import { type LabelFlipModel, labelFlip } from '../detectors/label-flip.js';
import type { BlindModel } from './contradiction.js';

/** The classifier among fitted detectors, which knows no item that trusted rows do not have; undefined without one. */
export function blindModelOf({
  encoder,
  detectors,
}: {
  readonly encoder: Encoder;
  readonly detectors: readonly { readonly kind: FindingKind; readonly model: unknown }[];
}): BlindModel | undefined {
  const model = detectors.find(({ kind }) => kind === labelFlip.kind)?.model as LabelFlipModel | undefined;
  return model?.ridge ? { encoder, weights: model.ridge.weights } : undefined;
}
