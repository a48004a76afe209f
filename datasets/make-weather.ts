import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cut, seededBytes, shuffle } from './seeded.js';
import { writeTruth } from './truth.js';

const corpus = 'seattle-weather';
const columns = ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'annotator', 'weather'] as const;
const kinds = ['sun', 'rain', 'fog', 'drizzle', 'snow'];
const shards = 8;
const rowsPerShard = 90;
const poisonedSource = 'annotator-4';
const poisonedShards = new Set([2, 5, 6]);
const honestSources = ['annotator-1', 'annotator-2', 'annotator-3', 'annotator-5'];
/** Of the poisoned source's labels, one in two is another one than the truth. */
const flippedInHundred = 50;

type Day = Readonly<Record<(typeof columns)[number], string>>;

function toDay(line: string): Day {
  const [date = '', precipitation = '', temp_max = '', temp_min = '', wind = '', weather = ''] = line.split(',');
  return { date, precipitation, temp_max, temp_min, wind, weather, annotator: '' };
}

function toCsv(days: readonly Day[]): string {
  return `${[columns, ...days.map((day) => columns.map((column) => day[column]))].map((row) => row.join(',')).join('\n')}\n`;
}

function pick(from: readonly string[], seed: string): string {
  return from[seededBytes(seed).readUInt32LE() % from.length] ?? '';
}

/** The poisoned source labels a third of each of its shards. */
function sourceOf(shard: number, row: number): string {
  if (poisonedShards.has(shard) && row % 3 === 0) return poisonedSource;
  return pick(honestSources, `source/${shard}/${row}`);
}

function isFlipped(day: Day): boolean {
  return day.annotator === poisonedSource && seededBytes(`flip/${day.date}`).readUInt32LE() % 100 < flippedInHundred;
}

function flip(day: Day): Day {
  const others = kinds.filter((kind) => kind !== day.weather);
  return { ...day, weather: pick(others, `label/${day.date}`) };
}

/** Days of Seattle's weather: one annotator among five gives half of the days a wrong label. */
export async function makeWeather(folder: string): Promise<void> {
  const text = await readFile('node_modules/vega-datasets/data/seattle-weather.csv', 'utf8');
  const days = shuffle(text.trim().split('\n').slice(1).map(toDay), corpus);
  const batchRows = shards * rowsPerShard;
  const trusted = days
    .slice(batchRows)
    .map((day, row) => ({ ...day, annotator: pick(honestSources, `trusted/${row}`) }));

  await rm(folder, { recursive: true, force: true });
  await mkdir(`${folder}/trusted`, { recursive: true });
  await mkdir(`${folder}/incoming`);
  await writeFile(`${folder}/trusted/days.csv`, toCsv(trusted));

  const poisonedRows: Record<string, number[]> = {};
  for (const [shard, clean] of cut(days.slice(0, batchRows), rowsPerShard).entries()) {
    const name = `days-${shard + 1}.csv`;
    const labelled = clean.map((day, row) => ({ ...day, annotator: sourceOf(shard, row) }));
    poisonedRows[name] = labelled.flatMap((day, row) => (isFlipped(day) ? [row] : []));
    const delivered = labelled.map((day) => (isFlipped(day) ? flip(day) : day));
    await writeFile(`${folder}/incoming/${name}`, toCsv(delivered));
  }
  await writeTruth(folder, {
    corpus,
    story: `${poisonedSource}, one of five, gave half of its days a wrong label; its days are in three of the eight shards.`,
    shards: poisonedRows,
    kinds: ['label-flip'],
    poisonedSource,
  });
}
