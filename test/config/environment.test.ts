import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/index.js';

describe('readEnvironment', () => {
  it('asks for nothing', () => {
    const environment = readEnvironment({});
    expect(environment).toEqual({
      noColor: false,
      ci: false,
      debug: false,
      backend: 'auto',
      processes: 0,
      redisUrl: 'redis://127.0.0.1:6379',
      eventsToken: null,
    });
    expect(Object.isFrozen(environment)).toBe(true);
  });

  it('reads what is set; empty means not set', () => {
    expect(
      readEnvironment({
        NO_COLOR: '1',
        CI: 'true',
        TASTER_DEBUG: '1',
        TASTER_BACKEND: 'native',
        TASTER_PROCESSES: '4',
      }),
    ).toEqual({
      noColor: true,
      ci: true,
      debug: true,
      backend: 'native',
      processes: 4,
      redisUrl: 'redis://127.0.0.1:6379',
      eventsToken: null,
    });
    expect(readEnvironment({ NO_COLOR: '', CI: 'false', TASTER_BACKEND: '', TASTER_PROCESSES: '' })).toEqual(
      readEnvironment({}),
    );
  });

  it('reports every problem at once', () => {
    expect(() => readEnvironment({ TASTER_BACKEND: 'gpu', TASTER_PROCESSES: '-1' })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message:
          'environment: TASTER_BACKEND must be one of auto, wasm, native; TASTER_PROCESSES must be a whole number from 0 to 256',
      }),
    );
  });

  it.each(['1.5', '1e3', '999', ' 2', 'two'])('refuses %j processes', (count) => {
    expect(() => readEnvironment({ TASTER_PROCESSES: count })).toThrow(/TASTER_PROCESSES/);
  });
});
