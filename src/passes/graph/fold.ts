import { typedArray } from '../../core/dtype.ts';
import type { Builder } from '../../ir/graph/build.ts';
import { evaluateOne, type ArrayValue } from '../../ir/graph/interpret.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { countOf, hasNoSym } from './facts.ts';
import { canonicalRules } from './canonical.ts';
import { procedural, rewrite, type Rule } from './rewrite.ts';

/** the most elements that are written out */
const largest = 1024;

const numberOf = (x: Node): number | undefined => (x.op === 'constant' && typeof x.attrs.value === 'number' ? x.attrs.value : undefined);
const valueOf = ({ type, attrs }: Node<'constant'>, shape: readonly number[]): ArrayValue => ({
  dtype: type.dtype, shape,
  data: typedArray(type.dtype === 'f32' ? 'f64' : type.dtype, typeof attrs.value === 'number' ? new Array<number>(shape.reduce((n, d) => n * d, 1)).fill(attrs.value) : attrs.value),
});

/** the interpreter's result over small constants, rounded as a node's result is */
const evaluated = (node: Node, b: Builder): Node | undefined => {
  const inputs: ArrayValue[] = [];
  for (const x of node.inputs) {
    if (x.op !== 'constant' || (countOf(x.type.shape) ?? Infinity) > largest) return undefined;
    inputs.push(valueOf(x, x.type.shape.map(Number)));
  }
  if (inputs.length === 0 || !hasNoSym(node.type.shape) || (countOf(node.type.shape) ?? Infinity) > largest) return undefined;
  return b.constant(node.type, typedArray(node.type.dtype, evaluateOne(node, inputs).data));
};
/** a function of numbers repeated is one number repeated, whatever the shape */
const evaluatedOnce = (node: Node<'map'>, b: Builder): Node | undefined => {
  const numbers = node.inputs.map(numberOf);
  if (numbers.some((v) => v === undefined)) return undefined;
  const scalars = node.inputs.map((x) => b.constant({ dtype: x.type.dtype, shape: [] }, numberOf(x) ?? 0));
  const made = evaluated(b.map(node.attrs.fn, scalars, node.attrs.dtype), b);
  const value = made && numberOf(made);
  return value === undefined ? undefined : b.like(node, value);
};

const constant = (value: readonly number[]) => (b: Builder): Node => b.constant({ dtype: 'f64', shape: [value.length] }, new Float64Array(value));
const letters = constant([0.5, 2, 3]);
export const foldRules: readonly Rule[] = [
  procedural('fold a function of numbers', 'map', 'exact', evaluatedOnce, [(b, p) => b.map('add', [p([2], 'f64'), b.map('exp', [b.constant({ dtype: 'f64', shape: [2] }, 1)])])]),
  procedural('fold a function of constants', 'map', 'exact', evaluated, [(b) => b.map('exp', [letters(b)])]),
  procedural('fold a reduction of constants', 'reduce', 'exact', evaluated, [(b) => b.reduce('add', letters(b), [0])]),
  procedural('fold a reshape of constants', 'reshape', 'exact', evaluated, [(b) => b.reshape(letters(b), [3, 1])]),
  procedural('fold a transpose of constants', 'transpose', 'exact', evaluated, [(b) => b.transpose(b.constant({ dtype: 'f64', shape: [2, 2] }, new Float64Array([1, 2, 3, 4])), [1, 0])]),
  procedural('fold a slice of constants', 'slice', 'exact', evaluated, [(b) => b.slice(letters(b), [1], [3])]),
  procedural('fold a padding of constants', 'pad', 'exact', evaluated, [(b) => b.pad(letters(b), b.constant({ dtype: 'f64', shape: [] }, 1), [1], [0])]),
  procedural('fold a reversal of constants', 'reverse', 'exact', evaluated, [(b) => b.reverse(letters(b), [0])]),
  procedural('fold a concatenation of constants', 'concatenate', 'exact', evaluated, [(b) => b.concatenate([letters(b), letters(b)], 0)]),
  procedural('fold a gather of constants', 'gather', 'exact', evaluated, [(b) => b.gather(letters(b), b.constant({ dtype: 'i32', shape: [2] }, new Int32Array([2, 0])))]),
  procedural('fold a contraction of constants', 'dotGeneral', 'exact', evaluated, [(b) => b.dotGeneral(letters(b), letters(b), { batch: [[], []], contract: [[0], [0]] })]),
];
export const fold = rewrite('fold', [...canonicalRules, ...foldRules]);
