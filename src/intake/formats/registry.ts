import { arrowFile, arrowStream } from './arrow.js';
import { csv } from './csv.js';
import type { Format } from './format.js';
import { jsonLines } from './json-lines.js';
import { parquet } from './parquet.js';

/** The first that recognises the bytes reads them: formats with a magic number come before CSV, which has none. */
export const formats: readonly Format[] = [parquet, arrowFile, arrowStream, jsonLines, csv];
