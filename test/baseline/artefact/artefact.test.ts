import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeArtefact, decodeBaseline, encodeArtefact } from '../../../src/baseline/artefact/artefact.js';
import { decodePlain, encodePlain } from '../../../src/baseline/artefact/codec.js';
import { isArtefact } from '../../../src/baseline/artefact/read-header.js';
import { type Baseline, openBaseline } from '../../../src/baseline/index.js';
import type { OutlierModel } from '../../../src/detect/index.js';
import type { NamedColumns } from '../../../src/encode/index.js';
import { BadInput } from '../../../src/errors.js';
import { startBackend } from '../../../src/linear/index.js';
import { numberRows, samplers } from '../../detect/populations.js';
import { fitOn, labelled, storeOf } from '../trusted.js';

const FILE = 'b.taster';
const BUILT = { taster: '1.2.3', backend: 'wasm' };
const worker = { worker: (row: number) => `worker ${row % 3}`, day: (row: number) => `day ${row % 6}` };

let baseline: Baseline;
let bytes: Uint8Array;
beforeAll(async () => {
  await startBackend('wasm');
  baseline = fitOn(labelled(numberRows(160, 'trusted'), worker), { group: 'day' });
  bytes = encodeArtefact(baseline, { group: 'day', ids: [] }, BUILT).bytes;
});

const open = (content: Uint8Array, named: Partial<NamedColumns> = {}) =>
  openBaseline(storeOf({ [FILE]: content }), FILE, { ids: [], ...named });

async function refusal(content: Uint8Array, named: Partial<NamedColumns> = {}): Promise<BadInput> {
  const error: unknown = await open(content, named).catch((thrown: unknown) => thrown);
  if (!(error instanceof BadInput)) throw new Error('not refused', { cause: error });
  return error;
}

/** The artefact with another header or payload, its digests made to fit. */
function forged(change: { header?: Record<string, unknown>; payload?: unknown; version?: number }): Uint8Array {
  const [, line = ''] = Buffer.from(bytes).toString('latin1').split('\n', 2);
  const start = Buffer.from(bytes).indexOf('\n', Buffer.from(bytes).indexOf('\n') + 1) + 1;
  const payload = 'payload' in change ? encodePlain(change.payload) : bytes.subarray(start);
  const sized = { bytes: payload.length, sha256: createHash('sha256').update(payload).digest('hex') };
  const header = Buffer.from(JSON.stringify({ ...JSON.parse(line), payload: sized, ...change.header }));
  const digest = createHash('sha256').update(header).digest('hex');
  return Buffer.concat([
    Buffer.from(`taster-baseline ${change.version ?? 1} ${digest}\n`),
    header,
    Buffer.from('\n'),
    payload,
  ]);
}

describe('an artefact', () => {
  it.each(samplers)('holds the baseline of %s rows exactly, in the same bytes each time', (_, sample) => {
    const fitted = fitOn(labelled(sample(160, 'trusted')));
    const encoded = encodeArtefact(fitted, { ids: [] }, BUILT);
    expect(isArtefact(encoded.bytes)).toBe(true);
    expect(decodeArtefact(encoded.bytes, FILE)).toMatchObject({ sha256: encoded.sha256, header: encoded.header });
    // toStrictEqual takes seconds over millions of numbers.
    expect(isDeepStrictEqual(decodeArtefact(encoded.bytes, FILE).baseline, fitted)).toBe(true);
    const again = encodeArtefact(fitOn(labelled(sample(160, 'trusted'))), { ids: [] }, BUILT);
    expect(Buffer.compare(again.bytes, encoded.bytes)).toBe(0);
  });

  it.each(samplers)('holds exemplars of %s rows exactly', (_, sample) => {
    const fitted = fitOn(labelled(sample(160, 'trusted')), {}, undefined, { exemplars: true });
    const { bytes: withRows, header } = encodeArtefact(fitted, { ids: [] }, BUILT);
    expect(header.exemplars).toBe(fitted.exemplars?.rows.length);
    expect(isDeepStrictEqual(decodeArtefact(withRows, FILE).baseline, fitted)).toBe(true);
  });

  it('is opened in place of the rows, with the columns named when it was built', async () => {
    const opened = await open(bytes);
    expect(isDeepStrictEqual(opened.baseline, baseline)).toBe(true);
    expect(opened.named).toEqual({ group: 'day', ids: [] });
    expect(opened.artefact).toBe(decodeArtefact(bytes, FILE).sha256);
  });

  it('tells nothing of time, place or person in its header', () => {
    const { header } = decodeArtefact(bytes, FILE);
    expect(Object.keys(header).sort()).toEqual(
      ['backend', 'blocks', 'classes', 'columns', 'detectors', 'distinctRows', 'exemplars', 'named', 'payload', 'rows', 'scoring', 'taster', 'trusted'], // biome-ignore format: one list
    );
  });
});

