import { elu, exp, gelu, hardSigmoid, hardSwish, leakyRelu, logSoftmax, mish, relu, relu6, selu, sigmoid, silu, softmax, softplus, softsign, spoil, step, tanh, type Unary } from '../index.ts';
import { mistake } from './mistake.ts';
import { plainLayer, untyped, type AnyTensor, type Layer } from './layer.ts';
import type { SameF } from './types.ts';

const linear: Unary = (x) => x;
/** The activations that have a name. */
export const activations = {
  linear, step, sigmoid, tanh, relu, softmax, gelu, silu, softplus, elu, selu, leakyRelu, relu6, mish, softsign, hardSigmoid, hardSwish, logSoftmax, exp,
} as const satisfies Record<string, Unary>;
export type ActivationName = keyof typeof activations;
/** by name, or any function of one tensor that keeps its shape */
export type Activation = ActivationName | Unary;

const isName = (x: string): x is ActivationName => Object.hasOwn(activations, x);
/** the function meant; an unknown name is FX6201 */
export const activate = (layer: string, activation: Activation | undefined, x: AnyTensor): AnyTensor => {
  if (activation === undefined) return x;
  const apply: Unary | undefined = typeof activation === 'function' ? activation : isName(activation) ? activations[activation] : undefined;
  // SAFETY: layers compute with floats; an activation refuses other tensors itself
  return apply === undefined ? unknown(layer, String(activation), x) : untyped(apply(x as Parameters<Unary>[0]));
};
const unknown = (layer: string, name: string, x: AnyTensor): AnyTensor =>
  spoil([x], mistake('activation', `${layer}: no activation is called '${name}'`, { hint: `the names are ${Object.keys(activations).join(', ')}; a function does too` }));

/** An activation as a layer. @example activation('relu') */
export const activation = (f: Activation): Layer<SameF> =>
  plainLayer(typeof f === 'string' ? f : f.name === '' ? 'activation' : f.name, (x) => activate('activation', f, x));
