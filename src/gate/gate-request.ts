import type { ObjectStore } from '../store/index.js';
import { type FollowedVerdict, readFollowed } from './follow-verdict.js';
import type { GateRequest } from './pass-gate.js';
import { readStatusList } from './status-list.js';

/** What is asked of the gate, by names of files. */
export interface GateQuestion extends Pick<GateRequest, 'trust' | 'dataset' | 'now'> {
  /** The folder whose released shards are wanted. */
  readonly batch: string;
  /** Signed list of what was recalled. */
  readonly status: string | undefined;
  readonly isInPlace: boolean | undefined;
}

/** The same with what the files hold. @throws as readStatusList; Transient READ_FAILED */
export async function gateRequest(
  store: ObjectStore,
  found: FollowedVerdict,
  { batch, status, isInPlace, ...rest }: GateQuestion,
): Promise<GateRequest> {
  return {
    ...rest,
    root: batch,
    ...(await readFollowed(store, found)),
    status: await readStatusList(store, status),
    inPlace: isInPlace === true ? { beside: found.folder } : undefined,
  };
}
