import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { copyNode, graphOver, inlineGraph, nodesOf, topological, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';

type Case = Node<'case'>;
/** of a choice, what only one of its branches needs: for each branch, inputs before users */
type Cones = readonly (readonly Node[])[];

/** What only one branch needs is computed in it, where that branch is taken; so are choices in it, and then what only their branches need. */
export const sinkBranches: Pass = {
  name: 'sinkBranches',
  run: (module, fired) => {
    for (let before = module; ;) {
      const after = once(before, fired);
      if (after === before) return after;
      before = after;
    }
  },
};
const once: Pass['run'] = (module, fired) => {
  const cones = new Map<Case, Cones>();
  for (const graph of module.graphs.values()) for (const [node, own] of conesIn(graph, module.graphs)) cones.set(node, own);
  if (cones.size === 0) return module;
  const b = createBuilder(), image = new Map<Node, Node>();
  for (const name of module.graphs.keys()) b.freshName(name);
  transcribe(module, b, (node, inputs) => {
    const own = node.op === 'case' ? cones.get(node) : undefined;
    if (own !== undefined) fired('compute in the branch');
    const copy = node.op === 'case' && own !== undefined ? sunk(b, node, own, (x) => image.get(x) ?? x) : copyNode(b, node, inputs);
    image.set(node, copy);
    return copy;
  });
  return b.finish(module.main);
};

const conesIn = (graph: Graph, graphs: ReadonlyMap<string, Graph>): readonly (readonly [Case, Cones])[] => {
  const nodes = nodesOf(graph), choices = nodes.filter((n) => n.op === 'case');
  if (choices.length === 0) return [];
  const users = new Map<Node, Node[]>(), results = new Set(graph.results);
  for (const n of nodes) for (const x of n.inputs) users.set(x, [...(users.get(x) ?? []), n]);
  return choices.flatMap((node): readonly (readonly [Case, Cones])[] => {
    const readers = node.attrs.branches.map((name) => { const body = graphs.get(name), needed = new Set(topological(body?.results ?? [])); return body?.params.map((p) => needed.has(p)) ?? []; });
    const own = node.attrs.branches.map((_, k) => {
      const cone = new Set<Node>(), onlyThere = (n: Node): boolean => n !== node.inputs[0] && node.inputs.slice(1).every((x, i) => x !== n || readers.every((reads, j) => j === k || !reads[i]));
      for (const n of [...nodes].reverse()) {
        const by = users.get(n) ?? [];
        if (n.op !== 'parameter' && !results.has(n) && by.every((u) => cone.has(u) || (u === node && onlyThere(n)))) cone.add(n);
      }
      // a part stays with the whole that it is read from
      return nodes.filter((n) => cone.has(n) && (n.op !== 'get' || cone.has(n.inputs[0])));
    });
    return own.some((cone) => cone.some((n) => n.op !== 'constant' && n.op !== 'iota')) ? [[node, own]] : [];
  });
};

const sunk = (b: Builder, node: Case, cones: Cones, at: (x: Node) => Node): Node => {
  const [index, ...args] = node.inputs, sunken = new Set(cones.flat()), outside = new Set([...args, ...cones.flat().flatMap((n) => n.inputs)].filter((x) => !sunken.has(x))), given = [...outside];
  const branches = node.attrs.branches.map((name, k) => graphOver(b, name, given.map((x) => x.type), (params) => {
    const own = new Map(given.map((x, i) => [x, params[i]])), valueOf = (x: Node): Node => own.get(x) ?? x;
    for (const n of cones[k]) own.set(n, copyNode(b, n, n.inputs.map(valueOf)));
    // what another branch computes is not read in this one
    return inlineGraph(b, b.graph(name), args.map((x) => own.get(x) ?? b.constant(x.type, 0)));
  }));
  return b.node('case', { branches }, [at(index), ...given.map(at)], { origins: node.origins });
};
