import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normals, seededRandom } from '../../src/linear/index.js';

/** CSV rows of two classes that differ in two numbers; a share of the labels is wrong. */
export function tabularCsv(seed: string, rows: number, flipped = 0): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, (_, row) => {
    const isHigh = random() < 0.5;
    const [x = 0, y = 0] = normals(random, 2);
    const label = isHigh === random() >= flipped ? 'high' : 'low';
    const day = new Date(Date.UTC(2024, 0, 1) + row * 36e5).toISOString();
    return [day, (x + (isHigh ? 3 : 0)).toFixed(3), y.toFixed(3), `colour ${row % 3}`, `worker-${row % 4}`, label];
  });
  return [['day', 'size', 'weight', 'colour', 'annotator', 'label'], ...lines]
    .map((cells) => cells.join(','))
    .join('\n');
}

const words = { sport: ['ball', 'goal', 'team', 'race', 'coach'], food: ['soup', 'salt', 'bread', 'oven', 'spice'] };
const common = ['the', 'a', 'with', 'today', 'again', 'very', 'old', 'new'];

/** CSV rows of short sentences of two classes; a share of the labels is wrong. */
export function textCsv(seed: string, rows: number, flipped = 0): string {
  const random = seededRandom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] as string;
  const lines = Array.from({ length: rows }, () => {
    const topic = random() < 0.5 ? 'sport' : 'food';
    const sentence = Array.from({ length: 8 }, () => pick(random() < 0.4 ? words[topic] : common)).join(' ');
    const label = random() >= flipped ? topic : topic === 'sport' ? 'food' : 'sport';
    return `${sentence},${label}`;
  });
  return ['message,label', ...lines].join('\n');
}

/** Writes files below `folder`. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
}
