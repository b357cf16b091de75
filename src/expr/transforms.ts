import type { TensorType } from '../core/dim.ts';
import { showShape } from '../core/dim.ts';
import { isFloat, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { excess, unlike, valuesOf } from './alike.ts';
import { problem } from './codes.ts';
import { here, invalid, isValue, make, typed, type Expr, type Problem, type Traced } from './expr.ts';
import { isKey, trace, type TracedTrees } from './functions.ts';
import { add, mul } from './elementwise.ts';
import { constant } from './leaves.ts';
import { filled, reshaped, resultsOf } from './primitives.ts';
import { sum } from './reduction.ts';
import { leavesOf, mapLeaves, refill, showPath } from './tree.ts';
import type { Scalar } from './types/functions.ts';

import type { Shape } from './types/shape.ts';
import type { Check, Tensor } from './types/tensor.ts';

type Body<A extends readonly unknown[], R> = (...args: A) => R;

const floats = (es: readonly Expr[]): readonly Expr[] => es.filter((e) => isFloat(e.dtype));
/** a derivative of a traced function as one operation; its results one by one */
const derivative = (at: Origin, kind: 'vjp' | 'jvp', fn: Traced, inputs: readonly Expr[], wrt: readonly number[], seeds: readonly Expr[]): readonly Expr[] => {
  const own = kind === 'vjp' ? wrt.map((i) => fn.params[i].type) : floats(fn.results).map((r) => r.type);
  const types: readonly TensorType[] = [...fn.results.map((r) => r.type), ...own];
  return resultsOf(at, make(at, 'transform', { kind, fn, wrt }, [...inputs, ...seeds], types));
};

// ── gradients

interface Differentiated<R> { readonly result: R; readonly gradient: unknown }
/** The value of a function and the gradient of `lossOf` its results, for the float leaves of the first argument. */
const differentiate = <A extends readonly unknown[], R>(op: string, f: Body<A, R>, args: A, lossAt: (result: R) => unknown): Differentiated<R> => {
  const at = here(), name = f.name === '' ? 'loss' : f.name;
  const t = trace(name, args, f), inputs = leavesOf(args);
  const wrong = lossProblem(op, lossAt(t.result)) ?? wrtProblem(op, args[0]);
  if (wrong) return { result: mapLeaves(t.result, (r) => invalid(at, [], r.type, wrong)), gradient: mapLeaves(args[0], (p) => invalid(at, [], p.type, wrong)) };
  const wrt = inputs.flatMap((l, i) => (l.path[0] === '0' && isFloat(l.expr.dtype) ? [i] : []));
  const loss = leafIndex(t, lossAt);
  const seeds = t.traced.results.flatMap((r, i) => (isFloat(r.dtype) ? [filled(at, i === loss ? 1 : 0, r.type)] : []));
  const all = derivative(at, 'vjp', t.traced, inputs.map((l) => l.expr), wrt, seeds), n = t.traced.results.length;
  return { result: refill(t.result, all.slice(0, n)), gradient: refill(args[0], all.slice(n)) };
};
/** the place of the loss among the result's leaves */
const leafIndex = <R>(t: TracedTrees<R>, lossAt: (result: R) => unknown): number => (isValue(t.result) ? 0 : t.leaves.findIndex((l) => l.path.length === 1 && l.path[0] === '0' && l.expr === lossAt(t.result)));

const lossProblem = (op: string, loss: unknown): Problem | undefined => {
  if (!isValue(loss)) return problem('scalarLoss', `${op}: the loss must be a scalar tensor`, { hint: 'reduce it with mean or sum' });
  if (loss.poisoned) return undefined;
  if (loss.shape.length > 0) return problem('scalarLoss', `${op}: the loss must be a scalar, but is ${showShape(loss.type.shape)}; reduce it with mean or sum`, { shapes: [showShape(loss.type.shape)], hint: 'mean(loss)' });
  return isFloat(loss.dtype) ? undefined : problem('notDifferentiable', `${op}: the loss must be a float, but is ${loss.dtype}`, { hint: "convert(x, 'f32')" });
};
/** why a function is not differentiated in its first argument */
export const wrtProblem = (op: string, params: unknown): Problem | undefined => {
  const leaves = leavesOf(params), bad = leaves.find((l) => !isFloat(l.expr.dtype));
  if (leaves.length === 0) return problem('notDifferentiable', `${op}: the first argument holds no tensor`);
  if (bad === undefined) return undefined;
  const where = bad.path.length === 0 ? 'the first argument' : `'${showPath(bad.path)}' of the first argument`;
  return problem('notDifferentiable', `${op}: ${where} is ${isKey(bad.expr) ? 'a random key' : bad.expr.dtype}, which has no gradient`, { hint: 'pass it as a later argument' });
};

/** A gradient on behalf of what is built on it, in whose name its mistakes are told. */
export const gradient = <P, R extends unknown[]>(op: string, loss: Body<[P, ...R], unknown>): Body<[P, ...R], P> => (...args) => asTree(differentiate(op, loss, args, (r) => r).gradient);
/**
 * The gradient of a scalar function, in its first argument: a tree like that argument. Any order: grad(grad(f)).
 * @example grad((w, x) => mean(square(matmul(x, w))))(w, x)
 */
export const grad = <P, R extends unknown[], S>(loss: Check<Scalar<S, 'grad'>, (params: P, ...rest: R) => Tensor<S, Float>>): ((params: P, ...rest: R) => P) =>
  gradient('grad', asBody<[P, ...R], unknown>(loss));
/**
 * The value and the gradient of a scalar function, in its first argument.
 * @example const [loss, grads] = valueAndGrad(lossOf)(params, x, y);
 */
export const valueAndGrad = <P, R extends unknown[], S, D extends Float>(loss: Check<Scalar<S, 'valueAndGrad'>, (params: P, ...rest: R) => Tensor<S, D>>): ((params: P, ...rest: R) => readonly [Tensor<[], D>, P]) =>
  (...args) => {
    const { result, gradient } = differentiate('valueAndGrad', asBody<[P, ...R], Tensor<[], D>>(loss), args, (r) => r);
    return [result, asTree(gradient)];
  };
/**
 * As `valueAndGrad`, of a function that also gives something that is not differentiated: [loss, extra].
 * @example const [loss, grads, state] = valueAndGradAux((p) => [lossOf(p), newState])(params);
 */
export const valueAndGradAux = <P, R extends unknown[], D extends Float, X>(loss: (params: P, ...rest: R) => readonly [Tensor<[], D>, X]): ((params: P, ...rest: R) => readonly [Tensor<[], D>, P, X]) =>
  (...args) => {
    const { result, gradient } = differentiate('valueAndGradAux', loss, args, (r) => r[0]);
    return [result[0], asTree(gradient), result[1]];
  };
export const asBody = <A extends readonly unknown[], R>(f: unknown): Body<A, R> => {
  // SAFETY: a message as the parameter's type has no values, so that what came in is a function
  return f as Body<A, R>;
};
const asTree = (tree: unknown): never => {
  // SAFETY: refilled from the tree whose type it takes
  return tree as never;
};

// ── both modes in full

/**
 * The result of a function and its pullback: from a cotangent of the result to cotangents of all arguments.
 * Integer leaves get zeros.
 * @example const [y, pull] = vjp(f)(x); const [dx] = pull(onesLike(y));
 */
export const vjp = <A extends unknown[], R>(f: Body<A, R>): ((...args: A) => readonly [R, (cotangent: R) => A]) => (...args) => {
  const at = here(), t = trace(f.name === '' ? 'f' : f.name, args, f), leaves = leavesOf(args), inputs = leaves.map((l) => l.expr);
  const wrt = inputs.flatMap((e, i) => (isFloat(e.dtype) ? [i] : []));
  const y = refill(t.result, resultsOf(at, make(at, 'call', { fn: t.traced }, inputs, t.traced.results.map((r) => r.type))));
  const pull = (cotangent: R): A => {
    const pulledAt = here(), wrong = unlike('vjp', 'cotangent', t.leaves, cotangent);
    if (wrong) return mapLeaves(args, (a) => invalid(pulledAt, [], a.type, wrong));
    const seeds = floats(valuesOf(cotangent, t.leaves));
    const cts = derivative(pulledAt, 'vjp', t.traced, inputs, wrt, seeds).slice(t.traced.results.length);
    let next = 0;
    return mapLeaves(args, (a) => (isFloat(a.dtype) ? cts[next++] : filled(pulledAt, 0, a.type)));
  };
  return [y, pull];
};

/**
 * The result of a function and its change along a direction (forward mode).
 * @example const [y, dy] = jvp(f)([x], [dx]);
 */
export const jvp = <A extends unknown[], R>(f: Body<A, R>): ((primals: readonly [...A], tangents: readonly [...A]) => readonly [R, R]) => (primals, tangents) => {
  // SAFETY: a copy of the tuple has the tuple's type
  const args = [...primals] as unknown as A;
  const at = here(), t = trace(f.name === '' ? 'f' : f.name, args, f), leaves = leavesOf(args), inputs = leaves.map((l) => l.expr);
  const wrong = unlike('jvp', 'tangent', leaves, tangents), n = t.traced.results.length;
  if (wrong) return [mapLeaves(t.result, (r) => invalid(at, [], r.type, wrong)), mapLeaves(t.result, (r) => invalid(at, [], r.type, wrong))];
  const wrt = inputs.flatMap((e, i) => (isFloat(e.dtype) ? [i] : []));
  const all = derivative(at, 'jvp', t.traced, inputs, wrt, floats(valuesOf(tangents, leaves)));
  let next = n;
  return [refill(t.result, all.slice(0, n)), mapLeaves(t.result, (r) => (isFloat(r.dtype) ? all[next++] : filled(at, 0, r.type)))];
};

/**
 * A function with a reverse-mode derivative of one's own: `forward` gives the result and what `backward` needs of it.
 * Tensors captured from outside get no derivative. A result of `forward` that is not like the function's, and cotangents that are
 * not like the float arguments, are FX1010.
 * @example customVjp((x) => f(x), (x) => [f(x), x], (x, ct) => [mul(ct, slopeOf(x))])
 */
export const customVjp = <A extends unknown[], R, S>(f: Body<A, R>, forward: (...args: A) => readonly [NoInfer<R>, S], backward: (saved: NoInfer<S>, cotangent: NoInfer<R>) => readonly [...NoInfer<A>]): Body<A, R> => (...args) => {
  const at = here(), name = f.name === '' ? 'custom' : f.name, body = trace(name, args, f), inputs = leavesOf(args);
  const types = body.traced.results.map((r) => r.type), moving = inputs.filter((l) => isFloat(l.expr.dtype)), mistakes: Problem[] = [];
  // SAFETY: the parameters are the arguments, the results and the cotangents, in trees like their own
  const rule = trace(`${name}_vjp`, [...args, body.result, mapLeaves(body.result, (r) => r)] as readonly unknown[], (...all) => {
    const own = all.slice(0, args.length) as A, cotangent = all[args.length + 1] as R, [value, saved] = forward(...own), cotangents = backward(saved, cotangent);
    const mistake = unlike('customVjp', 'forward result', body.leaves, value) ?? excess('customVjp', 'forward result', body.result, value)
      ?? unlike('customVjp', 'cotangent', moving, cotangents) ?? excess('customVjp', 'cotangent', args, cotangents);
    if (mistake !== undefined) mistakes.push(mistake);
    return valuesOf(cotangents, moving);
  });
  if (mistakes.length > 0) return mapLeaves(body.result, (r) => invalid(at, [], r.type, mistakes[0]));
  const vjpFn = floatCotangentsOnly(rule.traced, inputs.length, body.traced.results);
  const made = make(at, 'composite', { name, attributes: {}, body: body.traced, vjp: vjpFn }, inputs.map((l) => l.expr), types);
  return refill(body.result, resultsOf(at, made));
};
/** only float results have cotangents: the placeholders of the others go */
const floatCotangentsOnly = (fn: Traced, inputs: number, results: readonly Expr[]): Traced => {
  const first = inputs + results.length;
  return { ...fn, params: fn.params.filter((p, i) => i < first || isFloat(p.dtype)) };
};

export interface CheckpointOptions {
  /**
   * what reverse mode keeps of the inside: `nothing`, unless told otherwise; the results of its `contractions` (products of
   * matrices, convolutions), which are dear to compute and few; or `everything`, as without `checkpoint`
   */
  readonly save?: 'nothing' | 'contractions' | 'everything';
}
/**
 * The same function, whose inside reverse mode computes again rather than keep it: less memory for more work (Chen et al. 2016,
 * Training deep nets with sublinear memory cost). It is one run of a loop, which kernels do not reach into from outside.
 * @example checkpoint(block, { save: 'contractions' })(params, x)
 */
export const checkpoint = <A extends unknown[], R>(f: Body<A, R>, { save = 'nothing' }: CheckpointOptions = {}): Body<A, R> => (...args) => {
  if (save === 'everything') return f(...args);
  const at = here(), body = trace('checkpoint', args, f), inputs = leavesOf(args).map((l) => l.expr), results = body.traced.results;
  // SAFETY: a program without types may give anything
  const wrong = save === 'nothing' || save === 'contractions' ? undefined : problem('value', `checkpoint: there is no way to save '${String(save as unknown)}'`, { hint: "'nothing', 'contractions' or 'everything'" });
  if (wrong) return mapLeaves(body.result, (r) => invalid(at, inputs, r.type, wrong));
  const rows = results.map((r) => ({ dtype: r.dtype, shape: [1, ...r.type.shape] }));
  const run = make(at, 'scan', { fn: body.traced, carries: 0, slices: 0, length: 1, reverse: false, ...(save === 'contractions' && { save }) }, inputs, rows);
  return refill(body.result, resultsOf(at, run).map((y, i) => reshaped(at, y, results[i].shape)));
};

/** The sum of the products of all elements of two trees that are alike. @example treeDot(g, v) */
export const treeDot = <P>(a: P, b: NoInfer<P>): Tensor<[], 'f32'> => {
  const left = leavesOf(a), right = valuesOf(b, left);
  const product = (x: Tensor<Shape, 'f32'>, y: Tensor<Shape, 'f32'>): Tensor<[], 'f32'> => sum(mul(x, y));
  const [first, ...more] = left.flatMap((l, i) => (right[i] === undefined ? [] : [product(typed(l.expr), typed(right[i]))]));
  return more.reduce((total, p) => add(total, p), first ?? constant(0));
};
