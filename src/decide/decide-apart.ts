import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { compiled, startThread } from '../process/index.js';
import { type Decided, decide, type endDecision } from './decide.js';
import type { Policy } from './types.js';

const ENTRY = compiled('decide/decide-worker.js');
/** Tests of a scope or of a class in it, 1 ms each; a thread takes 400 ms to start. */
const MANY_TESTS = 400;

/** What is known at the end beside what it began with. */
export type Ending = Parameters<typeof endDecision> extends [unknown, ...infer Rest] ? Rest : never;

/** A decision that has begun. */
export interface Deciding {
  /** As decide: of the assessments that it began with, or of those that other evidence has left of them. */
  end(assessments: readonly ShardAssessment[], ...ending: Ending): Promise<Decided>;
  stop(): Promise<void>;
}

/**
 * Begins to decide on a thread of its own where that takes long, so that other evidence is gathered meanwhile: with hundreds
 * of classes it takes minutes, in which this thread would hear no signal.
 */
export function decideApart(
  assessments: readonly ShardAssessment[],
  baseline: Baseline,
  policy: Policy,
  hasLedger: boolean,
): Deciding {
  if (countTests(assessments, baseline) < MANY_TESTS) {
    return {
      end: async (others, ...ending) => decide(others, baseline, policy, ...ending),
      stop: async () => {},
    };
  }
  const begin = (some: readonly ShardAssessment[]) =>
    startThread(ENTRY, [some, withoutRows(baseline), policy, hasLedger]);
  let thread = begin(assessments);
  return {
    end: async (others, ...ending) => {
      if (others !== assessments) {
        // What it tests is not asked for: it would be waited for in vain.
        await thread.stop();
        thread = begin(others);
      }
      return thread.ask(ending);
    },
    stop: () => thread.stop(),
  };
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
