import { Field, FixedSizeList, Float32, makeData, type Table, Vector } from 'apache-arrow';
import { withColumns } from '../encode/index.js';
import type { Backend } from '../linear/index.js';
import type { ProcessLimits } from '../process/index.js';
import type { PinnedContract } from '../verify/index.js';
import { unusable } from './files.js';
import { inputSize, readInputs } from './inputs.js';
import { ModelProcess } from './model-process.js';
import { modelPins, verifyModels } from './pins.js';
import type { ModelPin, ModelRows } from './types.js';

/** The models of a contract, each in a process of its own. */
export interface Models {
  readonly pins: readonly ModelPin[];
  /**
   * The table with a column for each model. A model whose inputs the table lacks adds none.
   * @throws BadInput MODEL_UNUSABLE, MODEL_CHANGED
   */
  apply(table: Table, onChunk?: () => void): Promise<Table>;
  stop(): Promise<void>;
}

/** A chunk: to load the model, or to see so many numbers. Below the time that a shard has between signs of life. */
const LIMITS: ProcessLimits = { seconds: 60, memoryBytes: 2 ** 31 };
const CHUNK_NUMBERS = 2 ** 20;
const MOST_CHUNK_ROWS = 4096;

/** Processes start with the first rows; they end with `stop` or with this process. */
export function startModels(contract: PinnedContract | undefined, backend: Backend, limits = LIMITS): Models {
  const models = modelPins(contract).map((pin) => new ModelProcess(pin, backend, limits));
  const killAll = () => {
    for (const model of models) model.kill();
  };
  if (models.length > 0) process.once('exit', killAll);
  return {
    pins: models.map(({ pin }) => pin),
    apply: async (table, onChunk) => {
      const columns = new Map<string, Vector>();
      for (const model of models) {
        const column = await columnOf(model, table, onChunk);
        if (column !== undefined) columns.set(model.pin.name, column);
      }
      return columns.size === 0 ? table : withColumns(table, columns);
    },
    stop: async () => {
      await Promise.all(models.map((model) => model.stop()));
      process.off('exit', killAll);
    },
  };
}

async function columnOf(model: ModelProcess, table: Table, onChunk?: () => void): Promise<Vector | undefined> {
  const size = inputSize(table, model.pin);
  if (size === undefined) return undefined;
  if (table.numRows === 0) {
    // How many numbers it gives is known once it has seen a row.
    const made = await model.predict({ rows: 1, size, values: new Float32Array(size) });
    return toColumn({ rows: 0, size: made.size, values: new Float32Array(0) });
  }
  const step = Math.max(1, Math.min(MOST_CHUNK_ROWS, Math.floor(CHUNK_NUMBERS / size)));
  let output: ModelRows | undefined;
  for (let from = 0; from < table.numRows; from += step) {
    const chunk = readInputs(table.slice(from, from + step), model.pin, size);
    const made = await model.predict(chunk);
    output ??= { rows: table.numRows, size: made.size, values: new Float32Array(table.numRows * made.size) };
    if (made.size !== output.size) {
      throw unusable(model.pin.name, `it gives ${output.size} numbers a row, then ${made.size}`, 'Use another model.');
    }
    output.values.set(made.values, from * made.size);
    onChunk?.();
  }
  return output && toColumn(output);
}

function toColumn({ rows, size, values }: ModelRows): Vector {
  const type = new FixedSizeList(size, new Field('item', new Float32(), true));
  const child = makeData({ type: new Float32(), data: values });
  return new Vector([makeData({ type, length: rows, nullCount: 0, child })]);
}

/** Runs `work` with the models of a contract, once their files are found to be what it pins. @throws as readPinned */
export async function withModels<T>(
  contract: PinnedContract | undefined,
  backend: Backend,
  work: (models: Models) => Promise<T>,
): Promise<T> {
  await verifyModels(contract);
  const models = startModels(contract, backend);
  try {
    return await work(models);
  } finally {
    await models.stop();
  }
}
