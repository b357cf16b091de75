import { maxCount, type Bindings } from '../../../src/core/dim.ts';
import { invariant } from '../../../src/core/invariant.ts';
import { typedArray, type DType, type TypedArray } from '../../../src/core/dtype.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { difference, numbers } from '../../ir/loop/golden.ts';

/** what a number from −1 to 1 becomes: halves, small whole numbers, both truths */
const elements: { readonly [D in DType]: (x: number) => number } = {
  f32: (x) => Math.round(x * 16) / 2, f64: (x) => Math.round(x * 16) / 2, f16: (x) => Math.round(x * 16) / 2, bf16: (x) => Math.round(x * 16) / 2, i32: (x) => Math.round(x * 4), u32: (x) => Math.floor(Math.abs(x) * 50), bool: (x) => Number(x > 0),
};
/** Arrays for a module's parameters, of the largest size: what lies beyond the real one is not to be read. */
export const argumentsOf = (module: Module): readonly TypedArray[] =>
  mainOf(module).params.map(({ type: { dtype, shape } }, i) => typedArray(dtype, Array.from(numbers(i + 1, maxCount(shape)), elements[dtype])));

/** What a module computes, its choices taken each way: every whole number that stands alone among its parameters is 0, then 1, then 2. */
const results = (module: Module, sizes: Bindings): readonly TypedArray[] => {
  const args = argumentsOf(module), isChoice = (x: TypedArray): boolean => x instanceof Int32Array && x.length === 1;
  return (args.some(isChoice) ? [0, 1, 2] : [0]).flatMap((whole) => interpret(module, args.map((x) => (isChoice(x) ? Int32Array.of(whole) : x)), { precision: 'f64', bindings: sizes }));
};
/** The results of one module that are not those of the other, up to rounding. */
export const differing = (before: Module, after: Module, sizes: Bindings = {}): readonly number[] => {
  const found = results(after, sizes);
  return results(before, sizes).flatMap((wanted, i) => (difference(Array.from(found[i]), Array.from(wanted)) < 1e-12 ? [] : [i]));
};

/** a graph's results for each example alone, along the first axes of those arguments that are mapped */
const oneByOne = (of: Module, args: readonly TypedArray[], axes: readonly (number | null)[], size: number): readonly (readonly number[])[] => {
  const examples = Array.from({ length: size }, (_, e) => interpret(of, args.map((x, i) => (axes[i] === null ? x : x.subarray(e * x.length / size, (e + 1) * x.length / size))), { precision: 'f64' }));
  return mainOf(of).results.map((_, r) => examples.flatMap((results) => Array.from(results[r])));
};
/** The results of a mapped graph that are not those of its examples, one after the other. `mapped` maps the main graph of `of`, and gives its results as they are. */
export const unlikeExamples = (of: Module, mapped: Module, expanded: Module): readonly number[] => {
  const args = argumentsOf(mapped), { params, results: [made] } = mainOf(mapped), map = made.op === 'get' ? made.inputs[0] : made;
  invariant(map.op === 'transform' && map.attrs.kind === 'vmap', 'the main graph maps another');
  const { axes } = map.attrs, size = Number(params[axes.findIndex((axis) => axis !== null)].type.shape[0]), found = interpret(expanded, args, { precision: 'f64' });
  return oneByOne(of, args, axes, size).flatMap((wanted, r) => (difference(Array.from(found[r]), wanted) < 1e-12 ? [] : [r]));
};