describe('columns named by options', () => {
  it.each([
    [{ label: 'label' }],
    [{ group: 'day' }],
    [{ source: 'worker' }],
    [{ label: 'label', source: 'worker', group: 'day' }],
  ])('may repeat what it was built with: %j', async (named) => {
    const opened = await open(bytes, named);
    expect(opened.named).toMatchObject(named);
    const guessed = opened.baseline.columns.filter(({ name }) => Object.values(named).includes(name));
    expect(guessed.map((column) => column.guessed)).toEqual(guessed.map(() => false));
  });

  it('may name a source that only the batch has', async () => {
    const rows = labelled(numberRows(160, 'trusted'));
    const without = encodeArtefact(fitOn(rows), { ids: [] }, BUILT).bytes;
    expect((await open(without, { source: 'uploader' })).named).toEqual({ source: 'uploader', ids: [] });
    const built = encodeArtefact(fitOn(rows), { source: 'uploader', ids: [] }, BUILT).bytes;
    expect((await open(built)).named).toEqual({ source: 'uploader', ids: [] });
  });

  it.each([
    ['--label', 'day', { label: 'day' }, 'was built with column day as group, and with label as label'],
    ['--label', 'nope', { label: 'nope' }, 'has no column nope, and with label as label'],
    ['--group', 'worker', { group: 'worker' }, 'was built with column worker as source, and with day as group'],
    ['--source', 'uploader', { source: 'uploader' }, 'has no column uploader, and with worker as source'],
    ['--source', 'label', { source: 'label' }, 'was built with column label as label, and with worker as source'],
    ['--id', 'label', { ids: ['label'] }, 'was built with column label as label'],
  ])('must not contradict it: %s %s', async (option, column, named, detail) => {
    const error = await refusal(bytes, named);
    expect(error).toMatchObject({ code: 'ARTEFACT_CONTRADICTED', message: `baseline ${FILE}: ${detail}` });
    expect(error.remedy).toBe(`Leave ${option} out, or build the baseline again with ${option} ${column}.`);
  });
});

describe('a damaged artefact is refused', () => {
  it('whichever byte was changed', async () => {
    const places = fc.oneof(fc.nat(bytes.length - 1), fc.nat(1000));
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const flipped = Uint8Array.from(bytes);
        flipped[place] = (flipped[place] as number) ^ change;
        await refusal(flipped);
      }),
      { numRuns: 300 },
    );
  });

  it('wherever it was cut off', async () => {
    const lengths = fc.oneof(fc.nat(bytes.length - 1), fc.nat(1000));
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const { code, message } = await refusal(bytes.subarray(0, length));
        // With less than its first word it is some file that is no table.
        if (length >= 16)
          expect({ code, message }).toMatchObject({
            code: 'ARTEFACT_DAMAGED',
            message: expect.stringContaining('cut off'),
          });
      }),
      { numRuns: 150 },
    );
  });

  it('when something follows its end', async () => {
    expect(await refusal(Buffer.concat([bytes, Buffer.from('\n')]))).toMatchObject({
      code: 'ARTEFACT_DAMAGED',
      message: `baseline ${FILE}: the file is damaged: 1 bytes follow its end`,
      remedy: expect.stringContaining('taster baseline build'),
    });
  });
});

describe('an artefact of another version is refused', () => {
  it.each([
    ['an older format', { version: 0 }, 'was built with format version 0', /^Build it again/],
    ['a newer format', { version: 2 }, 'was built with format version 2', /^Upgrade Taster, or build/],
    [
      'older scoring',
      { header: { scoring: 0 } },
      'was built by Taster 1.2.3 with scoring version 0',
      /^Build it again/,
    ],
    [
      'newer scoring',
      { header: { scoring: 99 } },
      'was built by Taster 1.2.3 with scoring version 99',
      /^Upgrade Taster/,
    ],
  ])('%s', async (_, change, detail, remedy) => {
    const error = await refusal(forged(change));
    expect(error.code).toBe('ARTEFACT_OTHER_VERSION');
    expect(error.message).toContain(detail);
    expect(error.remedy).toMatch(remedy);
  });
});

const halfPicture = { width: 2, height: 2, channels: 1, pixels: new Uint8Array(2) };
const exemplarsOf = (row: unknown) => ({ rows: [row], features: { rows: 1, cols: 1, data: new Float32Array(1) } });

/** Reaches into a baseline where its types do not let one. */
// biome-ignore lint/suspicious/noExplicitAny: what is changed is what the types forbid
type Change = (value: any) => void;

