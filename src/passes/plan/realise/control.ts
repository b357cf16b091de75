import * as ix from '../../../core/affine.ts';
import { maxCount, type Dim } from '../../../core/dim.ts';
import { invariant } from '../../../core/invariant.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { topological } from '../../../ir/graph/walk.ts';
import type { Buffer, BufferId, Expr, Kernel, Layout, Place, Step } from '../../../ir/loop/syntax.ts';
import type { Target } from '../../../ir/target.ts';
import { stridesOf } from '../access.ts';
import { bodyPrefix, kernelName, type Group, type Plan } from '../plan.ts';
import { isSource } from '../seeds.ts';
import { borderOf, insideOf } from './borders.ts';
import type { Context, Home } from './context.ts';
import { writeFlat, writeGrid } from './flat.ts';
import { rankedElement, rankElement } from './sorts.ts';
import { writeNest } from './nests.ts';
import { number } from './value.ts';

/** A program, or a graph that is run in it, while it is written: where its values lie, and the axes of the loops around it. */
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
export const partOf = (plan: Plan, given: Surroundings): Part => {
  const around: Surroundings = { ...given, homeOf: (n) => { const pad = plan.bordered.get(n); return pad === undefined ? given.homeOf(n) : insideOf(given.homeOf(pad), pad); } };
  const borders = bordersIn(plan), alone = new Set(borders.values());
  const borderFor = (n: Node): readonly Part[] => { const group = borders.get(n), pad = group?.roots[0]; return group === undefined || pad?.op !== 'pad' ? [] : [run(borderOf(`${around.prefix}${kernelName(group)}`, pad, around.homeOf(pad)))]; };
  return together(plan.groups.flatMap((group) => (alone.has(group) ? [] : [...group.roots.flatMap(borderFor), partOfGroup(plan, group, around)])));
};
/** the groups that write borders alone, by what lies inside: they come before that */
const bordersIn = ({ groups, bordered }: Plan): ReadonlyMap<Node, Group> => {
  const byPad = new Map(groups.map((group) => [group.roots[0], group] as const));
  return new Map([...bordered].flatMap(([inside, pad]) => { const group = byPad.get(pad); return group === undefined ? [] : [[inside, group] as const]; }));
};
const partOfGroup = (plan: Plan, group: Group, around: Surroundings): Part => {
  const { nest } = group;
  if (nest.kind === 'sort' && around.target.shape === 'flat') return ranked(plan, group, nest.node, around);
  if (nest.kind !== 'control') return run(kernelOf(plan, group, around));
  const bodies = plan.bodies.get(nest.node);
  invariant(bodies !== undefined, `a ${nest.node.op} without plans`);
  const own: Running = { group, around, prefix: `${around.prefix}${kernelName(group)}_`, prefixes: bodies.map((_, i) => bodyPrefix(around.prefix, group, i, bodies.length)) };
  switch (nest.node.op) {
    case 'scan': return scanned(own, nest.node, bodies[0]);
    case 'while': return repeated(own, nest.node, bodies[0], bodies[1]);
    case 'case': return chosen(own, nest.node, bodies);
  }
};

const kernelOf = (plan: Plan, group: Group, around: Surroundings): Kernel =>
  written(plan, group, around, kernelName(group), (c) => { if (around.target.shape === 'flat') writeFlat(c, group); else writeNest(c, group); });
const written = (plan: Plan, group: Group, { homeOf, taken, axes, prefix }: Surroundings, name: string, write: (c: Context) => void): Kernel => {
  const c: Context = {
    scopes: [{ body: [], memo: new Map() }], axes: new Map(axes.map(({ name: axis, size }) => [axis, { depth: 0, size }])), localDepth: new Map(), inside: new Map(), params: new Map(), count: 0,
    taken, members: new Set(group.members), isStored: (n) => isSource(n) || plan.stored.has(n), homeOf,
  };
  write(c);
  return { name: `${prefix}${name}`, params: [...c.params.values()], body: c.scopes[0].body };
};
/** Where threads share no scratch, ranks are stored and then searched: one kernel that did both would count every rank again for each element. */
const ranked = (plan: Plan, group: Group, node: Node<'argsort'>, around: Surroundings): Part => {
  const name = `${kernelName(group)}_ranks`, home = temporary(around, `${around.prefix}${name}`, node), ranks = { ...node };
  const given: Surroundings = { ...around, homeOf: (n) => (n === ranks ? home : around.homeOf(n)) };
  return together([
    run(written(plan, group, given, name, (c) => writeGrid(c, ranks, (at) => rankElement(c, node, at)))),
    run(written(plan, group, given, kernelName(group), (c) => writeGrid(c, node, (at) => rankedElement(c, node, ranks, at)))),
  ]);
};

