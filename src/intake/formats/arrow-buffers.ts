import { type Data, DataType, type Vector } from 'apache-arrow';

/** Row numbers are 32-bit. */
const MOST_ROWS = 2 ** 32 - 1;
/** A view is 16 bytes: length, then the value itself up to 12 bytes, or prefix, buffer number and offset. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/**
 * Throws unless every value that the column's metadata promises lies within its buffers. The metadata of an IPC file
 * is the sender's claim, and the Arrow reader takes it at its word.
 */
export function assertWithinBuffers(data: Data, checkedDictionaries = new Set<Vector>()): void {
  const { type, length, children } = data;
  assertClaim(Number.isInteger(length) && length >= 0 && length <= MOST_ROWS, type, `cannot have ${length} rows`);
  if (!DataType.isUnion(type) && !DataType.isNull(type) && data.nullCount > 0) {
    assertLength(data, data.nullBitmap?.length, Math.ceil(length / 8), 'validity');
  }
  if (DataType.isDictionary(type)) assertDictionary(data, checkedDictionaries);
  else if (DataType.isUnion(type)) assertUnion(data, type.typeIdToChildIndex);
  else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) assertViews(data);
  else if (DataType.isStruct(type)) assertChildren(data, length);
  else if (DataType.isFixedSizeList(type)) assertChildren(data, length * type.listSize);
  else if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    assertOffsets(data, children[0]?.length);
  } else if (hasOffsets(type)) assertOffsets(data, data.values?.length);
  else if (DataType.isBool(type)) assertLength(data, data.values?.length, Math.ceil(length / 8), 'values');
  else if (!DataType.isNull(type)) assertLength(data, data.values?.length, length * data.stride, 'values');
  for (const child of children) assertWithinBuffers(child, checkedDictionaries);
}

function hasOffsets(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBinary(type) || DataType.isLargeBinary(type);
}

function assertClaim(holds: boolean, type: DataType, detail: string): asserts holds {
  if (!holds) throw new Error(`a column of type ${type} ${detail}`);
}

function assertLength({ type }: Data, actual: number | undefined, needed: number, buffer: string): void {
  assertClaim((actual ?? 0) >= needed, type, `needs ${needed} ${buffer}, but its buffer holds ${actual ?? 0}`);
}

function assertChildren(data: Data, needed: number): void {
  assertClaim(data.children.length === data.type.children.length, data.type, 'lacks one of its parts');
  for (const child of data.children) assertLength(data, child.length, needed, 'child values');
}

function assertOffsets(data: Data, available = 0): void {
  if (data.length === 0) return;
  const offsets: Int32Array | BigInt64Array | undefined = data.valueOffsets;
  assertLength(data, offsets?.length, data.length + 1, 'offsets');
  let previous = 0;
  for (let i = 0; offsets && i <= data.length; i++) {
    const offset = Number(offsets[i]);
    assertClaim(offset >= previous && offset <= available, data.type, `points outside its values in row ${i}`);
    previous = offset;
  }
}

function assertViews(data: Data): void {
  const views: Uint8Array = data.values;
  assertLength(data, views.length, data.length * VIEW_BYTES, 'view bytes');
  const { getInt32 } = viewReader(views);
  for (let row = 0; row < data.length; row++) {
    const at = row * VIEW_BYTES;
    const length = getInt32(at);
    if ((length >= 0 && length <= INLINE_BYTES) || !data.getValid(row)) continue;
    const offset = getInt32(at + 12);
    const available = data.variadicBuffers[getInt32(at + 8)]?.length ?? -1;
    const within = length > 0 && offset >= 0 && offset + length <= available;
    assertClaim(within, data.type, `points outside its values in row ${row}`);
  }
}

function viewReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { getInt32: (at: number) => view.getInt32(at, true) };
}

function assertUnion(data: Data, childIndices: Readonly<Record<number, number>>): void {
  const typeIds: Int8Array = data.typeIds;
  const offsets: Int32Array | undefined = data.valueOffsets;
  assertLength(data, typeIds.length, data.length, 'type ids');
  const dense = DataType.isDenseUnion(data.type);
  if (dense) assertLength(data, offsets?.length, data.length, 'offsets');
  else assertChildren(data, data.length);
  for (let row = 0; row < data.length; row++) {
    const child = data.children[childIndices[typeIds[row] ?? -1] ?? -1];
    const at = dense ? (offsets?.[row] ?? -1) : row;
    assertClaim(
      child !== undefined && at >= 0 && at < child.length,
      data.type,
      `points outside its values in row ${row}`,
    );
  }
}

function assertDictionary(data: Data, checked: Set<Vector>): void {
  const { dictionary, type } = data;
  assertClaim(dictionary !== undefined, type, 'lacks its dictionary');
  if (!checked.has(dictionary)) {
    checked.add(dictionary);
    for (const part of dictionary.data) assertWithinBuffers(part, checked);
  }
  const indices: ArrayLike<number | bigint> = data.values;
  assertLength(data, indices.length, data.length, 'indices');
  for (let row = 0; row < data.length; row++) {
    const index = Number(indices[row]);
    const within = index >= 0 && index < dictionary.length;
    assertClaim(within || !data.getValid(row), type, `has no dictionary entry ${index} (row ${row})`);
  }
}