describe('content that its digest vouches for, and that makes no sense', () => {
  const changed = (change: Change) => {
    const value = decodePlain(encodePlain(baseline));
    change(value);
    return value;
  };

  it.each<[string, Change]>([
    ['no encoder', (value) => delete value.encoder],
    ['no detectors list', (value) => (value.detectors = null)],
    ['a class that is no text', (value) => (value.classes[0] = 1)],
    ['an unknown detector', (value) => (value.detectors[0].kind = 'trigger')],
    ['no calibration', (value) => (value.detectors[0].calibrations = [])],
    ['a stratum beyond the last', (value) => (value.detectors[0].strata.ofClass[0] = 7)],
    ['strata of other classes', (value) => (value.detectors[0].strata.ofClass = new Int32Array(9))],
    ['too few thresholds', (value) => (value.detectors[0].calibrations[0].tailThresholds = new Float64Array(2))],
    [
      'thresholds of another type',
      (value) => (value.detectors[0].calibrations[0].tailThresholds = new Float32Array(18)),
    ],
    ['a histogram of text', (value) => value.detectors[0].calibrations[0].calls.set('a', 1)],
    ['a block that fits no calibration', (value) => (value.detectors[0].blocks[0].tally.above = [])],
    ['a matrix smaller than it says', (value) => (value.detectors[0].model.ridge.weights.rows = 1e6)],
    ['an encoder matrix without numbers', (value) => (value.encoder.expansion.projection.data = [])],
    ['a map of three directions', (value) => (value.map.plane.directions.cols = 3)],
    ['a map with points of other rows', (value) => (value.map.labels = new Int32Array(1))],
    ['a map with a label beyond the last', (value) => (value.map.labels[0] = 3)],
    ['exemplars without features', (value) => (value.exemplars = { rows: [] })],
    [
      'an exemplar that is no text',
      (value) => (value.exemplars = exemplarsOf({ label: 0, values: new Map([['a', 1]]), images: new Map() })),
    ],
    [
      'an exemplar with half a picture',
      (value) =>
        (value.exemplars = exemplarsOf({ label: 0, values: new Map(), images: new Map([['a', halfPicture]]) })),
    ],
    ['another value altogether', (value) => (value.encoder = new Map())],
  ])('is refused: %s', async (_, change) => {
    expect(await refusal(forged({ payload: changed(change) }))).toMatchObject({
      code: 'ARTEFACT_DAMAGED',
      message: expect.stringContaining('its content makes no sense'),
    });
  });

  it.each([[null], [[]], ['text'], [new Float64Array(3)], [new Map([['columns', []]])]])(
    'is refused: %j',
    async (payload) => {
      expect(await refusal(forged({ payload }))).toMatchObject({ code: 'ARTEFACT_DAMAGED' });
    },
  );

  it.each([[{ rows: 'many' }], [{ named: null }], [{ columns: [{}] }]])('nor is a header with %j', async (header) => {
    expect(await refusal(forged({ header }))).toMatchObject({
      code: 'ARTEFACT_DAMAGED',
      message: expect.stringContaining('its header makes no sense'),
    });
  });

  it('in an index of texts that points outside itself', () => {
    const [, sample] = samplers.find(([name]) => name === 'text') ?? samplers[0]!;
    const fitted = fitOn(labelled(sample(160, 'trusted')));
    const { index } = fitted.encoder.landmarks!;
    index.rows[0] = index.references;
    expect(() => decodeBaseline(encodePlain(fitted), FILE)).toThrow('points outside itself');
  });

  it.each<[string, (model: { counts: Uint32Array; means: Float64Array }) => object]>([
    ['of another length', ({ counts }) => ({ counts: counts.slice(1) })],
    ['of other columns', ({ means }) => ({ means: Float64Array.of(...means, 0) })],
    ['of no number', () => ({ means: Float64Array.of(Number.NaN) })],
  ])('in counts of characters %s', (_, changeOf) => {
    const [, sample] = samplers.find(([name]) => name === 'text') ?? samplers[0]!;
    const fitted = fitOn(labelled(sample(160, 'trusted')));
    const { characters } = fitted.detectors.find(({ kind }) => kind === 'outlier')!.model as OutlierModel;
    Object.assign(characters!.model, changeOf(characters!.model));
    expect(() => decodeBaseline(encodePlain(fitted), FILE)).toThrow('.characters.model');
  });

  it('in where its rows lie', () => {
    const [, sample] = samplers[0]!;
    const fitted = fitOn(labelled(sample(160, 'trusted')));
    const { covariates } = fitted;
    const fewer = { ...covariates!, ranks: covariates!.ranks.slice(1) };
    expect(() => decodeBaseline(encodePlain({ ...fitted, covariates: fewer }), FILE)).toThrow('does not fit 160 rows');
    fitted.detectors[0]!.calibrations[0]!.judged!.rows[0] = 160;
    expect(() => decodeBaseline(encodePlain(fitted), FILE)).toThrow('rows that are not there');
  });
});
