import { showType, sameType } from '../core/dim.ts';
import { problem } from './codes.ts';
import { here, invalid, isValue, make, type Expr, type Problem, type Scope, type Traced } from './expr.ts';
import { leavesOf, mapLeaves, refill, showPath, valueAt, type LeafAt } from './tree.ts';
import { unifyShapes } from './dims.ts';
import { instantiate } from './instantiate.ts';
import type { Dim } from './types/shape.ts';
import { tag } from './types/tensor.ts';
import type { Fn, Guard, Solve, SubstTree } from './types/functions.ts';

/** A function applied to placeholders: what lowering and transformations need of it. */
export interface TracedTrees<R> { readonly traced: Traced; readonly result: R; readonly leaves: readonly LeafAt[] }

const nameOf = (args: readonly string[] | undefined, path: readonly string[]): string => {
  const [first, ...rest] = path;
  return showPath([args?.[Number(first)] ?? `arg${first}`, ...rest]);
};

/** Applies a body to placeholders with the types of the given trees' leaves. */
export const trace = <A extends readonly unknown[], R>(name: string, args: A, body: (...args: A) => R, names?: readonly string[]): TracedTrees<R> => {
  const scope: Scope = { what: 'scope' }, params: Expr<'placeholder'>[] = [];
  const placeholders = mapLeaves(args, (leaf, path) => {
    const made = placeholderLike(leaf, nameOf(names, path), scope);
    params.push(made);
    return made;
  });
  const result = body(...placeholders), leaves = leavesOf(result);
  return { traced: { name, scope, params, results: leaves.map((l) => l.expr) }, result, leaves };
};
const placeholderLike = (leaf: Expr, name: string, scope: Scope): Expr<'placeholder'> =>
  make(here(), 'placeholder', { name, scope }, [], [leaf.type], isKey(leaf) ? { key: true } : {});
export const isKey = (e: Expr): boolean => tagOf(e) === 'key';
const tagOf = (e: Expr): 'tensor' | 'key' => e[tag];


export interface FnOptions { readonly name?: string; readonly args?: readonly string[] }
/** What a function carries beside its call, for the driver: `lower` reads it. */
export interface FnRecord { readonly traced: Traced; readonly example: readonly unknown[]; readonly args: readonly string[] | undefined; readonly result: unknown }
const record: unique symbol = Symbol.for('fluxion.fn');

/**
 * A function over trees of tensors, from an example of its arguments (of which only the types are read) and a body.
 * It can be called like the body, transformed, compiled. `args` names the arguments in messages and exports.
 * @example const f = fn([f32(['batch', 784]), f32([784, 10])], (x, w) => softmax(matmul(x, w)), { name: 'infer' });
 */
export const fn = <A extends unknown[], R>(example: readonly [...A], body: (...args: A) => R, options: FnOptions = {}): Fn<A, R> => {
  // SAFETY: a copy of the example has the example's type
  const types = [...example] as unknown as A;
  const name = options.name ?? (body.name === '' ? 'main' : body.name);
  const { traced, result } = trace(name, types, body, options.args);
  const call = (...args: A): R => {
    const wrong = mismatch(name, types, args, options.args);
    return wrong === undefined ? body(...args) : mapLeaves(result, (leaf) => invalid(here(), [], leaf.type, wrong));
  };
  Object.defineProperty(call, 'name', { value: name });
  const own: FnRecord = { traced, example: types, args: options.args, result };
  return Object.assign(call, { kind: 'fn' as const, example: types, result, [record]: own });
};
/** a function's trace, where it was made by `fn` */
export const recordOf = (f: unknown): FnRecord | undefined => {
  // SAFETY: only `fn` writes this property
  return typeof f === 'function' && record in f ? f[record] as FnRecord : undefined;
};

/** what is wrong with the arguments of a call, if anything */
const mismatch = (name: string, example: readonly unknown[], args: readonly unknown[], names: readonly string[] | undefined): Problem | undefined => {
  for (const { path, expr } of leavesOf(example)) {
    const got = valueAt(args, path), where = `${name}: argument '${nameOf(names, path)}'`;
    if (!isValue(got)) return problem('trees', `${where} is missing`, { hint: 'the argument must be a tree like the example' });
    if (got.poisoned) continue;
    const fits = got.dtype === expr.dtype && (sameType(got.type, expr.type) || unifyShapes(got.shape, expr.shape) !== undefined);
    if (!fits) return problem('call', `${where} must be ${showType(expr.type)}, but is ${showType(got.type)}`, { hint: 'poly(f) takes the named dimensions as variables' });
  }
  return undefined;
};

/**
 * The same function with its named dimensions as variables, bound anew at each call.
 * @example poly(f)(f32([32, 784]), w)
 */
export const poly = <A extends readonly unknown[], R>(f: Fn<A, R>): (<X extends readonly unknown[]>(...args: Guard<A, X, Solve<A, X>>) => SubstTree<R, Solve<A, X>>) => {
  const own = recordOf(f);
  return (...args) => {
    if (own === undefined) return asResult(f(...asArgs(args)));
    const solved = solve(own, args);
    if (!(solved instanceof Map)) return asResult(mapLeaves(f.result, (leaf) => invalid(here(), [], leaf.type, solved)));
    return asResult(refill(f.result, instantiate(own.traced, leavesOf(own.example).map((l) => valueAt(args, l.path)).filter(isValue), solved)));
  };
};
const asArgs = (args: unknown): never => {
  // SAFETY: a function that was not made by `fn` is called as it is
  return args as never;
};
const asResult = (x: unknown): never => {
  // SAFETY: the body gives its result at the sizes of the arguments, as SubstTree says
  return x as never;
};
/** binds the example's names to the arguments' sizes; gives what does not fit */
const solve = ({ example, args: names }: FnRecord, args: readonly unknown[]): Problem | Map<string, Dim> => {
  const bound = new Map<string, Dim>();
  for (const { path, expr } of leavesOf(example)) {
    const got = valueAt(args, path), where = names?.[Number(path[0])] === undefined && path.length === 1 ? `argument ${path[0]}` : `argument '${nameOf(names, path)}'`;
    if (!isValue(got)) return problem('trees', `${where} is missing`);
    if (got.poisoned) continue;
    if (got.dtype !== expr.dtype) return problem('dtypes', `${where}: dtypes differ: ${expr.dtype} and ${got.dtype}`);
    if (got.shape.length !== expr.shape.length) return problem('rank', `${where}: rank too ${got.shape.length < expr.shape.length ? 'low' : 'high'}`, { shapes: [showType(expr.type), showType(got.type)] });
    for (const [i, d] of expr.shape.entries()) {
      const size = got.shape[i];
      if (typeof d === 'number' && unifyShapes([d], [size]) === undefined) return problem('call', `${where}: expected size ${d}, but got ${size}`);
      if (typeof d === 'number') continue;
      const before = bound.get(d) ?? size;
      if (unifyShapes([before], [size]) === undefined) return problem('call', `${where}: '${d}' is ${before} before, but ${size} here`);
      bound.set(d, before);
    }
  }
  return bound;
};
