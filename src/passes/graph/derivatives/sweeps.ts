import type { Builder } from '../../../ir/graph/build.ts';
import type { Graph, Node } from '../../../ir/graph/syntax.ts';
import { copyNode } from '../../../ir/graph/walk.ts';
import { copyOf, orderOf } from './copies.ts';
import { applyJvp } from './jvp.ts';
import { areFloats, isRefusal, sum, type Change, type Changes, type Derive, type Refusal } from './rule.ts';
import { isFlat } from './scalars.ts';
import { jvpOfWhile } from './branches.ts';
import { jvpOfScan, saving } from './scans.ts';
import { applyVjp } from './vjp.ts';

/** Hears of each operation that has no derivative where one is asked for. */
export type Refuse = (mode: 'vjp' | 'jvp', node: Node, why: Refusal) => void;

/** the values that are floats and change with the parameters at `wrt` */
const dependents = (graph: Graph, order: readonly Node[], wrt: readonly number[]): ReadonlySet<Node> => {
  const active = new Set<Node>(wrt.map((i) => graph.params[i]).filter(areFloats));
  for (const node of order) {
    const passes = areFloats(node) && !(node.op === 'map' && isFlat(node.attrs.fn));
    if (passes && node.inputs.some((x) => active.has(x))) active.add(node);
  }
  return active;
};

/** the values that the change of a float result is made of */
const contributors = (graph: Graph, order: readonly Node[]): ReadonlySet<Node> => {
  const needed = new Set<Node>(graph.results.filter(areFloats));
  for (const node of [...order].reverse()) {
    if (!needed.has(node) || (node.op === 'map' && isFlat(node.attrs.fn))) continue;
    for (const x of node.inputs) if (areFloats(x)) needed.add(x);
  }
  return needed;
};

/** a value as the result of a node: a `get` is a name for a result of the node that it reads */
const source = (x: Node): readonly [node: Node, result: number] => (x.op === 'get' ? [x.inputs[0], x.attrs.index] : [x, 0]);

/** What each operation's derivative is built with: itself, for the graphs that operations hold. */
export const derive = (b: Builder, refuse: Refuse): Derive => {
  const d: Derive = {
    b,
    vjp: (graph, args, cotangents, wrt, known) => reverse(d, refuse, graph, args, cotangents, wrt, known).cotangents,
    jvp: (graph, args, tangents) => forward(d, refuse, graph, args, tangents).tangents,
  };
  return d;
};

export interface Reverse { readonly results: readonly Node[]; readonly cotangents: Changes }

/** Writes the graph over `args`, but for values that are `known`, then its reverse sweep: one cotangent per parameter, undefined where it is zero. */
export const reverse = (d: Derive, refuse: Refuse, graph: Graph, args: readonly Node[], seeds: Changes, wrt: readonly number[], known?: ReadonlyMap<Node, Node>): Reverse => {
  const { b } = d, active = dependents(graph, orderOf(graph), wrt), ruled = new Map<Node, Node>();
  const copy = copyOf(b, graph, args, (node, inputs) => {
    const value = known?.get(node);
    if (value === undefined && (node.op !== 'scan' || !active.has(node))) return undefined;
    const own = node.op === 'scan' ? saving(b, node, inputs) : copyNode(b, node, inputs);
    ruled.set(node, own);
    return value === undefined ? b.resultsOf(own) : [value];
  });
  const pending = new Map<Node, Change[]>();
  const give = (to: Node, change: Change): void => {
    const [node, result] = source(to);
    if (change === undefined || !active.has(to)) return;
    const all = pending.get(node) ?? [];
    all[result] = sum(b, [all[result], change]);
    pending.set(node, all);
  };
  graph.results.forEach((result, i) => give(result, seeds[i]));
  for (const node of [...copy.order].reverse()) {
    const cotangents = pending.get(node);
    if (cotangents === undefined || node.op === 'parameter') continue;
    const wanted = node.inputs.flatMap((x, i) => (active.has(x) ? [i] : []));
    const changes = applyVjp(ruled.get(node) ?? copy.of(node), cotangents, d, wanted);
    if (isRefusal(changes)) refuse('vjp', node, changes);
    else node.inputs.forEach((x, i) => give(x, changes[i]));
  }
  return { results: graph.results.map(copy.of), cotangents: graph.params.map((p) => pending.get(p)?.[0]) };
};

export interface Forward { readonly results: readonly Node[]; readonly tangents: Changes }

/** Writes the graph over `args`, and beside it the tangents of its values: one per result, undefined where it is zero. */
export const forward = (d: Derive, refuse: Refuse, graph: Graph, args: readonly Node[], seeds: Changes): Forward => {
  const needed = contributors(graph, orderOf(graph));
  const known = new Map<Node, Changes>(graph.params.map((p, i) => [p, [seeds[i]]]));
  const tangentOf = (x: Node): Change => { const [node, result] = source(x); return known.get(node)?.[result]; };
  const copy = copyOf(d.b, graph, args, (node, inputs) => {
    const tangents = node.inputs.map(tangentOf);
    if (!needed.has(node) || tangents.every((t) => t === undefined)) return undefined;
    if (node.op === 'scan' || node.op === 'while') {
      const both = node.op === 'scan' ? jvpOfScan(node, inputs, tangents, d) : jvpOfWhile(node, inputs, tangents, d);
      known.set(node, both.tangents);
      return both.values;
    }
    const own = copyNode(d.b, node, inputs), changes = applyJvp(own, tangents, d);
    if (isRefusal(changes)) refuse('jvp', node, changes);
    else known.set(node, changes);
    return undefined;
  });
  return { results: graph.results.map(copy.of), tangents: graph.results.map(tangentOf) };
};

// Note [Copies may coincide]
// The builder makes equal nodes once. Written over its arguments, a parameter of the graph may therefore become the same
// node as another parameter (f(x, x)) or as a value inside the graph (f(x, exp x)), whose derivatives must stay apart.
// So the sweeps keep their books by the graph's own nodes, and only the rules see the copies.
