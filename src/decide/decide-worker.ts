import { answerThread } from '../process/index.js';
import { beginDecision, endDecision } from './decide.js';
import type { Ending } from './decide-apart.js';

answerThread((beginning: Parameters<typeof beginDecision>) => {
  const begun = beginDecision(...beginning);
  return (ending: Ending) => endDecision(begun, ...ending);
});
