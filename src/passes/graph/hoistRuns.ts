import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { graphOver, inlineGraph, nodesOf, topological, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { mapped, shared, spread } from './batching/rule.ts';
import { batcher } from './batching/sweep.ts';

/**
 * What contracts in a scan's graph and needs no carry is done for all runs at once, before them: the products of a recurrent
 * layer's inputs with their weights become one contraction, and so do, in reverse mode, those that are computed again.
 */
export const hoistRuns: Pass = {
  name: 'hoistRuns',
  run: (module, fired) => {
    const loops = [...module.graphs.values()].flatMap(nodesOf).filter((n) => n.op === 'scan'), liftable = new Set(loops.filter(({ attrs }) => { const body = module.graphs.get(attrs.graph); return body !== undefined && attrs.length > 1 && liftedFrom(body, attrs.carries).length > 0; }));
    if (liftable.size === 0) return module;
    const b = createBuilder();
    for (const name of module.graphs.keys()) b.freshName(name);
    transcribe(module, b, (node, inputs) => {
      if (node.op !== 'scan' || !liftable.has(node)) return undefined;
      const made = lifted(b, node, inputs);
      if (made !== undefined) fired('contract before the runs');
      return made;
    });
    return b.finish(module.main);
  },
};

/** the values that runs need, which need no carry and hold a contraction */
const liftedFrom = ({ params, results }: Graph, carries: number): readonly Node[] => {
  const order = topological(results), carried = new Set<Node>(params.slice(0, carries)), contracts = new Set<Node>(), wanted = new Set<Node>(results);
  for (const n of order) {
    if (n.inputs.some((x) => carried.has(x))) { carried.add(n); n.inputs.forEach((x) => wanted.add(x)); }
    if (n.op === 'dotGeneral' || n.inputs.some((x) => contracts.has(x))) contracts.add(n);
  }
  return order.filter((n) => wanted.has(n) && contracts.has(n) && !carried.has(n) && n.results.length === 1);
};

const lifted = (b: Builder, { attrs, origins }: Node<'scan'>, inputs: readonly Node[]): Node | undefined => {
  const body = b.graph(attrs.graph), { carries, slices, length } = attrs, found = liftedFrom(body, carries), others = carries + slices;
  const rows = new Set<Node>(body.params.slice(carries, others));
  for (const n of nodesOf(body)) if (n.inputs.some((x) => rows.has(x))) rows.add(n);
  let refused = false;
  const { write } = batcher(b, () => { refused = true; });
  const all = write({ ...body, results: found }, inputs.map((node, i) => (i >= carries && i < others ? mapped(node) : shared(node))), length);
  if (refused) return undefined;
  const each = found.flatMap((n, i) => (rows.has(n) ? [[n, spread({ b, size: length }, all[i])] as const] : [])), once = found.flatMap((n, i) => (rows.has(n) ? [] : [[n, all[i].node] as const]));
  const types = [...body.params.slice(0, others).map((p) => p.type), ...each.map(([n]) => n.type), ...body.params.slice(others).map((p) => p.type), ...once.map(([n]) => n.type)];
  const graph = graphOver(b, attrs.graph, types, (params) => inlineGraph(b, body, body.params.map((_, i) => params[i < others ? i : i + each.length]),
    [...each.map(([n], i) => [n, params[others + i]] as const), ...once.map(([n], i) => [n, params[body.params.length + each.length + i]] as const)]));
  return b.node('scan', { ...attrs, graph, slices: slices + each.length }, [...inputs.slice(0, others), ...each.map(([, x]) => x), ...inputs.slice(others), ...once.map(([, x]) => x)], { origins });
};
