import { DataType, type Table, type Vector } from 'apache-arrow';
import { someOf } from '../count.js';
import { BadInput } from '../errors.js';
import type { ColumnRole, Role } from '../schema/index.js';
import { type PinnedContract, requireAgreement } from '../verify/index.js';
import { isNumeric, isString, listSize, readStrings } from './columns.js';

export type { ColumnRole, Role };

/** Columns whose role the user has said. */
export interface NamedColumns {
  readonly label?: string;
  readonly source?: string;
  readonly group?: string;
  readonly ids: readonly string[];
  /** Where there is one, it says the role of every column: those it does not name are ignored. */
  readonly contract?: PinnedContract;
}

/** What a contract says of roles, for those who ask for one role only. */
export function namedByContract(contract: PinnedContract): NamedColumns {
  const columns = contract.contract.columns.filter(({ optional }) => optional !== true);
  const first = (wanted: Role) => columns.find(({ role }) => role === wanted)?.name;
  const [label, source, group] = [first('label'), first('source'), first('group')];
  return {
    ...(label === undefined ? {} : { label }),
    ...(source === undefined ? {} : { source }),
    ...(group === undefined ? {} : { group }),
    ids: columns.filter(({ role }) => role === 'id').map(({ name }) => name),
    contract,
  };
}

const NAMES_BY_ROLE: readonly (readonly [Role, readonly string[]])[] = [
  ['label', ['label', 'target', 'class', 'y']],
  ['source', ['source', 'annotator', 'annotator_id', 'worker', 'uploader', 'domain']],
  ['group', ['group', 'split', 'fold', 'batch']],
  ['id', ['id', 'uuid', 'row_id']],
];

const DIALOGUE_NAMES: readonly (readonly [Role, readonly string[]])[] = [
  ['prompt', ['prompt', 'instruction', 'input', 'question']],
  ['response', ['response', 'output', 'completion', 'answer']],
];
const PRED_PROBS_NAMES: readonly string[] = ['pred_probs', 'probabilities'];

/** Free text has several words a cell and few repeated cells; anything else of type string is a category. */
const TEXT_WORDS = 3;
const TEXT_DISTINCT_SHARE = 0.2;
const TEXT_SAMPLE_ROWS = 2000;

/** Names in a message by which a user chooses one. */
const MOST_TO_CHOOSE_FROM = 20;

/**
 * Gives each column of the trusted rows its role: as named, else by name, else by type.
 * @throws BadInput LABEL_AMBIGUOUS when two columns could be the label, COLUMN_MISSING when a named one is not there.
 */
export function assignRoles(trusted: Table, named: NamedColumns, path: string): ColumnRole[] {
  const names = trusted.schema.fields.map((field) => field.name);
  if (named.contract !== undefined) requireAgreement(trusted, named.contract, path);
  requireColumns(named, names, path);
  const labels = names.filter((name) => roleByName(name) === 'label');
  if (named.contract === undefined && named.label === undefined && labels.length > 1) {
    throw new BadInput('LABEL_AMBIGUOUS', { path, columns: someOf(labels, MOST_TO_CHOOSE_FROM) });
  }
  const isDialogue = named.label === undefined && labels.length === 0 && hasDialogue(trusted);
  return trusted.schema.fields.map(({ name, type }) => {
    const said = roleAsNamed(name, named);
    const role = said ?? guessRole(name, trusted.getChild(name) as Vector, named, isDialogue);
    const classes = role === 'pred_probs' ? named.contract?.classes.get(name) : undefined;
    return { name, role, type: String(type), guessed: said === undefined, ...(classes && { classes }) };
  });
}

function requireColumns({ label, group, ids }: NamedColumns, names: readonly string[], path: string): void {
  // The source alone may come with the batch: a row is trusted whoever it is from.
  const missing = [label, group, ...ids].find((name) => name !== undefined && !names.includes(name));
  if (missing !== undefined) {
    throw new BadInput('COLUMN_MISSING', { path, column: missing, columns: someOf(names, MOST_TO_CHOOSE_FROM) });
  }
}

/** The role the user has given a column, if any. */
export function roleAsNamed(name: string, named: NamedColumns): Role | undefined {
  if (named.contract !== undefined) return named.contract.roles.get(name) ?? 'ignore';
  if (name === named.label) return 'label';
  if (name === named.source) return 'source';
  if (name === named.group) return 'group';
  return named.ids.includes(name) ? 'id' : undefined;
}

export function roleByName(name: string): Role | undefined {
  return NAMES_BY_ROLE.find(([, known]) => known.includes(name.toLowerCase()))?.[0];
}

/** Both sides of a dialogue, as data for language models have them. */
function hasDialogue(trusted: Table): boolean {
  const roles = trusted.schema.fields.map(({ name, type }) => dialogueRole(name, type));
  return roles.includes('prompt') && roles.includes('response');
}

function dialogueRole(name: string, type: DataType): Role | undefined {
  if (!isString(type)) return undefined;
  return DIALOGUE_NAMES.find(([, known]) => known.includes(name.toLowerCase()))?.[0];
}

/** Probabilities that the sender's own model gave each class. */
export function isPredProbs(name: string, type: DataType): boolean {
  if (!PRED_PROBS_NAMES.includes(name.toLowerCase()) || listSize(type) === undefined) return false;
  return DataType.isFloat(type.children[0]?.type);
}

function guessRole(name: string, column: Vector, named: NamedColumns, isDialogue: boolean): Role {
  if (isPredProbs(name, column.type)) return 'pred_probs';
  const inDialogue = isDialogue ? dialogueRole(name, column.type) : undefined;
  if (inDialogue !== undefined) return inDialogue;
  const byName = roleByName(name);
  // A role that the user gave to another column is taken.
  const isTaken =
    (byName === 'label' && named.label !== undefined) ||
    (byName === 'source' && named.source !== undefined) ||
    (byName === 'group' && named.group !== undefined);
  return byName !== undefined && !isTaken ? byName : roleByType(column);
}

function roleByType(column: Vector): Role {
  const type: DataType = column.type;
  if (isNumeric(type)) return 'feature';
  if (isString(type)) return isFreeText(column) ? 'text' : 'feature';
  if (listSize(type) === undefined) return 'ignore';
  return String(type).includes('Uint8') ? 'image' : 'embedding';
}

function isFreeText(column: Vector): boolean {
  const cells = readStrings(column.slice(0, TEXT_SAMPLE_ROWS)).filter((cell) => cell !== null);
  if (cells.length === 0) return false;
  const words = cells.reduce((sum, cell) => sum + cell.split(/\s+/).length, 0) / cells.length;
  return words >= TEXT_WORDS && new Set(cells).size >= TEXT_DISTINCT_SHARE * cells.length;
}
