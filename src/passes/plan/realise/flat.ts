import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxCount } from '../../../core/dim.ts';
import { invariant } from '../../../core/invariant.ts';
import { computedAs } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr } from '../../../ir/loop/syntax.ts';
import { unflatten } from '../access.ts';
import type { Group, Nest } from '../plan.ts';
import { dotOperands, valueAxes } from '../seeds.ts';
import { bind, bounds, fresh, here, inLoops, placed, push, type Context } from './context.ts';
import { atOf, combined, serial, type Where } from './stores.ts';
import { rowBody } from './rows.ts';
import { number, valueAt } from './value.ts';

/**
 * One group as a flat kernel: a grid axis over the elements of its one root, each thread computing and storing one
 * element. The grid covers a bounded dimension's largest size; reductions run to its real one.
 */
export const writeFlat = (c: Context, group: Group): void => {
  const [root] = group.roots;
  writeGrid(c, root, (at) => elementOf(c, group.nest, root, at));
};
/** a thread for each element of a value */
export const writeGrid = (c: Context, root: Node, element: (at: readonly Index[]) => Expr): void => {
  const size = maxCount(root.type.shape);
  c.axes.set('i', { depth: 0, size });
  const at = unflatten(ix.axis('i'), root.type.shape, bounds(c));
  const value = element(at);
  push(c, { kind: 'store', to: placed(c, root, ix.axis('i'), 'write'), guard: [], value });
  const body = c.scopes[0].body.splice(0);
  push(c, { kind: 'for', axis: 'i', extent: ix.constant(size), mode: { at: 'grid', grain: 1 }, body });
};

const elementOf = (c: Context, nest: Nest, root: Node, at: readonly Index[]): Expr => {
  switch (nest.kind) {
    case 'map': return valueAt(c, root, at).expr;
    case 'contract': sumProducts(c, nest, whereOf(nest, root, at)); return valueAt(c, root, at).expr;
    case 'rows': {
      const where = whereOf(nest, root, at);
      rowBody(c, nest, [], where, []);
      return valueAt(c, root, atOf(nest.align, root, where)).expr;
    }
    case 'blocks': case 'update': case 'control': case 'sort': invariant(false, 'a flat kernel has no scratch, no parts and no loop of others, and does not sort alone');
    case 'scatter': return scatterElement(c, nest.node, at);
  }
};

/** the root's element fixes every axis of the space that it spans */
const whereOf = (nest: Extract<Nest, { kind: 'rows' | 'contract' }>, root: Node, at: readonly Index[]): Where => {
  const own = nest.align.get(root) ?? [];
  const fixed = new Map(valueAxes(root).map((axis, j) => [own[axis], at[j]] as const));
  return (i) => fixed.get(i) ?? ix.constant(0);
};

const sumProducts = (c: Context, { dot, space, align }: Extract<Nest, { kind: 'contract' }>, where: Where): void => {
  const own = align.get(dot) ?? [], rank = dot.type.shape.length, dtype = computedAs(dot.type.dtype);
  const acc = fresh(c, 'acc'), place = { buffer: acc, at: [ix.constant(0)] };
  push(c, { kind: 'alloc', buffer: acc, space: 'register', dtype, shape: [1] });
  push(c, { kind: 'store', to: place, guard: [], value: number(dtype, 0) });
  const sums = own.slice(rank).map((i) => space[i]);
  inLoops(c, sums, serial, () => {
    const [left, right] = dotOperands(dot, [...own.slice(0, rank).map(where), ...sums.map((axis) => ix.axis(axis.name))]);
    const args = [valueAt(c, dot.inputs[0], left).expr, valueAt(c, dot.inputs[1], right).expr];
    push(c, { kind: 'fold', into: [place], monoid: 'add', values: [{ kind: 'apply', fn: 'mul', dtype, args }] });
  });
  const value = bind(c, 'sum', { kind: 'load', from: place, guard: [], other: number(dtype, 0) }, here(c));
  c.inside.set(dot, () => value);
};

/** every update that lands on this element, in order */
const scatterElement = (c: Context, node: Node<'scatter'>, at: readonly Index[]): Expr => {
  const [x, indices, updates] = node.inputs, rank = indices.type.shape.length, dtype = computedAs(node.type.dtype);
  const acc = fresh(c, 'acc'), place = { buffer: acc, at: [ix.constant(0)] };
  push(c, { kind: 'alloc', buffer: acc, space: 'register', dtype, shape: [1] });
  push(c, { kind: 'store', to: place, guard: [], value: valueAt(c, x, at).expr });
  const loops = indices.type.shape.map((size) => ({ name: fresh(c, 'u'), size }));
  invariant(loops.length === rank, 'one loop for each axis of the indices');
  inLoops(c, loops, serial, () => {
    const where = loops.map((axis) => ix.axis(axis.name));
    const row = valueAt(c, indices, where).expr;
    const hit: Expr = { kind: 'apply', fn: 'eq', dtype: 'bool', args: [row, { kind: 'index', dtype: computedAs(indices.type.dtype), index: at[0] }] };
    const update = valueAt(c, updates, [...where, ...at.slice(1)]).expr;
    push(c, { kind: 'if', test: hit, then: [combined(node.attrs.monoid, place, update)], else: [] });
  });
  return { kind: 'load', from: place, guard: [], other: number(dtype, 0) };
};
