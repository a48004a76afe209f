import { hasSimd, multiply, startBackend, zeros } from '../linear/index.js';

/** What the process prints about a backend that works, as JSON on its last line. */
export interface Measured {
  readonly simd: boolean | null;
  readonly gigaflops: number;
}

const SIZE = 512;
const RUNS = 4;

/** 10⁹ floating-point operations a second in the fastest of a few products; the first one also warms up. */
function gigaflops(): number {
  const left = { ...zeros(4 * SIZE, SIZE), data: new Float32Array(4 * SIZE * SIZE).fill(1) };
  const right = { ...zeros(SIZE, SIZE), data: new Float32Array(SIZE * SIZE).fill(1) };
  const seconds = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    const { data } = multiply(left, right);
    if (data.some((value) => value !== SIZE)) throw new Error('it multiplies wrongly');
    return (performance.now() - start) / 1000;
  });
  return (2 * left.data.length * SIZE) / Math.min(...seconds) / 1e9;
}

const backend = await startBackend(process.argv[2] === 'native' ? 'native' : 'wasm');
const measured: Measured = { simd: backend === 'wasm' ? await hasSimd() : null, gigaflops: gigaflops() };
process.stdout.write(`\n${JSON.stringify(measured)}\n`);