/** What runs graphs, and the names before those of its own buffers and of each graph's kernels. */
interface Running { readonly group: Group; readonly around: Surroundings; readonly prefix: string; readonly prefixes: readonly string[] }
type Control = Node<'scan' | 'while' | 'case'>;

const temporary = ({ buffers, taken }: Surroundings, buffer: BufferId, of: Node): Home => {
  buffers.set(buffer, { dtype: of.type.dtype, role: 'temporary', layout: layoutOf(of) });
  taken.add(buffer);
  return { buffer, from: ix.zero, size: maxCount(of.type.shape) };
};
const resultAt = ({ group }: Running, i: number): Node | undefined => group.roots.find((n) => (n.op === 'get' ? n.attrs.index : 0) === i);
/** where a result lies, or a place of its own for one that nobody reads */
const homeOfResult = (own: Running, i: number, like: Node): Home => {
  const result = resultAt(own, i);
  return result === undefined ? temporary(own.around, `${own.prefix}unread${i}`, like) : own.around.homeOf(result);
};

/** The kernels of a graph that is run, some of whose values lie elsewhere already. */
const inside = ({ around }: Running, body: Plan, prefix: string, given: ReadonlyMap<Node, Home>, axis?: Surroundings['axes'][number]): Part => {
  const homes = new Map(given);
  let temporaries = 0, constants = 0;
  for (const n of body.stored) if (!homes.has(n) && !body.bordered.has(n)) homes.set(n, temporary(around, `${prefix}v${temporaries++}`, n));
  for (const n of topological([...body.results])) {
    if (n.op !== 'constant' || !isSource(n) || homes.has(n)) continue;
    const home = temporary(around, `${prefix}const${constants++}`, n);
    around.buffers.set(home.buffer, { dtype: n.type.dtype, role: 'constant', layout: layoutOf(n), value: n.attrs.value });
    homes.set(n, home);
  }
  const homeOf = (n: Node): Home => { const home = homes.get(n); invariant(home !== undefined, `${n.op} has no home in what is run`); return home; };
  return partOf(body, { ...around, homeOf, axes: axis === undefined ? around.axes : [...around.axes, axis], prefix });
};

/** Carries lie where the last ones are to be: the first ones are copied there. */
interface Carried { readonly homes: readonly Home[]; readonly begin: Part }
const carriedBy = (own: Running, node: Control, body: Plan, carries: number): Carried => {
  const homes = body.graph.params.slice(0, carries).map((p, i) => homeOfResult(own, i, p));
  return { homes, begin: together(homes.map((to, i) => run(copied(`${own.prefix}begin${i}`, own.around.homeOf(node.inputs[i]), to, node.inputs[i])))) };
};
/** What a run makes of a carry overwrites it, where nothing reads it later, or else is copied there when the run ends. */
const renewed = (own: Running, body: Plan, carries: readonly Home[], homes: Map<Node, Home>): Part => together(carries.map((to, i) => {
  const next = body.results[i];
  if (body.inPlace.has(next)) { homes.set(next, to); return nothing; }
  const from = temporary(own.around, `${own.prefix}next${i}`, next);
  homes.set(next, from);
  return run(copied(`${own.prefix}end${i}`, from, to, next));
}));
const nothing: Part = { kernels: [], steps: [] };

