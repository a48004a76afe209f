import { answerThread } from '../process/index.js';
import { decide } from './decide.js';

await answerThread((request: Parameters<typeof decide>) => decide(...request));
