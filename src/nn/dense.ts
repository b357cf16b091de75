import { add, expandDims, isSpoiled, matmul, reshape, split, spoil, squeeze, type Dim, type Dyn, type F32, type Mistake, type Tensor } from '../index.ts';
import { activate, type Activation } from './activations.ts';
import { drawFrom, type Initializer, type InitializerName } from './initializers.ts';
import { declared, dtypeProblem, makeLayer, plainLayer, shapeOf, showShape, untyped, type AnyTensor, type Layer } from './layer.ts';
import { mistake, unusable } from './mistake.ts';
import type { DenseF, FlattenF } from './types.ts';

export interface DenseOptions<I extends Dim = Dim, B extends boolean = boolean> {
  readonly activation?: Activation;
  /** the size of the input's last axis, where it is to be checked */
  readonly inputs?: I;
  /** glorotUniform unless told otherwise */
  readonly kernelInit?: Initializer | InitializerName;
  /** zeros unless told otherwise */
  readonly biasInit?: Initializer | InitializerName;
  /** false leaves the bias out */
  readonly bias?: B;
}
interface DenseParams { readonly kernel: F32<Dyn>; readonly bias?: F32<Dyn> }

/**
 * activation(x · kernel + bias) over the last axis: [..., inputs] gives [..., units]. An input whose last axis is not
 * known or not the declared one is FX6204, a count of units that is none FX6202, an unknown name FX6201 or FX6206.
 * @example dense(128, 'relu'); dense(10, { kernelInit: 'heNormal', bias: false })
 */
export const dense = <O extends Dim, I extends Dim = Dim, B extends boolean = true>(units: O, options: Activation | DenseOptions<I, B> = {}): Layer<DenseF<O, I, B>> => {
  const o: DenseOptions<I, B> = typeof options === 'object' ? options : { activation: options };
  return makeLayer('dense', (at) => ({
    init: (key, x) => {
      const [forKernel, forBias] = split(key), inputs = o.inputs ?? shapeOf(x).at(-1), wrong = unitsProblem(units) ?? inputProblem(o.inputs, x);
      const drawn = drawFrom('dense', o.kernelInit ?? 'glorotUniform', forKernel, [sizeOf(inputs), sizeOf(units)], at);
      const kernel: F32<Dyn> = wrong === undefined ? drawn : unusable(drawn, wrong, at);
      const bias = o.bias === false ? {} : { bias: drawFrom('dense', o.biasInit ?? 'zeros', forBias, [sizeOf(units)], at) };
      return { params: { kernel, ...bias }, state: {} };
    },
    apply: ({ params, state }, x) => {
      const noUnits = unitsProblem(units), wrong = inputProblem(o.inputs, x);
      if (noUnits !== undefined) return { y: unusable(x, noUnits, at), state };
      // SAFETY: the parameters are those made above or like them
      return { y: wrong === undefined ? activate('dense', o.activation, linear(params as DenseParams, x), at) : spoil([x], wrong, at), state };
    },
  }));
};
/** a size that building can go on with */
const sizeOf = (d: unknown): number => (typeof d === 'number' && Number.isInteger(d) && d > 0 ? d : 1);
const unitsProblem = (units: Dim): Mistake | undefined => (typeof units === 'number' && Number.isInteger(units) && units >= 1 ? undefined
  : mistake('units', `dense: ${String(units)} is not a count of units`, { hint: 'a whole number from 1 on' }));
const inputProblem = (inputs: Dim | undefined, x: AnyTensor): Mistake | undefined => {
  if (isSpoiled(x)) return undefined;
  const shape = shapeOf(x), last = shape.at(-1), shapes = [showShape(shape)];
  if (last === undefined) return mistake('layerShape', 'dense: the input is a scalar', { shapes });
  if (inputs !== undefined && inputs !== last) return mistake('layerShape', `dense: expects a last axis of size ${inputs}, but the input is ${showShape(shape)}`, { shapes });
  return typeof last === 'number' ? dtypeProblem('dense', 'f32', x) : mistake('layerShape', `dense: the size of the last axis must be a number, but the input is ${showShape(shape)}`, { shapes, hint: 'reshape(x, [batch, size]), or flatten()' });
};
const linear = ({ kernel, bias }: DenseParams, x: AnyTensor): AnyTensor => {
  const isRow = x.shape.length === 1;
  // SAFETY: matmul and add refuse other dtypes themselves
  const rows = (isRow ? untyped(expandDims(x, 0)) : x) as Tensor<Dyn, 'f32'>;
  const product = untyped(matmul(rows, kernel)), sum = bias === undefined ? product : untyped(add(product, bias));
  return isRow ? untyped(squeeze(sum, 0)) : sum;
};

/** All axes but the first as one: [batch, 28, 28, 1] gives [batch, 784]. */
export const flatten = (): Layer<FlattenF> => plainLayer('flatten', (x, at) => {
  const [batch, ...rest] = shapeOf(x);
  if (batch === undefined) return spoil([x], mistake('layerShape', 'flatten: the input is a scalar', { shapes: [showShape(shapeOf(x))] }), at);
  const sizes = rest.filter((d) => typeof d === 'number');
  return declared(reshape(x, [batch, sizes.length === rest.length ? sizes.reduce((n, d) => n * d, 1) : -1]));
});
