import { describe, expect, it } from 'vitest';
import { reportJson } from '../../src/report/index.js';
import { assertReport } from '../../src/schema/index.js';
import { EVIL, hostile, outcomes, released, twoBadShards, unreadableShard } from './outcomes.js';

describe.each(outcomes)('report.json on %s', (_, outcome) => {
  it('conforms to the published schema and reads back to the same values', () => {
    const report: unknown = JSON.parse(reportJson(outcome));
    assertReport(report);
    expect(report.verdict).toBe(outcome.decision.verdict);
    expect(report.findings).toEqual(outcome.decision.findings);
    const verdicts = new Map(
      outcome.decision.shards.map(({ path, verdict, released: isReleased }) => [path, [verdict, isReleased]]),
    );
    const byUri = new Map(outcome.shards.map((shard) => [shard.uri, shard]));
    expect(report.shards).toHaveLength(verdicts.size);
    for (const { uri, verdict, released: isReleased } of report.shards) {
      const { path } = byUri.get(uri)!;
      expect([verdict, isReleased]).toEqual(verdicts.get(path));
    }
  });
});

describe('report.json', () => {
  it('is the same text every time, with keys in a fixed order and shards in the order of their paths', () => {
    const { decision, shards } = twoBadShards;
    const shuffled = {
      ...twoBadShards,
      shards: [...shards].reverse(),
      decision: { ...decision, shards: [...decision.shards].reverse() },
    };
    expect(reportJson(shuffled)).toBe(reportJson(twoBadShards));
    const report = JSON.parse(reportJson(twoBadShards)) as { shards: { uri: string }[] };
    expect(Object.keys(report).slice(0, 5)).toEqual(['batch', 'verdict', 'mode', 'released', 'shards']);
    expect(Object.keys(report.shards[0]!)).toEqual([
      'uri',
      'sha256',
      'rows',
      'verdict',
      'released',
      'pValue',
      'qValue',
      'findings',
    ]);
    expect(report.shards.map(({ uri }) => uri)).toEqual(twoBadShards.shards.map(({ uri }) => uri));
  });

  it('holds null for what was not read or tested', () => {
    const report = JSON.parse(reportJson(unreadableShard)) as { shards: unknown[] };
    expect(report.shards[1]).toMatchObject({ rows: null, pValue: null, qValue: null, verdict: 'quarantine' });
  });

  it('can be printed to a terminal, whatever the data holds', () => {
    const text = reportJson(hostile);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u);
    const report = JSON.parse(text) as { batch: string; worstRows: { values: { column: string; value: string }[] }[] };
    expect(report.batch).toBe(EVIL);
    expect(report.worstRows[0]?.values.map(({ column }) => column)).toEqual([EVIL, '__proto__']);
  });

  it('is refused rather than written wrong', () => {
    const notANumber = {
      ...released,
      decision: { ...released.decision, shards: released.decision.shards.map((s) => ({ ...s, pValue: Number.NaN })) },
    };
    expect(() => reportJson(notANumber)).toThrow(/does not conform/);
    expect(() => reportJson({ ...released, shards: released.shards.slice(1) })).toThrow(/other shards/);
  });
});
