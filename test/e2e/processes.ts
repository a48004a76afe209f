import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly id: number;
  readonly parent: number;
}

/** Every process but those that have ended and only wait to be collected. */
export function processes(): Process[] {
  return listed().flatMap(([state, id, parent]) =>
    state === undefined || state.startsWith('Z') ? [] : [{ id: Number(id), parent: Number(parent) }],
  );
}

/** State, id and parent of every process. */
function listed(): string[][] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-o', 'state=,pid=,ppid='], { encoding: 'utf8' }).split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  }
  // Small images have no ps. After the name, which may hold anything: state, parent.
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const [state = '', parent = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
        return [state, name, parent];
      } catch {
        return []; // It has ended in between.
      }
    });
}
