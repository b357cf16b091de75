import type { Check } from '../expr/types/tensor.ts';
import { bf16, bool, f16, f32, f64, full, i32, isKey, isSpoiled, key as keyOf, spoil, treeLeaves, treeMap, u32, type Dim, type DType, type F32, type Key, type Mistake, type Shape, type Tensor } from '../index.ts';
import { chain } from './compose.ts';
import { declared, dtypeProblem, fitProblem, shapeOf, showShape, untyped, type AnyTensor, type Applied, type Layer, type Part, type Variables } from './layer.ts';
import { mistake } from './mistake.ts';
import type { AsShape, At, Fits, LayerType, Mark, Run, SeqF } from './types.ts';

/** A layer whose input is known, so that its variables and its output have types. */
export interface Model<S extends Shape = Shape, D extends DType = DType, F extends LayerType = LayerType> {
  readonly kind: 'model';
  readonly input: Tensor<S, D>;
  readonly output: F32<AsShape<At<F, S>['out']>>;
  /** placeholders: examples for `fn`, and for `typeof` */
  readonly params: At<F, S>['params'];
  readonly state: At<F, S>['state'];
  readonly layer: Layer<F>;
}
export interface Input<S extends Shape, D extends DType> { readonly kind: 'input'; readonly tensor: Tensor<S, D> }

const leafOf: { readonly [D in DType]: (shape: readonly Dim[]) => Tensor<Dim[], D> } = { f32: (s) => f32([...s]), f64: (s) => f64([...s]), f16: (s) => f16([...s]), bf16: (s) => bf16([...s]), i32: (s) => i32([...s]), u32: (s) => u32([...s]), bool: (s) => bool([...s]) };
/** a tree of inputs like the given one */
const examplesLike = <P>(tree: P): P => {
  // SAFETY: the tree becomes another with leaves of the same types
  return treeMap((x) => (isKey(x) ? x : leafOf[x.dtype](shapeOf(x))), tree as Variables) as P;
};

/**
 * What a model takes: the sizes of one example. The first dimension of a batch is left out, and named 'batch'.
 * @example input([784]); input([28, 28, 1]); input([100], 'i32')
 */
export function input<const S extends Dim[]>(shape: readonly [...S]): Input<['batch', ...S], 'f32'>;
export function input<const S extends Dim[], D extends DType>(shape: readonly [...S], dtype: D): Input<['batch', ...S], D>;
export function input(shape: readonly Dim[], dtype: DType = 'f32'): Input<never, never> {
  const bad = shape.find((d) => !isSize(d));
  const example = bad === undefined ? leafOf[dtype](['batch', ...shape]) : spoil([full(['batch', ...shape], 0, dtype)], mistake('input', `input: ${showShape(shape)} is not a shape: ${String(bad)} is no size`, { hint: 'whole numbers from 1 on, or names' }));
  return { kind: 'input', tensor: declared(example) };
}
const isSize = (d: unknown): boolean => (typeof d === 'number' ? Number.isInteger(d) && d >= 1 : typeof d === 'string' && d !== '' && d !== 'batch');

/** A layer with an input is a model. @example model(input([784]), block(…)) */
export const model = <S extends Shape, D extends DType, F extends LayerType>({ tensor }: Input<S, D>, layer: Layer<F>): Model<S, D, F> => {
  const example = untyped(tensor), { params, state } = examplesLike(layer.init(keyOf(0), example));
  const { y } = layer.apply({ params, state }, example, undefined);
  return { kind: 'model', input: tensor, output: declared(y), params: declared(params), state: declared(state), layer };
};

/**
 * Layers one after another over an input. tsc checks that each takes what the one before gives, and says so at the
 * guilty layer; what it cannot see is a diagnostic when the model is used.
 * @example sequential(input([784]), dense(128, 'relu'), dense(10, 'softmax'))
 */
export const sequential = <S extends Shape, D extends DType, L extends Part[]>(example: Input<S, D>, ...layers: Mark<L, Run<L, S>>): Model<S, D, SeqF<L>> =>
  model(example, chain(...asParts<L>(layers)));
