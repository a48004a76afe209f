import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { askThread, compiledBeside } from '../process/index.js';
import { type Decided, decide } from './decide.js';

const ENTRY = compiledBeside(import.meta.url, './decide-worker.js');
/** Tests of a scope or of a class in it, 1 to 2 ms each; a thread takes 400 ms to start. */
const MANY_TESTS = 400;

/**
 * As decide, on a thread of its own where that takes long: with hundreds of classes it takes minutes, in which this
 * thread would hear no signal.
 */
export async function decideApart(...[assessments, baseline, ...rest]: Parameters<typeof decide>): Promise<Decided> {
  if (countTests(assessments, baseline) < MANY_TESTS) return decide(assessments, baseline, ...rest);
  return askThread(ENTRY, [assessments, withoutRows(baseline), ...rest]);
}

function countTests(assessments: readonly ShardAssessment[], { classes }: Baseline): number {
  const sources = new Set(assessments.flatMap((assessment) => assessment.sources));
  return (assessments.length + sources.size) * (1 + classes.length);
}

/** Deciding needs what rows were found to be, not the rows nor how: a thread gets a copy of all it is given. */
function withoutRows(baseline: Baseline): Baseline {
  return {
    ...baseline,
    signed: { signatures: { perRow: 1, values: new Float64Array(0) }, labels: new Int32Array(0) },
    items: null,
    spectral: null,
    exemplars: null,
    map: null,
    detectors: baseline.detectors.map((detector) => ({ ...detector, model: null })),
  };
}
