import { isHalf, type Half } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { here, invalid, make } from './expr.ts';
import { trace } from './functions.ts';
import { resultsOf } from './primitives.ts';
import { leavesOf, mapLeaves, refill } from './tree.ts';

/**
 * The same function, whose f32 tensors lie in memory as 16-bit numbers: half of the memory and of its traffic, also of what
 * reverse mode keeps of it. It is computed with in f32 and rounded where it is stored; sums run in f32, and scalars, such as
 * a loss, stay f32. What goes in and comes out is f32; gradients are of the rounded function, and are f32 outside of it.
 * `bf16`, the upper half of an f32, has its range and 8 significant bits; `f16` (IEEE 754 binary16) has 11, numbers up to
 * 65504, and loses what is below 6e-8, so that a loss in it may want scaling (Micikevicius et al. 2018, Mixed precision
 * training). Derivative rules of one's own inside run in f32. `js` and `wasm` have memory of 16-bit numbers, `gpujs` has not.
 * @example const block = halfPrecision((w: F32<[64, 64]>, x: F32<['n', 64]>) => gelu(matmul(x, w)), 'bf16');
 */
export const halfPrecision = <A extends unknown[], R>(f: (...args: A) => R, dtype: Half): ((...args: A) => R) => (...args) => {
  const at = here(), body = trace(f.name === '' ? 'f' : f.name, args, f), inputs = leavesOf(args).map((l) => l.expr);
  const wrong = isHalf(dtype) ? undefined : problem('value', `halfPrecision: '${String(dtype as unknown)}' is no format of 16 bits`, { hint: "'bf16' or 'f16'" });
  if (wrong) return mapLeaves(body.result, (r) => invalid(at, inputs, r.type, wrong));
  const all = make(at, 'transform', { kind: 'store', fn: body.traced, dtype }, inputs, body.traced.results.map((r) => r.type));
  return refill(body.result, resultsOf(at, all));
};
