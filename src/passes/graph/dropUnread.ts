import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Module, Node } from '../../ir/graph/syntax.ts';
import { graphOver, inlineGraph, nodesOf, topological, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';

/**
 * A scan is given only what its runs read, and stacks only what is read of it: what reverse mode keeps and does not need is
 * neither kept nor computed.
 */
export const dropUnread: Pass = {
  name: 'dropUnread',
  run: (module, fired) => {
    for (let now = module; ;) {
      const next = withoutRows(withoutOperands(now));
      if (next === now) return now;
      fired('leave out what no run reads');
      now = next;
    }
  },
};

type Scan = Node<'scan'>;
const scansOf = (module: Module): readonly Scan[] => [...module.graphs.values()].flatMap(nodesOf).filter((n) => n.op === 'scan');
/** the places at which some list of a scan's has what is read, where that is not all of it */
type Kept = ReadonlyMap<Scan, readonly number[]>;
const keptOf = (module: Module, of: (node: Scan) => readonly boolean[]): Kept => new Map(scansOf(module).flatMap((node) => {
  const isRead = of(node);
  return isRead.includes(false) ? [[node, isRead.flatMap((read, i) => (read ? [i] : []))]] : [];
}));
const rewritten = (module: Module, kept: Kept, visit: (b: Builder, node: Node, inputs: readonly Node[]) => Node | undefined): Module => {
  if (kept.size === 0) return module;
  const b = createBuilder();
  for (const name of module.graphs.keys()) b.freshName(name);
  transcribe(module, b, (node, inputs) => visit(b, node, inputs));
  return b.finish(module.main);
};

const withoutOperands = (module: Module): Module => {
  const kept = keptOf(module, ({ attrs: { graph, carries } }) => {
    const body = module.graphs.get(graph), read = new Set(topological(body?.results ?? []));
    return body?.params.map((p, i) => i < carries || read.has(p)) ?? [];
  });
  return rewritten(module, kept, (b, node, inputs) => {
    const places = node.op === 'scan' ? kept.get(node) : undefined;
    if (node.op !== 'scan' || places === undefined) return undefined;
    const { attrs, origins } = node, body = b.graph(attrs.graph), rows = attrs.carries + attrs.slices;
    const graph = graphOver(b, attrs.graph, places.map((i) => body.params[i].type), (params) => inlineGraph(b, body, body.params.map((p, i) => params[places.indexOf(i)] ?? p)));
    return b.node('scan', { ...attrs, graph, slices: places.filter((i) => i < rows).length - attrs.carries }, places.map((i) => inputs[i]), { origins });
  });
};

const withoutRows = (module: Module): Module => {
  const read = new Map<Node, Set<number>>(), seen = (x: Node): void => { if (x.op === 'get') read.set(x.inputs[0], (read.get(x.inputs[0]) ?? new Set()).add(x.attrs.index)); };
  for (const graph of module.graphs.values()) nodesOf(graph).forEach(seen);
  const kept = keptOf(module, (node) => node.results.map((_, i) => node.results.length === 1 || i < node.attrs.carries || read.get(node)?.has(i) === true));
  return rewritten(module, kept, (b, node, inputs) => {
    if (node.op === 'get' && node.inputs[0].op === 'scan') {
      const places = kept.get(node.inputs[0]);
      return places && b.get(inputs[0], places.indexOf(node.attrs.index));
    }
    const places = node.op === 'scan' ? kept.get(node) : undefined;
    if (node.op !== 'scan' || places === undefined) return undefined;
    const { attrs, origins } = node, body = b.graph(attrs.graph);
    const graph = graphOver(b, attrs.graph, body.params.map((p) => p.type), (params) => { const results = inlineGraph(b, body, params); return places.map((i) => results[i]); });
    return b.node('scan', { ...attrs, graph }, inputs, { origins });
  });
};
