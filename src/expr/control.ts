import { showType } from '../core/dim.ts';
import type { Origin } from '../core/origin.ts';
import { difference, showLeaf, valuesOf } from './alike.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { logicalAnd } from './elementwise.ts';
import { exprOf, here, invalid, isProblem, isValue, make, toIr, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { trace } from './functions.ts';
import { filled, iotaOf, map, resultsOf } from './primitives.ts';
import { inSegments, scanned } from './segments.ts';
import { leavesOf, mapTree, refill, showPath, type LeafAt } from './tree.ts';
import type * as T from './types/shape.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Key, Tensor } from './types/tensor.ts';

/** the rows of a tree of tensors: each without its first axis */
export type Rows<X> = X extends Tensor<infer S extends Shape, infer D> ? (T.IsDyn<S> extends true ? Tensor<Dyn, D> : S extends readonly [Dim, ...infer R extends Shape] ? Tensor<R, D> : never) : { [K in keyof X]: Rows<X[K]> };
/** the first axis of the first tensor in a tree */
export type Length<X> = X extends Tensor<infer S> ? (S extends readonly [infer N extends Dim, ...Shape] ? N : number) : X extends readonly [infer H, ...unknown[]] ? Length<H> : Length<X[keyof X]>;
/** a tree of tensors, each with a first axis more */
export type Stacked<N extends Dim, Y> = Y extends Tensor<infer S extends Shape, infer D> ? Tensor<T.IsDyn<S> extends true ? Dyn : [N, ...S], D> : Y extends Key ? Y : Y extends object ? { [K in keyof Y]: Stacked<N, Y[K]> } : Y;
export interface ScanOptions {
  /** from the last row to the first; what each run gives still stands at its own row */
  readonly reverse?: boolean;
  /** what reverse mode keeps, as of `foriLoop`, which may also keep the results of the contractions in each run */
  readonly save?: LoopOptions['save'] | 'contractions';
}
export interface LoopOptions {
  /**
   * what reverse mode keeps: the `carries` with which each run began, unless told otherwise; or only those of about √n
   * `segments`, each of which it runs once more (Chen et al. 2016)
   */
  readonly save?: 'carries' | 'segments';
}

interface Runs { readonly length: Dim }
/** how many runs there are, or why that is not known */
const runsOf = (op: string, xs: readonly LeafAt[], save: ScanOptions['save']): Runs | Problem => {
  const [first] = xs, length = first?.expr.shape[0], named = (l: LeafAt): string => (l.path.length === 0 ? 'the operand' : `'${showPath(l.path)}'`);
  if (first === undefined) return problem('trees', `${op}: there is nothing to run over`, { hint: 'iota(n), or foriLoop(n, …)' });
  const odd = xs.find((l) => l.expr.shape[0] !== length || l.expr.shape.length === 0);
  if (odd !== undefined) return problem('rank', `${op}: ${named(odd)} is ${show(odd.expr.shape)}, but each needs a first axis of one size`, { shapes: xs.map((l) => show(l.expr.shape)) });
  return typeof length === 'string' && save === 'segments' ? problem('rank', `${op}: of how many runs segments are made must be known, but it is '${length}'`, { shapes: [show(first.expr.shape)], hint: "give the first axis a size, or save the 'carries'" }) : { length };
};
/** what a run gives as the carry must be a tree like it, of the same types */
const carryProblem = (op: string, carry: unknown, given: unknown): Problem | undefined => {
  const odd = difference(carry, given);
  if (odd === undefined) return undefined;
  const place = odd.path.length === 0 ? 'the carry' : `'${showPath(odd.path)}' of the carry`;
  const hint = op === 'scan' && odd.given === undefined ? 'the function gives [carry, row]' : 'a carry keeps its keys and types from run to run';
  return problem('trees', `${op}: ${place} is ${showLeaf(odd.wanted)}, but a run gives ${showLeaf(odd.given)}`, { hint });
};

/** A tree spoilt by a mistake; one without tensors cannot carry it, and what was given in its place does. */
const spoilt = <P>(at: Origin, wrong: Problem, tree: P, given: unknown): P => {
  const of = leavesOf(tree).length > 0 ? tree : given;
  // SAFETY: where it is not the tree itself, the types were broken before
  return refill(of, leavesOf(of).map((l) => invalid(at, [], l.expr.type, wrong))) as P;
};

/**
 * Runs a function over the rows of tensors, one after the other: (carry, row) → [carry, y]. Gives the last carry and the
 * ys, stacked; the function is traced once, and in a compiled program the runs are one loop. A carry that changes its
 * keys or types is FX1010, operands without one common first axis FX1009. Both modes of differentiation go through it: reverse
 * mode keeps the carry of each run, or what `save` says.
 * @example const [total, sums] = scan((c, x) => { const s = add(c, x); return [s, s]; }, f32(), f32([10]));
 */
export const scan = <const C, X, const Y>(step: (carry: C, x: Rows<X>) => readonly [NoInfer<C>, Y], init: C, xs: X, options: ScanOptions = {}): readonly [carry: C, ys: Stacked<Length<X>, Y>] => scanIn('scan', step, init, xs, options);
/** in whose name its mistakes are told */
const scanIn = <C, X, Y>(op: string, step: (carry: C, x: Rows<X>) => readonly [NoInfer<C>, Y], init: C, xs: X, { reverse = false, save = 'carries' }: ScanOptions): readonly [carry: C, ys: Stacked<Length<X>, Y>] => {
  const at = here(), carries = leavesOf(init), slices = leavesOf(xs), runs = runsOf(op, slices, save);
  const row = mapTree(xs, (x) => filled(at, 0, typeOf(x.dtype, x.shape.slice(1))));
  // SAFETY: the rows have the types that the function takes
  const t = trace(step.name === '' ? 'run' : step.name, [init, row as Rows<X>] as const, step), ys = leavesOf(t.result[1]).map((l) => l.expr);
  const wrong = isProblem(runs) ? runs : carryProblem(op, init, t.result[0]), length = isProblem(runs) ? 1 : runs.length;
  const stacked = ys.map((y) => ({ dtype: y.dtype, shape: [toIr(length), ...y.type.shape] }));
  // SAFETY: refilled with stacks of what the function gives
  const rows = (all: readonly Expr[]): Stacked<Length<X>, Y> => refill(t.result[1], all) as unknown as Stacked<Length<X>, Y>;
  if (wrong !== undefined) return [spoilt(at, wrong, init, t.result[0]), rows(stacked.map((type) => invalid(at, [], type, wrong)))];
  const fn = { ...t.traced, results: [...valuesOf(t.result[0], carries), ...ys] };
  const all = (save === 'segments' && typeof length === 'number' && length > 3 ? inSegments : scanned)(at, { fn, carries: carries.length, slices: slices.length, length, reverse, ...(save === 'contractions' && { save }) }, carries.map((l) => l.expr), slices.map((l) => l.expr));
  return [refill(init, all.slice(0, carries.length)), rows(all.slice(carries.length))];
};

/**
 * Runs a function so many times: (i, state) → state, i from 0 on. Other than whole numbers of times are FX1017.
 * @example foriLoop(1000, (i, x) => sin(mul(x, 2)), x, { save: 'segments' })
 */
export const foriLoop = <const C>(count: number, body: (i: Tensor<[], 'i32'>, state: C) => NoInfer<C>, init: C, options: LoopOptions = {}): C => counted('foriLoop', count, body, init, options);
const counted = <C>(op: string, count: number, body: (i: Tensor<[], 'i32'>, state: C) => NoInfer<C>, init: C, options: LoopOptions = {}): C => {
  const at = here();
  if (!Number.isInteger(count) || count < 0) {
    const wrong = problem('value', `${op}: the number of runs must be a whole number from 0 on, but is ${count}`, { hint: 'whileLoop runs as often as its test holds' });
    return refill(init, leavesOf(init).map((c) => invalid(at, [], c.expr.type, wrong)));
  }
  const numbers = iotaOf(at, { dtype: 'i32', shape: [count] }, 0);
  // SAFETY: the rows of the numbers are i32 scalars
  const [last] = scanIn(op, (state: C, i: Tensor<[], 'i32'>) => [body(i, state), undefined] as const as readonly [NoInfer<C>, undefined], init, numbers as unknown as Tensor<[number], 'i32'>, options);
  return last;
};

export interface WhileOptions {
  /** so often at most: then it is a scan that stands still once the test fails, which has a reverse mode */
  readonly most?: number;
}
/**
 * Runs a function while a test holds: state → state. How often is known only in the run. Forward mode goes through it;
 * reverse mode (FX4001) needs `most`, a bound on the number of runs.
 * @example whileLoop((x) => less(x, 100), (x) => mul(x, 2), x)
 */
export const whileLoop = <const C>(test: (state: C) => Tensor<[], 'bool'>, body: (state: C) => NoInfer<C>, init: C, { most }: WhileOptions = {}): C => {
  const at = here(), carries = leavesOf(init);
  if (most !== undefined) return bounded(test, body, init, most);
  const asked = trace('test', [init] as const, test), run = trace('run', [init] as const, body);
  const wrong = testProblem('whileLoop', asked.result) ?? carryProblem('whileLoop', init, run.result);
  if (wrong !== undefined) return spoilt(at, wrong, init, run.result);
  const next = { ...run.traced, results: valuesOf(run.result, carries) };
  return refill(init, resultsOf(at, make(at, 'while', { test: asked.traced, body: next, carries: carries.length }, carries.map((c) => c.expr), carries.map((c) => c.expr.type))));
};
const testProblem = (op: string, result: unknown): Problem | undefined => {
  if (!isValue(result)) return problem('value', `${op}: the test must give a tensor`);
  return result.poisoned || (result.dtype === 'bool' && result.shape.length === 0) ? undefined : problem('notTaken', `${op}: the test must give one bool, but gives ${showType(result.type)}`, { hint: 'compare: less(x, 1), or any(…)' });
};
/** runs that change nothing any more once the test has failed */
const bounded = <C>(test: (state: C) => Tensor<[], 'bool'>, body: (state: C) => NoInfer<C>, init: C, most: number): C =>
  counted('whileLoop', most, (_, [state, running]: readonly [C, Tensor<[], 'bool'>]) => {
    const on = logicalAnd(running, test(state)), next = body(state), wrong = carryProblem('whileLoop', state, next);
    if (wrong !== undefined) return [refill(state, leavesOf(state).map(({ expr }) => invalid(here(), [], expr.type, wrong))), on] as const;
    return [cond(on, () => next, () => state), on] as const;
  }, [init, constantTrue()] as const)[0];
const constantTrue = (): Tensor<[], 'bool'> => typed(filled(here(), 1, { dtype: 'bool', shape: [] }));

const choose = <R>(op: string, at: Origin, index: Expr, branches: readonly (() => R)[]): R => {
  const traced = branches.map((branch, i) => trace(branch.name === '' ? `branch${i}` : branch.name, [] as const, branch)), [first] = traced;
  const like = leavesOf(first.result), odd = traced.map((t) => unlikeFirst(op, first.result, t.result)).find((wrong) => wrong !== undefined);
  if (odd !== undefined) return spoilt(at, odd, first.result, traced.find((t) => t.leaves.length > 0)?.result);
  const inOrder = traced.map((t) => ({ ...t.traced, results: valuesOf(t.result, like) }));
  return refill(first.result, resultsOf(at, make(at, 'case', { branches: inOrder }, [index], like.map((l) => l.expr.type))));
};
const unlikeFirst = (op: string, first: unknown, given: unknown): Problem | undefined => {
  const odd = difference(first, given);
  if (odd === undefined) return undefined;
  const place = odd.path.length === 0 ? '' : `at '${showPath(odd.path)}' `;
  return problem('trees', `${op}: ${place}one branch gives ${showLeaf(odd.wanted)}, another ${showLeaf(odd.given)}`, { hint: 'all branches give the same keys and types' });
};
/**
 * One of two: only the branch that is taken is computed. Both may use what is around them, and give trees of the same keys and types.
 * @example cond(greater(sum(x), 0), () => x, () => neg(x))
 */
export const cond = <R>(test: Tensor<[], 'bool'>, yes: () => R, no: () => NoInfer<R>): R => {
  const at = here(), wrong = testProblem('cond', test), e = exprOf(test);
  const index = wrong === undefined ? map(at, 'select', [e, filled(at, 0, { dtype: 'i32', shape: [] }), filled(at, 1, { dtype: 'i32', shape: [] })]) : invalid(at, [], { dtype: 'i32', shape: [] }, wrong);
  return choose('cond', at, index, [yes, no]);
};
/**
 * One of several by its number; a number that none has takes the last. Only the branch that is taken is computed.
 * @example switchCase(i, [() => sin(x), () => cos(x), () => zerosLike(x)])
 */
export const switchCase = <R>(index: Tensor<[], 'i32'>, branches: readonly [() => R, ...(() => NoInfer<R>)[]]): R => {
  const at = here(), e = exprOf(index), fits = e.poisoned || (e.dtype === 'i32' && e.shape.length === 0);
  return choose('switchCase', at, fits ? e : invalid(at, [], { dtype: 'i32', shape: [] }, problem('notTaken', `switchCase: the number must be one i32, but is ${showType(e.type)}`, { hint: "convert(i, 'i32')" })), branches);
};
