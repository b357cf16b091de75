import { branchIf, f32, f32x4, get, i32, loop, set, tee, v128, type Code, type Local } from '../../src/backends/wasm/code.ts';
import type { Fn } from '../../src/backends/wasm/module.ts';
import type { RowsProblem } from '../problems.ts';
import { handProgram, type HandProgram } from './program.ts';
import { plus, range, sum, times, type HandModule } from './wasm/module.ts';
import { share } from './wasm/threads.ts';
import { exp, gelu, maxLanes, sumLanes } from './wasm/vectors.ts';

/** Functions along rows, whole rows to a thread; columns a multiple of 16. Parameters: a row, its result, gains, offsets. */
export const handRows = ({ kind, rows, columns, x, gain, offset }: RowsProblem, threads: number): Promise<HandProgram> => handProgram(threads, (module) => {
  const [xAt, yAt, gainAt, offsetAt] = [module.place(rows * columns), module.place(rows * columns), module.place(columns), module.place(columns)];
  const one = writers[kind](module, columns);
  const several = module.define('rows', ['i32', 'i32'], (fn, from, to) => {
    const row = fn.local('i32'), at = (base: number): Code => plus(times(get(row), 4 * columns), base);
    return range(row, get(from), get(to), 1, one(at(xAt), at(yAt), i32.const(gainAt), i32.const(offsetAt)));
  });
  return {
    inputs: [{ at: xAt, data: x }, { at: gainAt, data: gain }, { at: offsetAt, data: offset }], outputs: { y: { at: yAt, length: rows * columns } },
    body: (thread) => several(i32.const(share(rows, thread, threads, 1)), i32.const(share(rows, thread + 1, threads, 1))),
  };
});

type Writer = (module: HandModule, columns: number) => (...operands: readonly Code[]) => Code;
const rowParams = ['i32', 'i32', 'i32', 'i32'] as const;
/** over a row, so many vectors at a time: `body` is given the offset's local */
const overRow = (fn: Fn, columns: number, vectors: number, body: (at: Local) => Code): Code => {
  const at = fn.local('i32');
  return [set(at, i32.const(0)), loop(body(at), branchIf(0, i32.ltU(tee(at, plus(get(at), 16 * vectors)), i32.const(4 * columns))))];
};
const element = (base: Local, at: Local): Code => sum(get(base), get(at));
const combined = (fn: Fn, partial: readonly Local[]): Code => sumLanes(fn, f32x4.add(f32x4.add(get(partial[0]), get(partial[1])), f32x4.add(get(partial[2]), get(partial[3]))));

const writers: { readonly [K in RowsProblem['kind']]: Writer } = {
  /** three sweeps: the largest, exponentials with their sum, the quotient */
  softmax: ({ define }, columns) => define('softmax', rowParams, (fn, x, y) => {
    const tops = [fn.local('v128'), fn.local('v128')], top = fn.local('v128'), e = fn.local('v128'), total = fn.local('v128'), scale = fn.local('v128');
    return [
      tops.map((t) => set(t, f32x4.all(-Infinity))), set(total, f32x4.all(0)),
      overRow(fn, columns, 2, (at) => tops.map((t, q) => set(t, f32x4.pmax(get(t), v128.load(element(x, at), 16 * q))))),
      set(top, f32x4.splat(maxLanes(fn, f32x4.pmax(get(tops[0]), get(tops[1]))))),
      overRow(fn, columns, 1, (at) => [set(e, exp(fn, f32x4.sub(v128.load(element(x, at)), get(top)))), v128.store(element(y, at), get(e)), set(total, f32x4.add(get(total), get(e)))]),
      set(scale, f32x4.splat(f32.div(f32.const(1), sumLanes(fn, get(total))))),
      overRow(fn, columns, 1, (at) => v128.store(element(y, at), f32x4.mul(v128.load(element(y, at)), get(scale)))),
    ];
  }),
  /** the mean, then the variance about it, then the row */
  layerNorm: ({ define }, columns) => define('layerNorm', rowParams, (fn, x, y, gain, offset) => {
    const partial = Array.from({ length: 4 }, () => fn.local('v128')), mean = fn.local('v128'), by = fn.local('v128'), scale = fn.local('v128'), share = (total: Code): Code => f32.mul(total, f32.const(1 / columns));
    const clear: Code = partial.map((s) => set(s, f32x4.all(0)));
    return [
      clear, overRow(fn, columns, 4, (at) => partial.map((s, q) => set(s, f32x4.add(get(s), v128.load(element(x, at), 16 * q))))), set(mean, f32x4.splat(share(combined(fn, partial)))),
      clear, overRow(fn, columns, 4, (at) => partial.map((s, q) => [set(by, f32x4.sub(v128.load(element(x, at), 16 * q), get(mean))), set(s, f32x4.add(get(s), f32x4.mul(get(by), get(by))))])),
      set(scale, f32x4.splat(f32.div(f32.const(1), f32.sqrt(f32.add(f32.const(1e-5), share(combined(fn, partial))))))),
      overRow(fn, columns, 1, (at) => v128.store(element(y, at), f32x4.add(f32x4.mul(f32x4.mul(f32x4.sub(v128.load(element(x, at)), get(mean)), get(scale)), v128.load(element(gain, at))), v128.load(element(offset, at))))),
    ];
  }),
  gelu: ({ define }, columns) => define('gelu', rowParams, (fn, x, y) => overRow(fn, columns, 1, (at) => v128.store(element(y, at), gelu(fn, v128.load(element(x, at)))))),
};
