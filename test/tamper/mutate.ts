import fc from 'fast-check';

/** A file with one thing changed: a byte, its length, or two bytes that change places. */
export function changedBytes(content: Uint8Array): fc.Arbitrary<Uint8Array> {
  const last = content.length - 1;
  const byte = fc.tuple(fc.nat(last), fc.integer({ min: 1, max: 255 })).map(([place, by]) => {
    const changed = Buffer.from(content);
    changed[place] = ((changed[place] as number) + by) % 256;
    return changed;
  });
  const cut = fc.nat(last).map((length) => Buffer.from(content.subarray(0, length)));
  const longer = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((more) => Buffer.concat([content, more]));
  const swapped = fc
    .tuple(fc.nat(last), fc.nat(last))
    .filter(([a, b]) => content[a] !== content[b])
    .map(([a, b]) => {
      const changed = Buffer.from(content);
      [changed[a], changed[b]] = [content[b] as number, content[a] as number];
      return changed;
    });
  return fc.oneof({ weight: 6, arbitrary: byte }, cut, longer, swapped);
}

type Path = readonly (string | number)[];

/** Paths of every field of a JSON value, containers too. */
function fieldsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    fieldsOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

/** A JSON value with one field changed, left out, doubled or added. */
function changedField<Value>(value: Value): fc.Arbitrary<Value> {
  const change = fc.constantFrom<Change>('change', 'leave out', 'add', 'null');
  return fc
    .tuple(fc.constantFrom(...fieldsOf(value)), change, fc.nat())
    .map(([path, how, seed]) => withChange(value, path, how, seed))
    .filter((changed) => JSON.stringify(changed) !== JSON.stringify(value));
}

type Change = 'change' | 'leave out' | 'add' | 'null';

function withChange<Value>(value: Value, path: Path, how: Change, seed: number): Value {
  const copy = structuredClone(value);
  let holder = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
  const key = path.at(-1) as string | number;
  if (how === 'add') {
    if (Array.isArray(holder)) holder.push(structuredClone(holder[0]));
    else holder[`added${seed % 7}`] = 1;
  } else if (how === 'leave out') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else holder[key] = how === 'null' ? null : otherThan(holder[key], seed);
  return copy;
}

function otherThan(value: unknown, seed: number): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1 + (seed % 3);
  if (Array.isArray(value)) return [...value].reverse();
  if (typeof value !== 'string' || value === '') return 'x';
  const place = seed % value.length;
  const other = value[place] === 'a' ? 'b' : 'a';
  return value.slice(0, place) + other + value.slice(place + 1);
}

/** A signed envelope with something changed in its bytes, its fields, or the fields of what it holds. */
export function changedEnvelope(text: Uint8Array): fc.Arbitrary<Uint8Array> {
  const envelope = JSON.parse(Buffer.from(text).toString()) as { readonly payload: string };
  const statement: unknown = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
  const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));
  const inside = changedField(statement).map((changed) =>
    bytesOf({ ...envelope, payload: bytesOf(changed).toString('base64') }),
  );
  return fc.oneof(changedBytes(text), changedField(envelope).map(bytesOf), inside);
}
