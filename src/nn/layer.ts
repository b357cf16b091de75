import { isSpoiled, origin, spoil, treeLeaves, type Dim, type DType, type Dyn, type Float, type Key, type Mistake, type Origin, type Shape, type Tensor, type Unary } from '../index.ts';
import { mistake } from './mistake.ts';
import type { HasType, LayerType, OwnF } from './types.ts';

export type AnyTensor = Tensor<Dyn>;
/** Parameters are trained; state (running statistics) is carried along. */
export interface Variables<P = unknown, S = unknown> { readonly params: P; readonly state: S }
export interface Applied { readonly y: AnyTensor; readonly state: unknown }

/**
 * A pure value: how to make variables for an input, and what to do with an input and variables. With a key it is applied
 * for training, without one for inference, which is deterministic and leaves the state as it is.
 */
export interface Layer<F extends LayerType = LayerType> extends HasType<F> {
  readonly kind: 'layer';
  readonly name: string;
  readonly origin: Origin;
  readonly init: (key: Key, x: AnyTensor) => Variables;
  readonly apply: (v: Variables, x: AnyTensor, key: Key | undefined) => Applied;
}
/** an element-wise function (relu, tanh …) may stand in a sequential as it is */
export type Part = Layer | Unary;

/** a layer whose mistakes are told of the place where it was written */
export const makeLayer = <F extends LayerType>(name: string, make: (at: Origin) => Pick<Layer, 'init' | 'apply'>): Layer<F> => {
  const at = origin();
  return { kind: 'layer', name, origin: at, ...make(at) };
};
export const empty: Variables = { params: {}, state: {} };
/** a layer without variables */
export const plainLayer = <F extends LayerType>(name: string, f: (x: AnyTensor, at: Origin) => AnyTensor): Layer<F> =>
  makeLayer(name, (at) => ({ init: () => empty, apply: ({ state }, x) => ({ y: f(x, at), state }) }));

/** the same tensor, of which tsc does not know the shape */
export const untyped = <D extends DType>(x: Tensor<unknown, D>): Tensor<Dyn, D> => {
  // SAFETY: a list of sizes is what every shape is
  return x as Tensor<Dyn, D>;
};
/** what the declared type of a public function says that it gives */
export const declared = (x: unknown): never => {
  // SAFETY: the signatures in types.ts say what the layers do to shapes; test/nn holds the two together
  return x as never;
};
export const showShape = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`;
export const shapeOf = (x: Tensor<unknown>): Dyn => untyped(x).shape;

/** binds the names of a declared shape to the sizes of another, or says what does not fit, in tsc's words */
export const fitProblem = (what: string, declaredShape: readonly Dim[], x: Tensor<unknown>): Mistake | undefined => {
  const shape = shapeOf(x), bound = new Map<string, Dim>(), shapes = [showShape(declaredShape), showShape(shape)];
  const wrong = (message: string): Mistake => mistake('layerShape', `${what}: ${message}`, { shapes });
  if (isSpoiled(x)) return undefined;
  if (shape.length !== declaredShape.length) return wrong(`rank too ${shape.length < declaredShape.length ? 'low' : 'high'}`);
  for (const [i, d] of declaredShape.entries()) {
    const size = shape[i];
    if (typeof d === 'number' && typeof size === 'number' && d !== size) return wrong(`expected size ${d}, but got ${size}`);
    if (typeof d === 'number' && typeof size === 'string' && !isComputed(size)) return wrong(`expected size ${d}, but got ${size}`);
    if (typeof d === 'number') continue;
    const before = bound.get(d) ?? size;
    if (before !== size && !isComputed(before) && !isComputed(size)) return wrong(`'${d}' is ${before} before, but ${size} here`);
    bound.set(d, before);
  }
  return undefined;
};
const isComputed = (d: Dim): boolean => typeof d === 'string' && /[+\-*/]/.test(d);

/**
 * A layer of one's own for inputs like the example, whose named dimensions stand for any size: a function that makes
 * its parameters from a key, and one that uses them. An input that does not fit is FX6204.
 * @example layer('scale', f32(['batch', 64]), () => ({ by: ones([64]) }), (p, x) => mul(x, p.by))
 */
export const layer = <I extends Shape, D extends DType, P, O extends Shape>(name: string, x: Tensor<I, D>, init: (key: Key) => P, apply: (params: P, x: Tensor<I, D>) => Tensor<O, Float>): Layer<OwnF<I, O, P, {}>> =>
  makeLayer(name, (at) => ({
    init: (key) => ({ params: init(key), state: {} }),
    apply: ({ params, state }, input) => {
      const wrong = fitProblem(name, shapeOf(x), input) ?? dtypeProblem(name, x.dtype, input);
      // SAFETY: the parameters are those that `init` made or like them, and the input has just been compared with the example
      const y = wrong === undefined ? untyped(apply(params as P, input as unknown as Tensor<I, D>)) : spoil([input], wrong, at);
      return { y, state };
    },
  }));
export const dtypeProblem = (what: string, dtype: DType, x: Tensor<unknown>): Mistake | undefined =>
  (x.dtype === dtype || isSpoiled(x) ? undefined : mistake('layerShape', `${what}: expected ${dtype}, but got ${x.dtype}`, { hint: `convert(x, '${dtype}')` }));

/** whether there is anything in a tree */
export const hasLeaves = (tree: unknown): boolean => treeLeaves(tree).length > 0;
