import { orThrow, fn } from 'fluxion';
import type { TypedArray } from '../../src/core/dtype.ts';
import type { Bindings } from '../../src/core/dim.ts';
import { lower, type LowerOptions } from '../../src/expr/lower/lower.ts';
import { interpretNodes, type ArrayValue } from '../../src/ir/graph/interpret.ts';
import { verify } from '../../src/ir/graph/verify.ts';
import { expandTransforms } from '../../src/passes/graph/expandTransforms.ts';

/** Lowers a function, expands its derivatives and interprets it: every result with its shape. */
export const run = (f: unknown, args: readonly TypedArray[] = [], options: LowerOptions & { readonly sizes?: Bindings } = {}): readonly ArrayValue[] => {
  const { module } = orThrow(lower(f, options)), wrong = verify(module);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return interpretNodes(expandTransforms.run(module, () => undefined), args, { bindings: options.sizes ?? {} }).results;
};
/** a closed expression's numbers */
export const valueOf = (tree: () => unknown): readonly number[] => Array.from(run(fn([], tree))[0].data);
export const shapeOf = (tree: () => unknown): readonly number[] => run(fn([], tree))[0].shape;
export const floats = (...xs: readonly number[]): Float32Array => Float32Array.from(xs);
export const close = (got: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-6): boolean =>
  got.length === wanted.length && wanted.every((w, i) => Object.is(w, got[i]) || Math.abs(w - got[i]) <= tolerance * Math.max(1, Math.abs(w)));
