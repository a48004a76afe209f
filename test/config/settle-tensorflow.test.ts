import { afterEach, expect, it } from 'vitest';
import { settleTensorflow } from '../../src/config/index.js';

const before = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

it('leaves TensorFlow nothing of the environment but how much it logs', () => {
  Object.assign(process.env, {
    TF_NUM_INTRAOP_THREADS: '8',
    TF_ENABLE_ONEDNN_OPTS: '0',
    DNNL_MAX_CPU_ISA: 'SSE41',
    TF_CPP_MIN_LOG_LEVEL: '0',
  });
  settleTensorflow();
  const left = Object.entries(process.env).filter(([name]) => /^(TF|ONEDNN|DNNL)_/.test(name));
  expect(Object.fromEntries(left)).toEqual({ TF_NUM_INTRAOP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '0' });
});
