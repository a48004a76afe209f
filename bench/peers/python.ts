import { readFileSync } from 'node:fs';
import { pythonWith } from '../python-environment.js';

const requirements = 'bench/peers/requirements.txt';

export function peersPython(): Promise<string> {
  return pythonWith('peers', requirements);
}

/** Names and versions, as pinned. */
export function peerVersions(): string[] {
  return readFileSync(requirements, 'utf8').trim().split('\n');
}
