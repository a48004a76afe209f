import type { Dataset } from '../../config/index.js';
import { findReleased, findUnderway } from '../../enforce/index.js';
import {
  byTime,
  type FoundVerdict,
  type FoundVerdicts,
  findVerdicts,
  type VerdictQuery,
  verdictsBelow,
} from '../../gate/index.js';
import { anyStore } from '../../store/index.js';

/** The verdicts that are meant, and what else was found. */
export interface Search extends FoundVerdicts {
  /** Batches of the service that match. */
  readonly service: readonly { readonly dataset: Dataset; readonly batches: ReadonlySet<string> }[];
}

/** Looks through reports in `places`, and through what the service has released of `datasets`. @throws as findVerdicts */
export async function search(
  places: readonly string[],
  datasets: readonly Dataset[],
  query: VerdictQuery,
): Promise<Search> {
  const all = [await findVerdicts(anyStore, await verdictsBelow(anyStore, places), query)];
  const service: Search['service'][number][] = [];
  for (const dataset of datasets) {
    const found = await findReleased(anyStore, dataset, query);
    const matched = new Set(found.matching.map(({ batch }) => batch));
    const underway = await findUnderway(anyStore, dataset, query, matched);
    service.push({ dataset, batches: new Set([...matched, ...underway.batches]) });
    const { matching, others, unclear } = found;
    const isUntold = ({ batch }: FoundVerdict) => underway.untold.some((one) => one.batch === batch);
    all.push({
      matching: [...matching, ...underway.untold],
      // No verdict on what is recalled was good.
      others: others.filter((one) => !isUntold(one)),
      unclear: [...unclear, ...underway.unclear],
    });
  }
  return {
    matching: all.flatMap(({ matching }) => matching).sort(byTime),
    others: all.flatMap(({ others }) => others).sort(byTime),
    unclear: all.flatMap(({ unclear }) => unclear),
    service,
  };
}
