import { i32 } from '../../src/backends/wasm/code.ts';
import { handProgram, type HandProgram } from './program.ts';
import { product } from './wasm/product.ts';
import { share } from './wasm/threads.ts';
import type { ProductProblem } from '../problems.ts';

/**
 * A matrix product in tiles of 4 × 8, B packed into panels but where it is small and A is read by columns; k in blocks of
 * 256 and rows in blocks of 128 once they would leave the cache. Each thread takes half of the rows.
 */
export const handMatmul = ({ m, k, n, transposeA, transposeB, a, b }: ProductProblem, threads: number): Promise<HandProgram> => handProgram(threads, (module) => {
  const large = k * n > 128 * 1024, kBlock = large ? 256 : k;
  const [aAt, bAt, cAt] = [module.place(m * k), module.place(k * n), module.place(m * n)], rooms = Array.from({ length: threads }, () => module.place(kBlock * n));
  const multiply = product(module, 'multiply', { m, n, k, transposeA, transposeB, pack: large || transposeB, kBlock, mBlock: large ? 128 : m });
  return {
    inputs: [{ at: aAt, data: a }, { at: bAt, data: b }], outputs: { c: { at: cAt, length: m * n } },
    body: (thread) => multiply(...[aAt, bAt, cAt, rooms[thread], share(m, thread, threads, 4), share(m, thread + 1, threads, 4)].map(i32.const)),
  };
});
