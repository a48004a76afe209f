import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { takeTurns } from '../../workers/turns.js';

/** Work that goes on when it is told to. */
function held(name: string, log: string[]) {
  let end: (error?: Error) => void = () => {};
  const work = () =>
    new Promise<string>((resolve, reject) => {
      log.push(name);
      end = (error) => (error === undefined ? resolve(name) : reject(error));
    });
  return { work, end: (error?: Error) => end(error) };
}

describe('takeTurns', () => {
  it('lets so many work at once, and the others in the order in which they came', async () => {
    const log: string[] = [];
    const turns = takeTurns(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => held(name, log));
    const results = all.map(({ work }) => turns(work));
    await setImmediate();
    expect(log).toEqual(['a', 'b']);
    all[1]?.end();
    expect(await results[1]).toBe('b');
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c']);
    for (const { end } of [all[0]!, all[2]!]) end();
    await Promise.all([results[0], results[2]]);
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    all[3]?.end();
    await results[3];
  });

  it('passes a turn on whatever work comes to', async () => {
    const log: string[] = [];
    const turns = takeTurns(1);
    const [first, second] = [held('first', log), held('second', log)];
    const [failing, next] = [turns(first.work), turns(second.work)];
    await setImmediate();
    first.end(new Error('lost'));
    await expect(failing).rejects.toThrow('lost');
    await setImmediate();
    second.end();
    expect(await next).toBe('second');
  });
});
