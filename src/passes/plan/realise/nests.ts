import * as ix from '../../../core/affine.ts';
import { maxCount } from '../../../core/dim.ts';
import { invariant } from '../../../core/invariant.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr, Stmt } from '../../../ir/loop/syntax.ts';
import { flatten } from '../access.ts';
import type { Group, Nest, SpaceAxis } from '../plan.ts';
import { dotOperands } from '../seeds.ts';
import { blocksNest } from './blocks.ts';
import { asAxis, bind, fresh, here, inLoops, outOfScope, placed, push, type Context } from './context.ts';
import { rowsNest } from './rows.ts';
import { sortNest } from './sorts.ts';
import { atOf, combined, serial, storeAround, storePart, storeRoot, storeRoots, type Where } from './stores.ts';
import { number, partFrom, valueAt } from './value.ts';

type Contract = Extract<Nest, { kind: 'contract' }>;

/** Writes the loops of one group into the context's outermost scope. */
export const writeNest = (c: Context, group: Group): void => {
  const { nest, roots } = group;
  switch (nest.kind) {
    case 'map': return mapNest(c, nest, roots);
    case 'contract': return contractNest(c, nest, roots);
    case 'rows': return rowsNest(c, nest, roots);
    case 'blocks': return blocksNest(c, nest, roots);
    case 'update': return updateNest(c, nest, roots);
    case 'control': return invariant(false, 'what runs kernels is no kernel');
    case 'scatter': return scatterNest(c, nest.node);
    case 'sort': return sortNest(c, nest.node);
  }
};

const mapNest = (c: Context, { space, align }: Extract<Nest, { kind: 'map' }>, roots: readonly Node[]): void => {
  const where: Where = (i) => ix.axis(space[i].name);
  storeAround(c, roots, (wide) => inLoops(c, space, serial, () => storeRoots(c, wide, (root) => atOf(align, root, where))));
};

/** each part where it belongs; what it is made of is not in the memory that is written */
const updateNest = (c: Context, { parts }: Extract<Nest, { kind: 'update' }>, [root]: readonly Node[]): void => {
  for (const part of parts) {
    const [, update] = part.inputs, from = partFrom(c, part), axes = update.type.shape.map((size) => ({ name: fresh(c, 'i'), size }));
    inLoops(c, axes, serial, () => {
      const at = axes.map(({ name }) => ix.axis(name));
      storePart(c, root, at.map((i, axis) => ix.add(i, from[axis])), valueAt(c, update, at).expr);
    });
  }
};

const contractNest = (c: Context, nest: Contract, roots: readonly Node[]): void => {
  if (nest.dot.type.shape.length === 0) contractLoops(c, nest, roots);
  else storeAround(c, roots, (wide) => contractLoops(c, nest, wide));
};
const contractLoops = (c: Context, { dot, space, align }: Contract, roots: readonly Node[]): void => {
  const own = (align.get(dot) ?? []).map((i) => space[i]);
  const rank = dot.type.shape.length, batches = dot.attrs.batch[0].length;
  const left = dot.inputs[0].type.shape.length - batches - dot.attrs.contract[0].length;
  const [m, n, k] = [own.slice(batches, batches + left), own.slice(batches + left, rank), own.slice(rank)];
  const where: Where = (i) => ix.axis(space[i].name);
  inLoops(c, own.slice(0, batches), serial, () => {
    const { a, b } = operands(c, dot, own, [...m, ...n, ...k]);
    const acc = fresh(c, 'sum'), depth = c.scopes.length;
    for (const axis of [...m, ...n]) c.axes.set(axis.name, { depth, size: axis.size });
    c.scopes.push({ body: [], memo: new Map() });
    c.inside.set(dot, () => ({ expr: { kind: 'local', local: acc }, depth }));
    storeRoots(c, roots, (root) => atOf(align, root, where));
    const then = c.scopes.pop()?.body ?? [];
    push(c, { kind: 'contract', m: m.map(asAxis), n: n.map(asAxis), k: k.map(asAxis), a, b, c: acc, then });
  });
};

/** the factors as expressions: their axes are bound by the contraction itself */
const operands = (c: Context, dot: Node<'dotGeneral'>, own: readonly SpaceAxis[], bound: readonly SpaceAxis[]): { readonly a: Expr; readonly b: Expr } => {
  for (const axis of bound) c.axes.set(axis.name, { depth: outOfScope, size: axis.size });
  const [left, right] = dotOperands(dot, own.map((axis) => ix.axis(axis.name)));
  return { a: valueAt(c, dot.inputs[0], left).expr, b: valueAt(c, dot.inputs[1], right).expr };
};

const scatterNest = (c: Context, node: Node<'scatter'>): void => {
  const [x, indices, updates] = node.inputs, rank = indices.type.shape.length;
  const loopsOver = (shape: Node['type']['shape']): readonly SpaceAxis[] => shape.map((size) => ({ name: fresh(c, 'i'), size }));
  const copy = loopsOver(x.type.shape);
  inLoops(c, copy, serial, () => {
    const at = copy.map((axis) => ix.axis(axis.name));
    storeRoot(c, node, at, valueAt(c, x, at).expr);
  });
  if (maxCount(x.type.shape) === 0) return;
  const each = loopsOver(updates.type.shape), at = each.map((axis) => ix.axis(axis.name));
  const rows = x.type.shape[0];
  inLoops(c, each.slice(0, rank), serial, () => {
    const raw = valueAt(c, indices, at.slice(0, rank));
    const row = bind(c, 'row', { kind: 'apply', fn: 'convert', dtype: 'i32', args: [raw.expr] }, here(c));
    if (row.expr.kind !== 'local') return;
    const index = ix.data(row.expr.local, 0, Math.max(0, maxCount([rows]) - 1));
    const inside: Expr = { kind: 'apply', fn: 'and', dtype: 'bool', args: [
      { kind: 'apply', fn: 'ge', dtype: 'bool', args: [row.expr, number('i32', 0)] },
      { kind: 'apply', fn: 'lt', dtype: 'bool', args: [row.expr, { kind: 'index', dtype: 'i32', index: asAxis({ name: '', size: rows }).extent }] },
    ] };
    c.scopes.push({ body: [], memo: new Map() });
    inLoops(c, each.slice(rank), serial, () => push(c,
      combined(node.attrs.monoid, placed(c, node, flatten([index, ...at.slice(rank)], x.type.shape), node.attrs.monoid === 'set' ? 'write' : 'read'), valueAt(c, updates, at).expr)));
    const then: Stmt[] = c.scopes.pop()?.body ?? [];
    push(c, { kind: 'if', test: inside, then, else: [] });
  });
};
