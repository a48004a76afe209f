import { DataType, MessageHeader, MessageReader, type Schema } from 'apache-arrow';

/**
 * The number of rows that the record batch at a byte promises; throws unless each of its columns has as many. The
 * reader would fill short columns up with nulls, and cut long ones.
 */
export function rowsOfBatch(content: Uint8Array, at: number, schema: Schema): number {
  const message = new MessageReader(content.subarray(at)).readMessage(MessageHeader.RecordBatch);
  if (!message) throw new Error(`a record batch at byte ${at} is not there`);
  const { length, nodes } = message.header();
  let node = 0;
  for (const { name, type } of schema.fields) {
    const rows = nodes[node]?.length ?? 0;
    if (rows !== length) throw new Error(`column ${name} has ${rows} rows in a record batch of ${length}`);
    node += nodesOf(type);
  }
  return length;
}

/** A column has a node of its own and one for each part; a dictionary's parts lie in its own message. */
function nodesOf(type: DataType): number {
  if (DataType.isDictionary(type)) return 1;
  return (type.children ?? []).reduce((sum, child) => sum + nodesOf(child.type), 1);
}
