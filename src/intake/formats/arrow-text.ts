import { isAscii, isUtf8 } from 'node:buffer';
import { type Data, DataType, type Schema, type Vector } from 'apache-arrow';

/** Throws where a text column of the batch is not valid UTF-8. Its buffers must have been found to hold its values. */
export function assertValidText(
  { schema, data }: { readonly schema: Schema; readonly data: Data },
  checkedDictionaries: Set<Vector>,
): void {
  schema.fields.forEach(({ name }, index) => {
    const column = data.children[index];
    if (column && !isValidText(column, checkedDictionaries)) {
      throw new Error(`column ${name} holds text that is not valid UTF-8`);
    }
  });
}

function isValidText(data: Data, checked: Set<Vector>): boolean {
  const { type, children, dictionary } = data;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return areValues(data);
  if (DataType.isUtf8View(type)) return areViews(data);
  if (dictionary && !checked.has(dictionary)) {
    checked.add(dictionary);
    if (!dictionary.data.every((part) => isValidText(part, checked))) return false;
  }
  return children.every((child) => isValidText(child, checked));
}

/** The buffer as a whole, which is fast; only where characters have several bytes, also where values begin. */
function areValues({ length, valueOffsets, values }: Data): boolean {
  if (length === 0) return true;
  const offsets: Int32Array | BigInt64Array = valueOffsets;
  const bytes: Uint8Array = values;
  const used = bytes.subarray(Number(offsets[0]), Number(offsets[length]));
  if (isAscii(used)) return true;
  if (!isUtf8(used)) return false;
  for (let row = 0; row < length; row++) {
    const start = Number(offsets[row]);
    if (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80 && start < Number(offsets[row + 1])) return false;
  }
  return true;
}

const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

function areViews(data: Data): boolean {
  const views: Uint8Array = data.values;
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength);
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    const at = row * VIEW_BYTES;
    const length = view.getInt32(at, true);
    const inline = length <= INLINE_BYTES;
    const start = inline ? at + 4 : view.getInt32(at + 12, true);
    const source: Uint8Array | undefined = inline ? views : data.variadicBuffers[view.getInt32(at + 8, true)];
    if (!isUtf8(source?.subarray(start, start + length) ?? new Uint8Array(0))) return false;
  }
  return true;
}
