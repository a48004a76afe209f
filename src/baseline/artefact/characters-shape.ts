import { CHARACTER_SLOTS, type CharacterModel } from '../../detect/index.js';
import type { Encoder } from '../../encode/index.js';
import { arrayOf, count, Misshapen, record } from './shape.js';

const model = record<CharacterModel>({
  counts: arrayOf(Uint32Array, CHARACTER_SLOTS),
  total: count,
  means: arrayOf(Float64Array),
});

/** Throws Misshapen where characters of other columns were counted than texts are read from. */
export function assertCharacters(value: CharacterModel, { text }: Pick<Encoder, 'text'>, at: string): void {
  model(value, at);
  if (value.means.length !== text?.names.length || !value.means.every(Number.isFinite)) {
    throw new Misshapen(`${at} does not fit the columns of text`);
  }
}
