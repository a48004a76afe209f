import { answerThread } from '../process/index.js';
import { countCopies } from './count-copies.js';

await answerThread(countCopies);
