import type { Origin } from '../core/origin.ts';
import { make, toIr, type Expr, type ExprAttrs } from './expr.ts';
import { trace } from './functions.ts';
import { concatenated, reshaped, resultsOf, sliced } from './primitives.ts';

/** As traced, and its operands: the first carries, and tensors of which each run reads a row. Results: the last carries, and stacks. */
export type Runs = ExprAttrs['scan'];
type Exprs = readonly Expr[];

export const scanned = (at: Origin, runs: Runs, state: Exprs, rows: Exprs): Exprs => {
  const types = runs.fn.results.map(({ type: { dtype, shape } }, i) => state[i]?.type ?? { dtype, shape: [toIr(runs.length), ...shape] });
  return resultsOf(at, make(at, 'scan', runs, [...state, ...rows], types));
};

/**
 * The same runs as a loop over about √n segments, each of which is a loop over about √n runs, and a loop over those that are
 * left. Reverse mode keeps what each segment began with, and what each run of one began with while it pulls that one back
 * (Chen et al. 2016, Training deep nets with sublinear memory cost).
 */
export const inSegments = (at: Origin, runs: Runs, state: Exprs, rows: Exprs): Exprs => {
  const { fn, carries, reverse } = runs, length = Number(runs.length), size = Math.floor(Math.sqrt(length)), count = Math.floor(length / size), whole = count * size;
  const cut = (from: number, to: number): Exprs => rows.map((x) => sliced(at, x, 0, from, to, 1, to - from));
  const segments = cut(0, whole).map((x) => reshaped(at, x, [count, size, ...x.shape.slice(1)]));
  const { traced } = trace('segment', [state, cut(0, size)] as const, (c, xs) => scanned(at, { ...runs, length: size }, c, xs));
  const most = (c: Exprs): Exprs => scanned(at, { ...runs, fn: traced, length: count }, c, segments).map((y, i) => (i < carries ? y : reshaped(at, y, [whole, ...fn.results[i].shape])));
  if (whole === length) return most(state);
  const rest = (c: Exprs): Exprs => scanned(at, { ...runs, length: length - whole }, c, cut(whole, length));
  const [first, second] = reverse ? [rest, most] : [most, rest], begun = first(state), ended = second(begun.slice(0, carries)), [low, high] = reverse ? [ended, begun] : [begun, ended];
  return [...ended.slice(0, carries), ...low.slice(carries).map((y, i) => concatenated(at, [y, high[carries + i]], 0, length))];
};
