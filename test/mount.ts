import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a file system of that size; `unmount` takes it away. */
export function mount(place: string, size: string): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error('A file system cannot be mounted here. Run as root, in a container with CAP_SYS_ADMIN.', { cause });
  }
}

export function unmount(place: string): void {
  execFileSync('umount', [place]);
}

/** Only root may mount a file system that is soon full, and not in every container. */
export function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'taster-mount-'));
  try {
    mount(place, '16k');
    unmount(place);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}
