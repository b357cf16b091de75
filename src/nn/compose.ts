import { add, foldIn, isSpoiled, reword, split, spoil, type Dyn, type Key, type Origin, type Tensor } from '../index.ts';
import { isNamed, shapeKept } from './activations.ts';
import { declared, makeLayer, untyped, empty, type AnyTensor, type Applied, type Layer, type Part, type Variables } from './layer.ts';
import { mistake } from './mistake.ts';
import type { LayerType, ResidualF, SeqF } from './types.ts';

// ── the variables of several layers: a list of trees for each of params and state
const entry = (tree: unknown, i: number): unknown => (typeof tree === 'object' && tree !== null ? Reflect.get(tree, i) : undefined) ?? {};
const partOf = (v: Variables, i: number): Variables => ({ params: entry(v.params, i), state: entry(v.state, i) });
const keyFor = (key: Key | undefined, i: number): Key | undefined => (key === undefined ? undefined : foldIn(key, i));

const isLayer = (x: unknown): x is Layer => typeof x === 'object' && x !== null && 'kind' in x && x.kind === 'layer';
/** one part of a chain that was written at a place */
const applyPart = (at: Origin, part: Part, i: number, v: Variables, x: AnyTensor, key: Key | undefined): Applied => {
  if (isLayer(part)) {
    const { y, state } = part.apply(v, x, key);
    return { y: reword(x, y, (message) => `layer ${i}: ${message}`), state };
  }
  if (typeof part !== 'function') return { y: spoil([x], mistake('part', `layer ${i}: neither a layer nor a function`, { hint: 'dense(10), or a function of one tensor' }), at), state: {} };
  const y = shapeKept(part.name === '' ? 'function' : part.name, part, x, at);
  return { y: reword(x, y, (message) => `layer ${i}: ${message}`, isNamed(part) ? at : undefined), state: {} };
};

/**
 * Layers one after another, as a layer again. Parameters and state are lists with one entry for each.
 * @example chain(dense(64), relu, dense(64))
 */
export const chain = <L extends readonly Part[]>(...layers: L): Layer<SeqF<L>> =>
  makeLayer('chain', (at) => ({ init: (key, x) => initAll(at, layers, key, x), apply: (v, x, key) => applyAll(at, layers, v, x, key) }));
const initAll = (at: Origin, layers: readonly Part[], key: Key, x: AnyTensor): Variables => {
  const keys = split(key, layers.length), params: unknown[] = [], state: unknown[] = [];
  let input = x;
  for (const [i, part] of layers.entries()) {
    const made = isLayer(part) ? part.init(keys[i], input) : empty;
    params.push(made.params);
    state.push(made.state);
    input = applyPart(at, part, i, made, input, undefined).y;
  }
  return { params, state };
};
const applyAll = (at: Origin, layers: readonly Part[], v: Variables, x: AnyTensor, key: Key | undefined): Applied => {
  const state: unknown[] = [];
  let y = x;
  for (const [i, part] of layers.entries()) {
    const applied = applyPart(at, part, i, partOf(v, i), y, keyFor(key, i));
    y = applied.y;
    state.push(applied.state);
  }
  return { y, state };
};

/**
 * x + body(x) (He et al. 2016). The body's result must broadcast with its input.
 * @example residual(chain(dense(64, 'relu'), dense(64)))
 */
export const residual = <F extends LayerType>(body: Layer<F>): Layer<ResidualF<F>> =>
  makeLayer('residual', (at) => ({
    init: body.init,
    apply: (v, x, key) => {
      const { y, state } = body.apply(v, x, key);
      return { y: isSpoiled(y) ? y : reword(y, sum(x, y), (message) => message.replace(/^add:/, 'residual:'), at), state };
    },
  }));
const sum = (x: AnyTensor, y: AnyTensor): AnyTensor => {
  // SAFETY: add refuses dtypes that differ itself
  return untyped(add(x as Tensor<Dyn, 'f32'>, declared(y)) as Tensor<Dyn, 'f32'>);
};
