import { assignRoles, type NamedColumns } from '../../encode/index.js';
import { BadInput } from '../../errors.js';
import { type BackendChoice, startBackend } from '../../linear/index.js';
import { withModels } from '../../model/index.js';
import type { ObjectStore } from '../../store/index.js';
import { fitBaseline } from '../fit.js';
import { readTrusted } from '../read.js';
import type { Baseline } from '../types.js';
import { type EncodedArtefact, encodeArtefact } from './artefact.js';
import { soleFile } from './open.js';
import { isArtefact } from './read-header.js';

export interface BuildRequest {
  /** File or folder of trusted rows. */
  readonly trusted: string;
  readonly columns: NamedColumns;
  readonly backend: BackendChoice;
  /** Keep some trusted rows with their values, to show beside rows that look bad. */
  readonly exemplars: boolean;
  /** Version of Taster. */
  readonly taster: string;
}

export interface BuiltBaseline {
  readonly baseline: Baseline;
  readonly artefact: EncodedArtefact;
}

/** Fits on trusted rows and encodes what was learnt. @throws as readTrusted and fitBaseline */
export async function buildBaseline(store: ObjectStore, request: BuildRequest): Promise<BuiltBaseline> {
  const { trusted: path, columns: named, exemplars, taster } = request;
  const bytes = await soleFile(store, path);
  if (bytes !== undefined && isArtefact(bytes)) {
    const remedy = 'Give the trusted rows it was built from.';
    throw new BadInput('BASELINE_UNUSABLE', { path, detail: 'is built already and holds no rows', remedy });
  }
  const backend = await startBackend(request.backend);
  const trusted = await withModels(named.contract, backend, (models) => readTrusted(store, path, models));
  const baseline = fitBaseline(trusted, assignRoles(trusted.table, named, path), { exemplars });
  return { baseline, artefact: encodeArtefact(baseline, named, { taster, backend }) };
}
