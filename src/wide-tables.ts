import { Schema, Table } from 'apache-arrow';

/*
 * Arrow 21 finds a column by asking each for its name, and with that the columns of every record batch that is read, cut
 * or made: tens of thousands of them take minutes. Here names are looked up, and what is the same is not searched for.
 */

const places = new WeakMap<Schema, ReadonlyMap<string, number>>();

/** Name → place among the columns, of equal names the first. */
function placesIn(schema: Schema): ReadonlyMap<string, number> {
  const known = places.get(schema) ?? new Map(schema.fields.map(({ name }, place) => [name, place] as const).reverse());
  places.set(schema, known);
  return known;
}

function getChild(this: Table, name: string) {
  return this.getChildAt(placesIn(this.schema).get(name) ?? -1);
}

const assignByName: (this: Schema, ...others: never[]) => Schema = Schema.prototype.assign;

/** A record batch assigns its schema the fields of its columns, which are the schema's own unless a column is cut short. */
function assign(this: Schema, ...others: never[]): Schema {
  const fields: unknown = others[0];
  const isSame =
    Array.isArray(fields) &&
    fields.length === this.fields.length &&
    this.fields.every((field, at) => field === fields[at]);
  return isSame ? this : assignByName.apply(this, others);
}

Object.assign(Table.prototype, { getChild });
Object.assign(Schema.prototype, { assign });
