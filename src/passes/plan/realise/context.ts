import * as ix from '../../../core/affine.ts';
import type { Guard, Index } from '../../../core/affine.ts';
import type { Dim } from '../../../core/dim.ts';
import type { DType } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Axis, BufferId, Expr, Mode, Param, Place, Stmt } from '../../../ir/loop/syntax.ts';
import { extentOf, flatten, type Bounds } from '../access.ts';
import { maxSize } from '../../../core/dim.ts';

/** A value and the depth of the innermost scope it depends on. */
export interface Value { readonly expr: Expr; readonly depth: number }
export interface Scope { readonly body: Stmt[]; readonly memo: Map<string, Value> }

/** Where a stored value lies: in a buffer of so many elements, from a place on that may move with a loop around the kernel; one after the other unless strides are given. */
export interface Home { readonly buffer: BufferId; readonly from: Index; readonly size: number; readonly strides?: readonly number[] }

/** One kernel while it is written: a stack of open scopes, and what is known inside them. */
export interface Context {
  readonly scopes: Scope[];
  readonly axes: Map<string, { readonly depth: number; readonly size: Dim }>;
  readonly localDepth: Map<string, number>;
  /** what this kernel has computed so far and keeps, at the index where loops stand; none at an index that it does not keep */
  readonly inside: Map<Node, (at: readonly Index[]) => Value | undefined>;
  /** nodes computed here; others are loaded */
  readonly members: ReadonlySet<Node>;
  readonly isStored: (node: Node) => boolean;
  readonly homeOf: (node: Node) => Home;
  readonly params: Map<string, Param>;
  readonly taken: ReadonlySet<string>;
  count: number;
}

/** a name that no buffer of the program has */
export const fresh = (c: Context, prefix: string): string => {
  let name = `${prefix}${c.count++}`;
  while (c.taken.has(name)) name = `${prefix}${c.count++}`;
  return name;
};
export const here = (c: Context): number => c.scopes.length - 1;
export const push = (c: Context, stmt: Stmt): void => { c.scopes[here(c)].body.push(stmt); };

/** axes beyond any open scope: values over them stay expressions, for nothing can be bound there */
export const outOfScope = 1 << 20;

export const bounds = (c: Context): Bounds => (atom) => {
  if (atom.kind !== 'axis') return { lo: -Infinity, hi: Infinity };
  const known = c.axes.get(atom.axis);
  return known === undefined ? { lo: -Infinity, hi: Infinity } : { lo: 0, hi: maxSize(known.size) - 1 };
};

export const indexDepth = (c: Context, index: Index): number => index.terms.reduce((depth, { of }) => {
  switch (of.kind) {
    case 'axis': return Math.max(depth, c.axes.get(of.axis)?.depth ?? 0);
    case 'data': return Math.max(depth, c.localDepth.get(of.local) ?? 0);
    case 'size': return depth;
    case 'floorDiv': case 'mod': return Math.max(depth, indexDepth(c, of.num));
  }
}, 0);
export const guardDepth = (c: Context, guard: Guard): number => Math.max(0, ...guard.map((g) => indexDepth(c, g.of)));

/** Binds a value to a local in the outermost scope where it can be computed. */
export const bind = (c: Context, prefix: string, expr: Expr, depth: number): Value => {
  if (depth > here(c)) return { expr, depth };
  const local = fresh(c, prefix);
  c.scopes[depth].body.push({ kind: 'let', local, value: expr });
  c.localDepth.set(local, depth);
  return { expr: { kind: 'local', local }, depth };
};

/** Runs `body` inside loops over the axes; with no axes, in place. */
export const inLoops = (c: Context, axes: readonly { readonly name: string; readonly size: Dim }[], mode: Mode, body: () => void): void => {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body();
  c.axes.set(axis.name, { depth: c.scopes.length, size: axis.size });
  c.scopes.push({ body: [], memo: new Map() });
  inLoops(c, rest, mode, body);
  const scope = c.scopes.pop();
  push(c, { kind: 'for', axis: axis.name, extent: extentOf(axis.size), mode, body: scope?.body ?? [] });
};

export const asAxis = ({ name, size }: { readonly name: string; readonly size: Dim }): Axis => ({ axis: name, extent: extentOf(size) });

/** an element of a stored value */
export const elementOf = (c: Context, node: Node, at: readonly Index[], access: 'read' | 'write'): Place => placed(c, node, flatten(at, node.type.shape, c.homeOf(node).strides), access);
/** a place in the memory of a stored value, which becomes a parameter of the kernel */
export const placed = (c: Context, node: Node, index: Index, access: 'read' | 'write'): Place => {
  const { buffer, from, size } = c.homeOf(node);
  param(c, buffer, node.type.dtype, size, access);
  return { buffer, at: [ix.add(from, index)] };
};
const param = (c: Context, name: string, dtype: DType, size: number, access: 'read' | 'write'): void => {
  const known = c.params.get(name);
  const both = known !== undefined && known.access !== access ? 'update' : access;
  c.params.set(name, { name, dtype, size, access: both });
};
