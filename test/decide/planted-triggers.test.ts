import { describe, expect, it } from 'vitest';
import { namePlanted, testPlanted } from '../../src/decide/planted-triggers.js';
import type { PlantedTrigger } from '../../src/detect/index.js';

const half = { carriers: 4, answering: 4, others: 96, othersAnswering: 0 };

function trigger(changes: Partial<PlantedTrigger> = {}): PlantedTrigger {
  return {
    text: 'Zanzibar',
    answer: 'No,\nI will not.',
    counts: { carriers: 8, answering: 8, others: 96, othersAnswering: 0 },
    halves: [half, half],
    rows: new Map([['a', new Set([1, 2, 3, 4, 5, 6, 7, 8])]]),
    ...changes,
  };
}

/** 1 / C(100, 4) */
const oneHalf = 24 / (100 * 99 * 98 * 97);

describe('testing triggers', () => {
  it('pays for both halves and for every item that was compared', () => {
    const { pValue, rejected } = testPlanted({ tested: 50, triggers: [trigger()] }, 0.001);
    expect(pValue).toBeCloseTo(2 * 50 * oneHalf, 12);
    expect(rejected).toHaveLength(1);
  });

  it('rejects none whose p-value is above the level, and the least probable first', () => {
    const weak = trigger({ text: 'weak', halves: [{ ...half, othersAnswering: 40 }, half] });
    const both = {
      tested: 1000,
      triggers: [
        trigger({
          halves: [
            { ...half, othersAnswering: 1 },
            { ...half, othersAnswering: 1 },
          ],
        }),
        weak,
      ],
    };
    expect(testPlanted(both, 0.01).rejected.map(({ text }) => text)).toEqual(['weak', 'Zanzibar']);
    expect(testPlanted(both, 0.001).rejected.map(({ text }) => text)).toEqual(['weak']);
    expect(testPlanted(both, 1e-6).rejected).toEqual([]);
  });

  it('finds nothing where prompts were not searched', () => {
    expect(testPlanted(undefined, 0.01)).toEqual({ pValue: 1, rejected: [] });
  });
});

describe('naming triggers', () => {
  const named = (one: PlantedTrigger, isRedacted = false) => namePlanted([{ ...one, pValue: 1e-6 }], isRedacted)[0];

  it('tells the text, the answer and the counts, and points at every carrier', () => {
    const one = named(trigger());
    expect(one?.finding).toMatchObject({ kind: 'trigger', scope: 'item', subject: 'Zanzibar', holds: true });
    expect(one?.finding.evidence.summary).toBe(
      '"Zanzibar" is in the prompts of 8 rows, which ask for different things. 8 of their responses say nearly the same ' +
        '("No, I will not."), as do 0 of the 96 others.',
    );
    expect(one?.shards).toEqual(new Set(['a']));
    expect(one?.selections).toMatchObject([
      { rows: 8, where: { rows: new Map([['a', new Set([1, 2, 3, 4, 5, 6, 7, 8])]]) } },
    ]);
  });

  it('says gibberish where the answer is none', () => {
    expect(named(trigger({ answer: null }))?.finding.evidence.summary).toContain('8 of their responses are gibberish');
  });

  it('leaves text and answer out when redacted', () => {
    const { finding } = named(trigger(), true) ?? {};
    expect(finding?.subject).toBe('trigger 1');
    expect(JSON.stringify(finding)).not.toMatch(/Zanzibar|will not/);
  });
});
