import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { compiledBeside, startThread } from '../process/index.js';
import { beginDecision, type Decided, endDecision } from './decide.js';

const ENTRY = compiledBeside(import.meta.url, './decide-worker.js');
/** Tests of a scope or of a class in it, 1 to 2 ms each; a thread takes 400 ms to start. */
const MANY_TESTS = 400;

type Ending = Parameters<typeof endDecision> extends [unknown, ...infer Rest] ? Rest : never;

/** What a thread is asked that has begun to decide. */
export interface Question {
  /** Null where they are those that it began with. */
  readonly others: readonly ShardAssessment[] | null;
  readonly ending: Ending;
}

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
export function decideApart(...[assessments, baseline, ...rest]: Parameters<typeof beginDecision>): Deciding {
  if (countTests(assessments, baseline) < MANY_TESTS) {
    return {
      end: async (others, ...ending) => endDecision(beginDecision(others, baseline, ...rest), ...ending),
      stop: async () => {},
    };
  }
  const thread = startThread(ENTRY, [assessments, withoutRows(baseline), ...rest]);
  return {
    end: (others, ...ending) => {
      const question: Question = { others: others === assessments ? null : others, ending };
      return thread.ask(question);
    },
    stop: thread.stop,
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
