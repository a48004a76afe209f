import { isConflict, isUnmet } from './failure.js';

/** Two writers of one name may stop each other; then one of them is to go on. */
const MOST_CONFLICTS = 5;

/** False where what `write` was to make is there already. */
export async function writeOnce(write: () => Promise<void>): Promise<boolean> {
  for (let conflicts = 1; ; conflicts++) {
    try {
      await write();
      return true;
    } catch (error) {
      if (isUnmet(error)) return false;
      if (!isConflict(error) || conflicts >= MOST_CONFLICTS) throw error;
    }
  }
}
