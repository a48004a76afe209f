import { assignRoles, type ColumnRole, type NamedColumns, roleAsNamed } from '../../encode/index.js';
import { BadInput } from '../../errors.js';
import { locateShards } from '../../intake/index.js';
import type { Models } from '../../model/index.js';
import type { ModelUsed } from '../../schema/index.js';
import type { ObjectStore } from '../../store/index.js';
import { fitBaseline } from '../fit.js';
import { readTrusted } from '../read.js';
import type { Baseline } from '../types.js';
import { decodeArtefact } from './artefact.js';
import type { ArtefactHeader } from './header.js';
import { isArtefact } from './read-header.js';

export interface OpenBaseline {
  readonly baseline: Baseline;
  /** The columns as named now or when the artefact was built. */
  readonly named: NamedColumns;
  /** Digest of the artefact it was read from; null when it was fitted just now. */
  readonly artefact: string | null;
}

/**
 * The baseline at `path`: read when its content is an artefact, else fitted on the rows there.
 * @throws BadInput ARTEFACT_…, and all that readTrusted and fitBaseline throw
 */
export async function openBaseline(
  store: ObjectStore,
  path: string,
  named: NamedColumns,
  models?: Models,
): Promise<OpenBaseline> {
  const bytes = await soleFile(store, path);
  if (bytes !== undefined && isArtefact(bytes)) return readArtefact(bytes, path, named, models);
  const trusted = await readTrusted(store, path, models);
  const columns = assignRoles(trusted.table, named, path);
  return { baseline: fitBaseline(trusted, columns, { exemplars: true }), named, artefact: null };
}

/** The bytes of the file that `path` is or alone holds; undefined where there are several. */
export async function soleFile(store: ObjectStore, path: string): Promise<Uint8Array | undefined> {
  const [file, another] = await locateShards(store, [path]);
  const isReadable = file !== undefined && file.refused === undefined && another === undefined;
  return isReadable ? store.read(file.uri, file.version) : undefined;
}

function readArtefact(bytes: Uint8Array, path: string, named: NamedColumns, models?: Models): OpenBaseline {
  const { baseline, header, sha256 } = decodeArtefact(bytes, path);
  requireSameRoles(baseline.columns, named, path);
  requireSameModels(baseline.models, models?.pins ?? [], path);
  const columns = baseline.columns.map((column) =>
    roleAsNamed(column.name, named) === undefined ? column : { ...column, guessed: false },
  );
  return { baseline: { ...baseline, columns }, named: joinNamed(header.named, named), artefact: sha256 };
}

/** Whatever another model makes of a row cannot be compared with what was learnt. */
function requireSameModels(built: readonly ModelUsed[], now: readonly ModelUsed[], path: string): void {
  const differs = (some: readonly ModelUsed[], others: readonly ModelUsed[]) =>
    some.find(({ name, sha256 }) => !others.some((other) => other.name === name && other.sha256 === sha256));
  const [unknown, missing] = [differs(now, built), differs(built, now)];
  if (unknown === undefined && missing === undefined) return;
  const detail =
    unknown === undefined
      ? `was built with model ${missing?.name} (${missing?.sha256}), which no contract names`
      : `was built without model ${unknown.name} (${unknown.sha256})`;
  const remedy = 'Scan with the contract that it was built with, or build it again with --contract.';
  throw new BadInput('BASELINE_UNUSABLE', { path, detail, remedy });
}

/** Fitted with these names, every column would have to have the role it has in the artefact. */
function requireSameRoles(columns: readonly ColumnRole[], named: NamedColumns, path: string): void {
  requireRolesOfContract(columns, named, path);
  const roleOf = new Map(columns.map(({ name, role }) => [name, role]));
  const said = [
    ['--label', 'label', named.label],
    ['--group', 'group', named.group],
    ...named.ids.map((id) => ['--id', 'id', id] as const),
  ] as const;
  for (const [option, role, column] of said) {
    if (column !== undefined && roleOf.get(column) !== role) throw contradicted(columns, option, role, column, path);
  }
  for (const [column, role] of named.contract?.roles ?? []) {
    const built = roleOf.get(column);
    if (built !== undefined && built !== role) throw contradicted(columns, '--contract', role, column, path);
  }
  const { source } = named;
  const known = columns.find(({ role }) => role === 'source')?.name;
  // The source alone may come with the batch.
  if (source !== undefined && source !== known && (known !== undefined || roleOf.has(source))) {
    throw contradicted(columns, '--source', 'source', source, path);
  }
}

function requireRolesOfContract(columns: readonly ColumnRole[], { contract }: NamedColumns, path: string): void {
  const other = columns.find(
    ({ name, role }) => contract !== undefined && role !== (contract.roles.get(name) ?? 'ignore'),
  );
  if (other === undefined) return;
  const said = contract?.roles.get(other.name) ?? 'ignore';
  throw new BadInput('BASELINE_UNUSABLE', {
    path,
    detail: `was built with column ${other.name} as ${other.role}, the contract says ${said}`,
    remedy: 'Scan with the contract that it was built with, or build it again with --contract.',
  });
}

function contradicted(
  columns: readonly ColumnRole[],
  option: string,
  role: string,
  column: string,
  path: string,
): BadInput {
  const other = columns.find((one) => one.role === role && role !== 'id')?.name;
  const actual = columns.find(({ name }) => name === column)?.role;
  const has = actual === undefined ? `has no column ${column}` : `was built with column ${column} as ${actual}`;
  const detail = other === undefined ? has : `${has}, and with ${other} as ${role}`;
  return new BadInput('ARTEFACT_CONTRADICTED', { path, detail, option, column });
}

function joinNamed(built: ArtefactHeader['named'], now: NamedColumns): NamedColumns {
  const label = now.label ?? built.label;
  const source = now.source ?? built.source;
  const group = now.group ?? built.group;
  return {
    ...(label === null ? {} : { label }),
    ...(source === null ? {} : { source }),
    ...(group === null ? {} : { group }),
    ids: [...new Set([...built.ids, ...now.ids])],
    ...(now.contract === undefined ? {} : { contract: now.contract }),
  };
}
