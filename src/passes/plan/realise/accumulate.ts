import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxSize, type Dim } from '../../../core/dim.ts';
import { computedAs, type Computed } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr, Place } from '../../../ir/loop/syntax.ts';
import { identityIn, monoidRow } from '../../../ir/monoids.ts';
import { stridesOf } from '../access.ts';
import { fresh, inLoops, push, type Context, type Value } from './context.ts';
import { number, valueAt } from './value.ts';

/** Where a reduction's running state lives: one buffer for each number of it. */
export interface Accumulator { readonly node: Node<'reduce'>; readonly places: readonly string[]; readonly kept: readonly Dim[] }

const partDtype = (node: Node<'reduce'>, part: number): Computed =>
  monoidRow(node.attrs.monoid).gives === 'i32' && part === 1 ? 'i32' : computedAs(node.inputs[0].type.dtype);

/** Allocates the state in the current scope and sets it to the monoid's identity, once for each kept column. */
export const startAccumulator = (c: Context, node: Node<'reduce'>, kept: readonly Dim[]): Accumulator => {
  const row = monoidRow(node.attrs.monoid);
  const places = row.identity.map((identity, part) => {
    const buffer = fresh(c, 'acc'), dtype = partDtype(node, part);
    push(c, { kind: 'alloc', buffer, space: kept.length === 0 ? 'register' : 'scratch', dtype, shape: kept.length === 0 ? [1] : kept.map(maxSize) });
    const loops = kept.map((size) => ({ name: fresh(c, 'z'), size }));
    inLoops(c, loops, { at: 'serial' }, () => push(c, {
      kind: 'store', to: { buffer, at: placeOf(loops.map((l) => ix.axis(l.name))) }, guard: [], value: number(dtype, identityIn(dtype, identity)),
    }));
    return buffer;
  });
  return { node, places, kept };
};
const placeOf = (at: readonly Index[]): readonly Index[] => (at.length === 0 ? [ix.constant(0)] : at);

/** Folds the operand's element at `at` (iteration axes) into the state; `keptAt`: the column it belongs to. */
export const foldElement = (c: Context, { node, places }: Accumulator, at: readonly Index[], keptAt: readonly Index[]): void => {
  const value = valueAt(c, node.inputs[0], at);
  const into = places.map((buffer): Place => ({ buffer, at: placeOf(keptAt) }));
  push(c, { kind: 'fold', into, monoid: node.attrs.monoid, values: [value.expr, ...position(node, at)] });
};

/** argMax and argMin fold the position along the reduced axes too */
const position = (node: Node<'reduce'>, at: readonly Index[]): readonly Expr[] => {
  if (monoidRow(node.attrs.monoid).gives !== 'i32') return [];
  const reduced = [...node.attrs.axes].sort((a, b) => a - b);
  const strides = stridesOf(reduced.map((axis) => node.inputs[0].type.shape[axis]));
  const linear = reduced.reduce((sum, axis, i) => ix.add(sum, ix.scale(at[axis], strides[i])), ix.constant(0));
  return [{ kind: 'index', dtype: 'i32', index: linear }];
};

/** The finished value of the state, for the column `at`. */
export const finished = ({ node, places }: Accumulator, at: readonly Index[], depth: number): Value => {
  const part = monoidRow(node.attrs.monoid).gives === 'i32' ? 1 : 0;
  const zero = number(partDtype(node, part), 0);
  return { expr: { kind: 'load', from: { buffer: places[part], at: placeOf(at) }, guard: [], other: zero }, depth };
};
