import type { Progress } from '../pipeline.js';
import type { Output } from './io.js';

const stagesInWords: Readonly<Record<Progress['stage'], string>> = {
  baseline: 'Learning from the trusted rows',
  score: 'Scoring shards',
  decide: 'Deciding',
  mark: 'Marking rows',
};

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  readonly clear: () => void;
}

/** One moving line on a terminal; nothing anywhere else. */
export async function progressLine(stream: Output, isShown: boolean, color: boolean): Promise<ProgressLine> {
  // On a terminal that claims no columns (some containers) ora would clear lines for ever.
  const isVisible = isShown && stream.isTTY === true && stream.columns !== 0;
  if (!isVisible) return { show: () => {}, clear: () => {} };
  // Loaded where it is shown: it takes as long to load as Node takes to start.
  const { default: ora } = await import('ora');
  // Stdin stays as it is: taken over by the spinner, Ctrl-C would no longer be a signal.
  const spinner = ora({
    stream: stream as NodeJS.WriteStream,
    text: 'Starting',
    discardStdin: false,
    // To show it again after Ctrl-C the spinner would catch the signal, and a fit would not let it be heard for seconds.
    hideCursor: false,
    color: color && 'cyan',
    isEnabled: true,
  }).start();
  return {
    show: ({ stage, done, total }) => {
      spinner.text = total > 1 ? `${stagesInWords[stage]} ${done}/${total}` : stagesInWords[stage];
    },
    clear: () => void spinner.stop(),
  };
}
