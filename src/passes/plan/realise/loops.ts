import * as ix from '../../../core/affine.ts';
import { maxCount, type Dim } from '../../../core/dim.ts';
import { invariant } from '../../../core/invariant.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { topological } from '../../../ir/graph/walk.ts';
import type { Buffer, BufferId, Expr, Kernel, Layout, Place, Step } from '../../../ir/loop/syntax.ts';
import type { Target } from '../../../ir/target.ts';
import { stridesOf } from '../access.ts';
import { kernelName, type Group, type Plan } from '../plan.ts';
import { isSource } from '../seeds.ts';
import type { Context, Home } from './context.ts';
import { writeFlat } from './flat.ts';
import { writeNest } from './nests.ts';

/** A program, or the inside of a loop in it, while it is written: where its values lie, and the axes of the loops around it. */
interface Surroundings {
  readonly target: Target;
  readonly homeOf: (node: Node) => Home;
  /** all buffers of the program, to which loops add their own */
  readonly buffers: Map<BufferId, Buffer>;
  /** names that no local may have */
  readonly taken: Set<string>;
  readonly axes: readonly { readonly name: string; readonly size: Dim }[];
  /** before the names of kernels and buffers */
  readonly prefix: string;
}
export interface Part { readonly kernels: readonly Kernel[]; readonly steps: readonly Step[] }

export const layoutOf = ({ type: { shape } }: Node): Layout => ({ order: shape.map((_, i) => i), strides: stridesOf(shape), offset: 0, size: maxCount(shape) });
const together = (parts: readonly Part[]): Part => ({ kernels: parts.flatMap((p) => p.kernels), steps: parts.flatMap((p) => p.steps) });
const run = (kernel: Kernel): Part => ({ kernels: [kernel], steps: [{ kind: 'run', kernel: kernel.name, args: kernel.params.map((p) => p.name) }] });

/** The kernels of a plan, and the steps that run them. */
export const partOf = (plan: Plan, around: Surroundings): Part => together(plan.groups.map((group) => (group.nest.kind === 'scan' ? loopOf(plan, group, group.nest.node, around) : run(kernelOf(plan, group, around)))));

const kernelOf = (plan: Plan, group: Group, { target, homeOf, taken, axes, prefix }: Surroundings): Kernel => {
  const c: Context = {
    scopes: [{ body: [], memo: new Map() }], axes: new Map(axes.map(({ name, size }) => [name, { depth: 0, size }])), localDepth: new Map(), inside: new Map(), params: new Map(), count: 0,
    taken, members: new Set(group.members), isStored: (n) => isSource(n) || plan.stored.has(n), homeOf,
  };
  if (target.shape === 'flat') writeFlat(c, group);
  else writeNest(c, group);
  return { name: `${prefix}${kernelName(group)}`, params: [...c.params.values()], body: c.scopes[0].body };
};

/**
 * A loop of the kernels of its graph. Carries lie where the loop's last ones are to be: the first ones are copied there, and
 * what a run makes of one overwrites it, where nothing reads it later, or else is copied there when the run ends. Rows are
 * read and written where they lie among the others.
 */
const loopOf = (plan: Plan, group: Group, node: Node<'scan'>, around: Surroundings): Part => {
  const { carries, slices, length, reverse } = node.attrs, body = plan.bodies.get(node);
  invariant(body !== undefined, 'a loop without a plan');
  const { params } = body.graph, prefix = `${around.prefix}${kernelName(group)}_`, name = `${prefix}t`;
  const temporary = (wish: string, of: Node): Home => {
    const buffer = `${prefix}${wish}`;
    around.buffers.set(buffer, { dtype: of.type.dtype, role: 'temporary', layout: layoutOf(of) });
    around.taken.add(buffer);
    return { buffer, from: ix.zero, size: maxCount(of.type.shape) };
  };
  const resultAt = (i: number): Node | undefined => group.roots.find((n) => (n.op === 'get' ? n.attrs.index : 0) === i);
  const place = reverse ? ix.sub(ix.constant(length - 1), ix.axis(name)) : ix.axis(name);
  const rowOf = (home: Home, row: Node): Home => ({ ...home, from: ix.add(home.from, ix.scale(place, maxCount(row.type.shape))) });

  const homes = new Map<Node, Home>();
  const carried = params.slice(0, carries).map((p, i) => { const last = resultAt(i), home = last === undefined ? temporary(`carry${i}`, p) : around.homeOf(last); homes.set(p, home); return home; });
  params.slice(carries).forEach((p, i) => { const home = around.homeOf(node.inputs[carries + i]); homes.set(p, i < slices ? rowOf(home, p) : home); });
  const moved: { readonly from: Home; readonly to: Home; readonly of: Node }[] = [];
  body.results.forEach((r, i) => {
    const stacked = i < carries ? undefined : resultAt(i);
    if (i >= carries) homes.set(r, stacked === undefined ? temporary(`row${i}`, r) : rowOf(around.homeOf(stacked), r));
    else if (body.inPlace.has(r)) homes.set(r, carried[i]);
    else { const next = temporary(`next${i}`, r); homes.set(r, next); moved.push({ from: next, to: carried[i], of: r }); }
  });
  let temporaries = 0, constants = 0;
  for (const n of body.stored) if (!homes.has(n)) homes.set(n, temporary(`v${temporaries++}`, n));
  for (const n of topological([...body.results])) {
    if (n.op !== 'constant' || !isSource(n) || homes.has(n)) continue;
    const home = temporary(`const${constants++}`, n);
    around.buffers.set(home.buffer, { dtype: n.type.dtype, role: 'constant', layout: layoutOf(n), value: n.attrs.value });
    homes.set(n, home);
  }
  const homeOf = (n: Node): Home => { const home = homes.get(n); invariant(home !== undefined, `${n.op} has no home in a loop`); return home; };

  const begin = together(carried.map((to, i) => run(copied(`${prefix}begin${i}`, around.homeOf(node.inputs[i]), to, node.inputs[i]))));
  const inside = partOf(body, { ...around, homeOf, axes: [...around.axes, { name, size: length }], prefix });
  const end = together(moved.map(({ from, to, of }, i) => run(copied(`${prefix}end${i}`, from, to, of))));
  const steps: Step = { kind: 'loop', axis: name, extent: ix.constant(length), body: [...inside.steps, ...end.steps] };
  return { kernels: [...begin.kernels, ...inside.kernels, ...end.kernels], steps: [...begin.steps, steps] };
};

/** one value's elements into another's home */
const copied = (name: string, from: Home, to: Home, { type: { dtype, shape } }: Node): Kernel => {
  const at = (home: Home): Place => ({ buffer: home.buffer, at: [ix.add(home.from, ix.axis('i'))] });
  const value: Expr = { kind: 'load', from: at(from), guard: [], other: { kind: 'const', dtype, value: 0 } };
  return {
    name, params: [{ name: from.buffer, dtype, size: from.size, access: 'read' }, { name: to.buffer, dtype, size: to.size, access: 'write' }],
    body: [{ kind: 'for', axis: 'i', extent: ix.constant(maxCount(shape)), mode: { at: 'serial' }, body: [{ kind: 'store', to: at(to), guard: [], value }] }],
  };
};
