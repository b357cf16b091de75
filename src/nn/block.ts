import { foldIn, reword, split, spoil, type DType, type Float, type Key, type Mistake, type Origin, type Shape, type Tensor } from '../index.ts';
import type { Check, Ok } from '../expr/types/tensor.ts';
import { declared, dtypeProblem, fitProblem, hasLeaves, makeLayer, shapeOf, untyped, type AnyTensor, type Layer, type Variables } from './layer.ts';
import { mistake } from './mistake.ts';
import type { At, LayerType, OwnF, ParamsAt, StateAt } from './types.ts';

type Inner<F extends LayerType> = <S extends Shape, D extends DType>(x: Check<At<F, S>['out'], Tensor<S, D>>) => Tensor<Ok<At<F, S>['out']>, 'f32'>;
type Subs = { readonly [name: string]: Layer };
type Bound<L extends Subs> = { readonly [K in keyof L]: L[K] extends Layer<infer F> ? Inner<F> : never };

/** what happens at one call of a layer inside a body */
type Call = (name: string, sub: Layer, x: AnyTensor, nth: number) => AnyTensor;
interface Ran { readonly y: AnyTensor; readonly counts: ReadonlyMap<string, number> }
const run = <L extends Subs>(layers: L, body: (layers: Bound<L>, x: never) => Tensor<unknown>, x: AnyTensor, call: Call): Ran => {
  const counts = new Map<string, number>();
  const callable = (name: string, sub: Layer) => (input: AnyTensor): AnyTensor => {
    const nth = counts.get(name) ?? 0;
    counts.set(name, nth + 1);
    return reword(input, call(name, sub, input, nth), (message) => `${name}: ${message}`);
  };
  const bound = Object.fromEntries(Object.entries(layers).map(([name, sub]) => [name, callable(name, sub)]));
  return { y: untyped(body(declared(bound), declared(x))), counts };
};

/**
 * Layers by name and a body that calls them; parameters, state and keys are threaded by name. A layer that is called
 * twice shares its parameters; twice with state, or never, is FX6207.
 * @example block('gate', f32(['n', 64]), { a: dense(64), b: dense(64) }, (l, x) => mul(sigmoid(l.a(x)), l.b(x)))
 */
export const block = <I extends Shape, D extends DType, const L extends Subs, O extends Shape>(name: string, x: Tensor<I, D>, layers: L, body: (layers: Bound<L>, x: Tensor<I, D>) => Tensor<O, Float>):
  Layer<OwnF<I, O, { readonly [K in keyof L]: ParamsAt<L[K], Shape> }, { readonly [K in keyof L]: StateAt<L[K], Shape> }>> => {
  const names = Object.keys(layers);
  const applied = (at: Origin) => (v: Variables, input: AnyTensor, key: Key | undefined): { readonly y: AnyTensor; readonly state: unknown } => {
    const wrong = fitProblem(name, shapeOf(x), input) ?? dtypeProblem(name, x.dtype, input), state: Record<string, unknown> = { ...childrenOf(v.state) };
    if (wrong !== undefined) return { y: spoil([input], wrong, at), state };
    const { y, counts } = run(layers, body, input, (sub, l, given, nth) => {
      const own = { params: childrenOf(v.params)[sub] ?? {}, state: childrenOf(v.state)[sub] ?? {} };
      const made = l.apply(own, given, key && foldIn(foldIn(key, names.indexOf(sub)), nth));
      state[sub] = made.state;
      return made.y;
    });
    const misused = misuse(name, names, counts, (sub) => hasLeaves(childrenOf(v.state)[sub]));
    return { y: misused === undefined ? y : spoil([y], misused, at), state };
  };
  const init = (key: Key, input: AnyTensor): Variables => {
    const keys = split(key, names.length), made: Record<string, Variables> = {};
    run(layers, body, input, (sub, l, given) => {
      made[sub] ??= l.init(keys[names.indexOf(sub)], given);
      return l.apply(made[sub], given, undefined).y;
    });
    const all = (part: keyof Variables): unknown => Object.fromEntries(names.map((n) => [n, made[n]?.[part] ?? {}]));
    return { params: all('params'), state: all('state') };
  };
  return makeLayer(name, (at) => ({ init, apply: applied(at) }));
};
const childrenOf = (tree: unknown): Readonly<Record<string, unknown>> => {
  // SAFETY: the variables of a block are records of its layers' names
  return tree as Readonly<Record<string, unknown>>;
};

const misuse = (name: string, names: readonly string[], counts: ReadonlyMap<string, number>, isStateful: (sub: string) => boolean): Mistake | undefined => {
  const never = names.find((n) => counts.get(n) === undefined), twice = names.find((n) => (counts.get(n) ?? 0) > 1 && isStateful(n));
  if (never !== undefined) return mistake('block', `${name}: the layer '${never}' is never called`, { hint: 'its parameters need an input; leave it out, or call it' });
  return twice === undefined ? undefined : mistake('block', `${name}: the layer '${twice}' has state and is called twice`, { hint: 'use one layer for each call: their statistics differ' });
};
