import { assignRoles, type NamedColumns } from '../encode/index.js';
import type { OpenBaseline } from './artefact/open.js';
import { fitProvisional, type SampledTable } from './provisional.js';

/** What a batch is judged by that has no baseline, from a sample of its own rows. @throws BadInput as fitProvisional and assignRoles */
export function fitOwn(sample: SampledTable, named: NamedColumns): OpenBaseline {
  const columns = assignRoles(sample.table, named, sample.path);
  return { baseline: fitProvisional(sample, columns, named), named, artefact: null };
}
