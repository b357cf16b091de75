import * as E from 'fp-ts/lib/Either.js';
import { isNonEmpty } from 'fp-ts/lib/ReadonlyArray.js';
import { diagnostic, type Diagnostic, type Result } from '../core/diagnostic.ts';
import { asDiagnostics, bindSizes, given, type Given, type Leaf } from '../compile/arguments.ts';
import { fn, recordOf } from '../expr/functions.ts';
import { lower, type Lowered } from '../expr/lower/lower.ts';
import { valueAt } from '../expr/tree.ts';
import type { Fn } from '../expr/types/functions.ts';
import type { Host, Loose } from '../expr/types/tensor.ts';
import { codes } from './codes.ts';
import { checkModule, type DerivativeOptions, type DerivativeReport } from './derivativeCheck.ts';
import { floatPlaces, mainOf } from './derivatives.ts';

export type GradientOptions = DerivativeOptions;
export type GradientReport = DerivativeReport;
type Hosts<A extends readonly unknown[]> = { readonly [I in keyof A]: Host<A[I]> };
type Arrays<A extends readonly unknown[]> = { readonly [I in keyof A]: Loose<A[I]> };

/**
 * Compares the derivatives of a function with central differences in double precision, and reverse with forward mode, at
 * the given inputs: of a function made by `fn`, or of any function over tensors, whose inputs are then arrays. All results
 * are summed with fixed weights; every float input is differentiated for. With `order: 2` the gradient is checked in the
 * same way. Elements at a kink, where differences say nothing, are skipped and counted.
 *
 * A derivative that differs from the differences is FX8001, from forward mode FX8002; a function without float inputs or
 * results is FX8003; where most elements could not be judged FX8004. What is wrong with the function itself is FX1nnn and
 * FX4nnn, with the inputs FX7nnn.
 *
 * @example
 * const loss = fn([f32([3, 2]), f32(['n', 3])], (w, x) => mean(tanh(matmul(x, w))));
 * const { compared, worst } = orThrow(checkGradients(loss, [[[1, 2], [3, 4], [5, 6]], [[0.1, 0.2, 0.3]]], { order: 2 }));
 */
export function checkGradients<A extends readonly unknown[], R>(f: Fn<A, R>, inputs: Hosts<A>, options?: GradientOptions): Result<GradientReport>;
export function checkGradients<A extends unknown[], R>(f: (...args: A) => R, inputs: Arrays<A>, options?: GradientOptions): Result<GradientReport>;
export function checkGradients(f: (...args: never[]) => unknown, inputs: readonly unknown[], options: GradientOptions = {}): Result<GradientReport> {
  const closed = recordOf(f) === undefined ? fn([...inputs], asBody(f), { name: f.name === '' ? 'f' : f.name }) : f;
  const open = lower(closed, { open: true });
  if (E.isLeft(open)) return open;
  const values = valuesFor(open.right, inputs);
  if (E.isLeft(values)) return values;
  const bound = bindSizes(leavesOf(open.right), values.right);
  if (E.isLeft(bound)) return E.left(asDiagnostics(bound.left));
  const lowered = lower(closed, { dims: bound.right });
  if (E.isLeft(lowered)) return lowered;
  const { module } = lowered.right, { params, results } = mainOf(module);
  for (const [what, nodes] of [['input', params], ['result', results]] as const) {
    if (floatPlaces(nodes).length === 0) return E.left([diagnostic(codes.nothing, `checkGradients: no ${what} of '${closed.name}' is a float`)]);
  }
  return judged(checkModule(module, values.right.map((v) => v.data()), options), closed.name);
}

const judged = (checked: DerivativeReport | readonly Diagnostic[], name: string): Result<GradientReport> => {
  if (!('compared' in checked)) return isNonEmpty(checked) ? E.left(checked) : E.left([diagnostic(codes.nothing, `checkGradients: '${name}' has no derivative`)]);
  const { compared, skipped } = checked;
  if (compared > skipped || skipped === 0) return E.right(checked);
  return E.left([diagnostic(codes.rough, `checkGradients: '${name}' could not be judged: ${skipped} of ${compared + skipped} elements lie at a kink, or where the function is not finite`, { hint: 'choose inputs away from where the function bends or ends' })]);
};

const asBody = (f: (...args: never[]) => unknown): ((...args: unknown[]) => unknown) => {
  // SAFETY: it is applied to placeholders of its own inputs' types
  return f as (...args: unknown[]) => unknown;
};
const leavesOf = ({ params }: Lowered): readonly Leaf[] => params.map((p) => ({ name: p.name, path: p.path, type: p.type, isKey: p.isKey, donated: false }));
const valuesFor = (open: Lowered, inputs: readonly unknown[]): Result<readonly Given[]> => {
  const values = leavesOf(open).map((leaf) => given(leaf, valueAt(inputs, leaf.path)));
  const wrong = values.filter((v): v is Diagnostic => 'code' in v);
  return isNonEmpty(wrong) ? E.left(wrong) : E.right(values.filter((v): v is Given => !('code' in v)));
};
