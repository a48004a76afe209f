import { answerThread } from '../process/index.js';
import { beginDecision, endDecision } from './decide.js';
import type { Question } from './decide-apart.js';

answerThread((beginning: Parameters<typeof beginDecision>) => {
  const begun = beginDecision(...beginning);
  const [, ...rest] = beginning;
  return ({ others, ending }: Question) =>
    endDecision(others === null ? begun : beginDecision(others, ...rest), ...ending);
});
