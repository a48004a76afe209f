/** Where decoded data is not what it must be. */
export class Misshapen extends Error {}

/** Throws Misshapen unless the value is of the shape; `at` says where it stands. */
export type Shape = (value: unknown, at: string) => void;

function require(holds: boolean, at: string, expected: string): asserts holds {
  if (!holds) throw new Misshapen(`${at || 'it'} is not ${expected}`);
}

export const text: Shape = (value, at) => require(typeof value === 'string', at, 'text');
export const flag: Shape = (value, at) => require(typeof value === 'boolean', at, 'true or false');
export const number: Shape = (value, at) => require(typeof value === 'number', at, 'a number');
export const digest: Shape = (value, at) =>
  require(typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), at, 'a SHA-256');

export const count: Shape = (value, at) =>
  require(Number.isSafeInteger(value) && (value as number) >= 0, at, 'a count');

export function oneOf(values: readonly string[]): Shape {
  return (value, at) => require(values.some((one) => one === value), at, `one of ${values.join(', ')}`);
}

export function orNull(shape: Shape): Shape {
  return (value, at) => {
    if (value !== null) shape(value, at);
  };
}

/** An array of any length, or of `length`. */
export function listOf(shape: Shape, length?: number): Shape {
  return (value, at) => {
    require(Array.isArray(value), at, 'a list');
    require(length === undefined || value.length === length, at, `a list of ${length}`);
    value.forEach((one: unknown, index) => void shape(one, `${at}[${index}]`));
  };
}

/** An object that has at least the keys of `Value`, each of its shape. */
export function record<Value>(shapes: { readonly [Key in keyof Value]-?: Shape }): Shape {
  return (value, at) => {
    assertRecord(value, at);
    for (const [key, shape] of Object.entries<Shape>(shapes)) {
      // What stands in the prototype is not data.
      require(Object.hasOwn(value, key), `${at}.${key}`, 'there');
      shape(value[key], `${at}.${key}`);
    }
  };
}

export function assertRecord(value: unknown, at: string): asserts value is Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  require(isRecord, at, 'a record');
}

type TypedArrayClass =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | Int32ArrayConstructor
  | Int8ArrayConstructor
  | Uint32ArrayConstructor
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor;

/** A typed array of any length, or of `length`. */
export function arrayOf(type: TypedArrayClass, length?: number): Shape {
  return (value, at) => {
    require(value instanceof type, at, `a ${type.name}`);
    require(length === undefined || value.length === length, at, `of length ${length}`);
  };
}

/** Counts by whole number. */
export const histogram: Shape = (value, at) => {
  require(value instanceof Map, at, 'a Map');
  for (const [level, rows] of value) {
    require(Number.isSafeInteger(level) && Number.isSafeInteger(rows) && rows >= 0, at, 'a histogram');
  }
};

/** A Map from text to values of one shape. */
export function mapOf(shape: Shape): Shape {
  return (value, at) => {
    require(value instanceof Map, at, 'a Map');
    for (const [key, one] of value) {
      text(key, `a key of ${at}`);
      shape(one, at);
    }
  };
}

/** Throws Misshapen where what has a share in a mixture is not there, or has none and is; `name`: of more than one. */
export function assertSay(part: unknown, share: number, name: string, at: string): void {
  const isShare = typeof share === 'number' && share >= 0 && share <= 1;
  if (!isShare || (share === 0) !== (part === null)) throw new Misshapen(`${at} has ${name} without a say`);
}

/** Do lists that stand one after the other, each from where it starts to where the next one does, make up all entries? */
export function areStarts(starts: Int32Array, entries: number): boolean {
  const ascends = starts[0] === 0 && starts.every((start, index) => start >= (starts[index - 1] ?? 0));
  return ascends && starts.at(-1) === entries;
}
