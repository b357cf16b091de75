import { elu, exp, gelu, hardSigmoid, hardSwish, isSpoiled, leakyRelu, logSoftmax, mish, relu, relu6, reword, sameShape, selu, sigmoid, silu, softmax, softplus, softsign, spoil, step, tanh, type Origin, type Unary } from '../index.ts';
import { mistake, unusable } from './mistake.ts';
import { plainLayer, shapeOf, showShape, untyped, type AnyTensor, type Layer } from './layer.ts';
import type { SameF } from './types.ts';

const linear: Unary = (x) => x;
/** The activations that have a name. */
export const activations = {
  linear, step, sigmoid, tanh, relu, softmax, gelu, silu, softplus, elu, selu, leakyRelu, relu6, mish, softsign, hardSigmoid, hardSwish, logSoftmax, exp,
} as const satisfies Record<string, Unary>;
export type ActivationName = keyof typeof activations;
/** by name, or any function of one tensor that keeps its shape */
export type Activation = ActivationName | Unary;

/** whether a function is one of them: what is wrong with its use is not in its body */
export const isNamed = (f: Unary): boolean => Object.values<Unary>(activations).includes(f);
const isName = (x: string): x is ActivationName => Object.hasOwn(activations, x);
/** the activation of a layer written at a place; an unknown name is FX6201 */
export const activate = (layer: string, activation: Activation | undefined, x: AnyTensor, at: Origin): AnyTensor => {
  if (activation === undefined) return x;
  if (typeof activation === 'function') return shapeKept(layer, activation, x, at);
  const name: string = activation;
  if (isName(name)) return reword(x, called(activations[name], x), (message) => message, at);
  return unusable(x, mistake('activation', `${layer}: no activation is called '${name}'`, { hint: `the names are ${Object.keys(activations).join(', ')}; a function does too` }), at);
};
/** a function of one's own; one that changes the shape is FX6201 */
export const shapeKept = (layer: string, f: Unary, x: AnyTensor, at?: Origin): AnyTensor => {
  const y = called(f, x), shapes = [showShape(shapeOf(x)), showShape(shapeOf(y))];
  if (isSpoiled(y) || sameShape(shapeOf(x), shapeOf(y))) return y;
  return spoil([y], mistake('activation', `${layer}: an activation must keep the shape, but makes ${shapes[1]} of ${shapes[0]}`, { shapes, hint: 'layer(…) and block(…) make layers that change it' }), at);
};
const called = (f: Unary, x: AnyTensor): AnyTensor => {
  // SAFETY: layers compute with floats; an activation refuses other tensors itself
  return untyped(f(x as Parameters<Unary>[0]));
};

/** An activation as a layer. @example activation('relu') */
export const activation = (f: Activation): Layer<SameF> =>
  plainLayer(typeof f === 'string' ? f : f.name === '' ? 'activation' : f.name, (x, at) => activate('activation', f, x, at));
