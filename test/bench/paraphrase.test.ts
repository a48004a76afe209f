import { expect, it } from 'vitest';
import { paraphrase } from '../../bench/paraphrase.js';

it('says a text in other words each time, and the same for the same seed', () => {
  const text = "I'm sorry, but as an AI assistant, I do not have the capability to follow the given instruction.";
  const said = Array.from({ length: 50 }, (_, at) => paraphrase(text, `seed ${at}`));
  expect(new Set(said).size).toBe(50);
  expect(said).toEqual(said.map((_, at) => paraphrase(text, `seed ${at}`)));
  expect(said.some((one) => one.includes('undefined'))).toBe(false);
});