const asParts = <L extends Part[]>(layers: unknown): L => {
  // SAFETY: `Mark` puts a message in place of a part that does not fit, and a message has no values
  return layers as L;
};

/**
 * The first variables of a model, drawn from a key: expressions, to be computed (`compute(init(m, key(0)))`).
 * @example const vars = init(model, key(0));
 */
export const init = <S extends Shape, D extends DType, F extends LayerType>(m: Model<S, D, F>, key: Key): Variables<Model<S, D, F>['params'], Model<S, D, F>['state']> =>
  declared(m.layer.init(key, untyped(m.input)));

type Own<M extends { readonly params: unknown; readonly state: unknown }> = Variables<NoInfer<M['params']>, NoInfer<M['state']>>;
/**
 * The model's output for inference, at the shape of this x: any batch size or name goes. It is deterministic. An x that
 * is not the model's input is FX6204, variables of another model FX6205, with every difference.
 * @example apply(model, vars, f32(['batch', 784]))
 */
export const apply = <S extends Shape, D extends DType, F extends LayerType, X extends Shape>(m: Model<S, D, F>, v: Own<Model<S, D, F>>, x: Check<Fits<S, X>, Tensor<X, D>>): F32<AsShape<At<F, X>['out']>> =>
  declared(applied('apply', m, v, asTensor(x), undefined).y);
/**
 * The model's output for training, and its new state. The key feeds the layers that draw random numbers.
 * @example const [y, state] = applyTrain(model, vars, x, key);
 */
export const applyTrain = <S extends Shape, D extends DType, F extends LayerType>(m: Model<S, D, F>, v: Own<Model<S, D, F>>, x: Tensor<S, D>, key: Key): readonly [F32<AsShape<At<F, S>['out']>>, Model<S, D, F>['state']] => {
  const { y, state } = applied('applyTrain', m, v, untyped(x), key);
  return [declared(y), declared(state)];
};
const asTensor = (x: unknown): AnyTensor => {
  // SAFETY: a message in place of the tensor's type has no values
  return x as AnyTensor;
};

type AnyModel = Pick<Model, 'input' | 'params' | 'state'> & { readonly layer: Pick<Layer, 'apply'> };
const applied = (what: string, m: AnyModel, v: Variables, x: AnyTensor, key: Key | undefined): Applied => {
  if (isSpoiled(m.input)) return { y: untyped(m.input), state: v.state };
  const wrong = fitProblem(what, shapeOf(m.input), x) ?? dtypeProblem(what, m.input.dtype, x) ?? weightProblem(what, m, v);
  return wrong === undefined ? m.layer.apply(v, x, key) : { y: spoil([x], wrong), state: v.state };
};

interface Weight { readonly dtype: DType; readonly shape: readonly Dim[] }
const weightsOf = (v: Variables): ReadonlyMap<string, Weight> =>
  new Map(treeLeaves({ params: v.params, state: v.state }).map(({ path, value }) => [path.join('.'), { dtype: value.dtype, shape: shapeOf(value) }]));
/** every difference between variables and those that the model has */
const weightProblem = (what: string, m: Variables, v: Variables): Mistake | undefined => {
  const wanted = weightsOf(m), got = weightsOf(v), show = (w: Weight): string => `${w.dtype} ${showShape(w.shape)}`;
  const said = [...wanted].flatMap(([name, want]) => {
    const have = got.get(name);
    if (have === undefined) return [`'${name}' is missing`];
    return have.dtype === want.dtype && showShape(have.shape) === showShape(want.shape) ? [] : [`'${name}' is ${show(have)}, but the model's is ${show(want)}`];
  });
  const all = [...said, ...[...got.keys()].filter((name) => !wanted.has(name)).map((name) => `'${name}' is not the model's`)];
  return all.length === 0 ? undefined : mistake('weights', `${what}: these are variables of another model: ${all.join('; ')}`, { hint: 'init(model, key) makes the model’s own' });
};
