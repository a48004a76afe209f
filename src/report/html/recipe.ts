import { kinds } from '../kinds.js';
import { holdingKinds } from '../next-steps.js';
import type { ScanOutcome } from '../types.js';
import { html, type Markup } from './markup.js';

/** The commands that take the marked rows out and scan what is left. */
export function recipe(outcome: ScanOutcome): Markup | null {
  const { withheldRows, baseline } = outcome;
  if (withheldRows === 0 || !holdingKinds(outcome).some((kind) => kinds[kind].marksRows)) return null;
  const options = baseline.provisional ? '' : ' --baseline trusted';
  return html`<details><summary>How to take out the marked rows and scan again</summary>
<p>Scan once more, with the options of this scan and a folder for the two parts of each held shard, <code>parts/clean</code> and <code>parts/withheld</code>:</p>
<pre><code>taster scan batch${options} --split parts</code></pre>
<p>Look through <code>parts/withheld</code>, and scan what is to be saved:</p>
<pre><code>taster scan parts/clean${options}</code></pre></details>`;
}
