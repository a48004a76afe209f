import { helpWith } from '../../process/index.js';
import { fitPart } from './boosted-trees.js';

helpWith(fitPart);
