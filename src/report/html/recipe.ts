import { kinds } from '../kinds.js';
import { holdingKinds } from '../next-steps.js';
import type { ScanOutcome } from '../types.js';
import { html, type Markup } from './markup.js';

const START = `# python -m pip install pyarrow; set both folders; run beside rows.arrow`;

const READ_MARKS = `BATCH, CLEANED = "incoming", "cleaned"
marks = pyarrow.feather.read_table("rows.arrow")
names = marks["shard"].cast("string")
for name in pc.unique(names).to_pylist():
    withhold = marks.filter(pc.equal(names, name))["withhold"]
    os.makedirs(os.path.dirname(f"{CLEANED}/{name}"), exist_ok=True)`;

/** Formats of shards that a few lines of Python copy without loss; rows of others are listed only. */
const programs: readonly { readonly ending: RegExp; readonly text: string }[] = [
  {
    ending: /\.parquet$/i,
    text: `${START}
import os, pyarrow.compute as pc, pyarrow.feather, pyarrow.parquet as pq
${READ_MARKS}
    rows = pq.read_table(f"{BATCH}/{name}")
    pq.write_table(rows.filter(pc.invert(withhold)), f"{CLEANED}/{name}")`,
  },
  {
    ending: /\.csv$/i,
    text: `${START}
import csv, os, pyarrow.compute as pc, pyarrow.feather
${READ_MARKS}
    with open(f"{BATCH}/{name}", newline="", encoding="utf-8") as old:
        header, *rows = filter(None, csv.reader(old))
    kept = [row for row, out in zip(rows, withhold.to_pylist(), strict=True) if not out]
    with open(f"{CLEANED}/{name}", "w", newline="", encoding="utf-8") as new:
        csv.writer(new).writerows([header, *kept])`,
  },
];

const LISTING = `${START}
import pyarrow.feather
marks = pyarrow.feather.read_table("rows.arrow")
for row in marks.filter(marks["withhold"]).to_pylist(): print(row["shard"], row["row"], row["reason"])`;

/** How to take the marked rows out and scan the rest: programs that run as they stand. */
export function recipe(outcome: ScanOutcome): Markup | null {
  const { withheldRows, shards } = outcome;
  if (withheldRows === 0 || !holdingKinds(outcome).some((kind) => kinds[kind].marksRows)) return null;
  const program = programs.find(({ ending }) => shards.every(({ path }) => ending.test(path)));
  const what =
    program === undefined
      ? 'This lists them; rows are numbered from 0 in each shard. Take them out with what wrote the shards.'
      : 'This copies every readable shard without its marked rows.';
  return html`<details><summary>How to take out the marked rows and scan again</summary>
<p>${what}</p>
<pre><code>${lines(program?.text ?? LISTING)}</code></pre>
<p>Then, with the options of this scan:</p>
<pre><code>taster scan cleaned --baseline trusted --out report-2</code></pre></details>`;
}

/** Escaped line by line: a line feed is no part of a value and would be shown as an escape. */
function lines(text: string): Markup[] {
  return text.split('\n').map(
    (line) => html`${line}
`,
  );
}