/** Rows are read and written where they lie among the others. */
const scanned = (own: Running, node: Node<'scan'>, body: Plan): Part => {
  const { carries, slices, length, reverse } = node.attrs, { params } = body.graph, { homeOf } = own.around, name = `${own.prefix}t`;
  const place = reverse ? ix.sub(ix.constant(length - 1), ix.axis(name)) : ix.axis(name);
  const rowOf = (home: Home, row: Node): Home => ({ ...home, from: ix.add(home.from, ix.scale(place, maxCount(row.type.shape))) });
  const state = carriedBy(own, node, body, carries), homes = new Map(params.slice(0, carries).map((p, i) => [p as Node, state.homes[i]]));
  params.slice(carries).forEach((p, i) => { const home = homeOf(node.inputs[carries + i]); homes.set(p, i < slices ? rowOf(home, p) : home); });
  const end = renewed(own, body, state.homes, homes);
  body.results.slice(carries).forEach((row, i) => {
    const stacked = resultAt(own, carries + i);
    homes.set(row, stacked === undefined ? temporary(own.around, `${own.prefix}row${i}`, row) : rowOf(homeOf(stacked), row));
  });
  const runs = inside(own, body, own.prefixes[0], homes, { name, size: length });
  return { kernels: [...state.begin.kernels, ...runs.kernels, ...end.kernels], steps: [...state.begin.steps, { kind: 'loop', axis: name, extent: ix.constant(length), body: [...runs.steps, ...end.steps] }] };
};

/** no count ends it before its test does */
const endless = 2 ** 31 - 1;
/** The test is asked before the first run and after each. */
const repeated = (own: Running, node: Node<'while'>, test: Plan, body: Plan): Part => {
  const { carries } = node.attrs, { homeOf } = own.around, [flagged] = test.results, flag = temporary(own.around, `${own.prefix}goes`, flagged);
  const state = carriedBy(own, node, body, carries), given = ({ graph: { params } }: Plan): Map<Node, Home> => new Map(params.map((p, i) => [p as Node, i < carries ? state.homes[i] : homeOf(node.inputs[i])]));
  const asked = inside(own, test, own.prefixes[0], new Map([...given(test), [flagged, flag]])), homes = given(body), end = renewed(own, body, state.homes, homes), runs = inside(own, body, own.prefixes[1], homes);
  return {
    kernels: [...state.begin.kernels, ...asked.kernels, ...runs.kernels, ...end.kernels],
    steps: [...state.begin.steps, ...asked.steps, { kind: 'loop', axis: `${own.prefix}t`, extent: ix.constant(endless), while: flag.buffer, body: [...runs.steps, ...end.steps, ...asked.steps] }],
  };
};

/** Whichever branch runs writes its results where they are to be. */
const chosen = (own: Running, node: Node<'case'>, bodies: readonly Plan[]): Part => {
  const [number, ...args] = node.inputs, on = temporary(own.around, `${own.prefix}on`, number), results = bodies[0].results.map((r, i) => homeOfResult(own, i, r));
  const branches = bodies.map((body, k) => inside(own, body, own.prefixes[k], new Map([...body.graph.params.map((p, i) => [p as Node, own.around.homeOf(args[i])] as const), ...body.results.map((r, i) => [r, results[i]] as const)])));
  const first = run(copied(`${own.prefix}choose`, own.around.homeOf(number), on, number));
  return { kernels: [...first.kernels, ...branches.flatMap((b) => b.kernels)], steps: [...first.steps, { kind: 'branch', on: on.buffer, cases: branches.map((b) => b.steps) }] };
};

/** one value's elements into another's home */
const copied = (name: string, from: Home, to: Home, { type: { dtype, shape } }: Node): Kernel => {
  const at = (home: Home): Place => ({ buffer: home.buffer, at: [ix.add(home.from, ix.axis('i'))] });
  const value: Expr = { kind: 'load', from: at(from), guard: [], other: number(dtype, 0) };
  return {
    name, params: [{ name: from.buffer, dtype, size: from.size, access: 'read' }, { name: to.buffer, dtype, size: to.size, access: 'write' }],
    body: [{ kind: 'for', axis: 'i', extent: ix.constant(maxCount(shape)), mode: { at: 'serial' }, body: [{ kind: 'store', to: at(to), guard: [], value }] }],
  };
};
