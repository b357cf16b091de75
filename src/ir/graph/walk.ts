import type { Builder } from './build.ts';
import type { Graph, Module, Node } from './syntax.ts';

/** All nodes that the results need, inputs before users. */
export const topological = (results: readonly Node[]): readonly Node[] => {
  const done = new Set<Node>(), order: Node[] = [], stack: { readonly node: Node; next: number }[] = [];
  for (const result of results) {
    if (done.has(result)) continue;
    stack.push({ node: result, next: 0 });
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) { if (!done.has(input)) stack.push({ node: input, next: 0 }); continue; }
      stack.pop();
      if (done.has(top.node)) continue;
      done.add(top.node);
      order.push(top.node);
    }
  }
  return order;
};

/** The graphs that a node names. */
export const calleesOf = (node: Node): readonly string[] => {
  switch (node.op) {
    case 'call': case 'transform': return [node.attrs.graph];
    case 'composite': return [node.attrs.body, node.attrs.vjp, node.attrs.jvp].filter((name) => name !== undefined);
    default: return [];
  }
};

/** The graphs of a module, each after those it names; unused ones are left out. */
export const calleesFirst = (module: Module): readonly Graph[] => {
  const order: Graph[] = [], seen = new Set<string>();
  const visit = (name: string): void => {
    const graph = module.graphs.get(name);
    if (graph === undefined || seen.has(name)) return;
    seen.add(name);
    for (const node of topological([...graph.results, ...graph.params])) calleesOf(node).forEach(visit);
    order.push(graph);
  };
  visit(module.main);
  return order;
};

/** How a transcription changes a node: `inputs` are its transcribed inputs; undefined copies it as it is. */
export type Visit = (node: Node, inputs: readonly Node[], b: Builder) => Node | undefined;

/** The same operation over other inputs. */
export const copyNode = (b: Builder, node: Node, inputs: readonly Node[]): Node => {
  // types follow from those of the inputs, but for what names a graph
  const namesGraph = node.op === 'call' || node.op === 'transform' || node.op === 'composite', same = !namesGraph && node.inputs.every((x, i) => x.results === inputs[i].results);
  return b.node(node.op, node.attrs, inputs, { origins: node.origins, clone: node.clone, ...(same && { results: node.results }) });
};

/** Copies every graph of the module into the builder, callees first, through `visit`. */
export const transcribe = (module: Module, b: Builder, visit: Visit): void => {
  for (const graph of calleesFirst(module)) {
    const image = new Map<Node, Node>();
    const at = (node: Node): Node => image.get(node) ?? node;
    for (const node of topological([...graph.params, ...graph.results])) {
      const inputs = node.inputs.map(at);
      image.set(node, visit(node, inputs, b) ?? copyNode(b, node, inputs));
    }
    // SAFETY: a visitor that replaces a parameter breaks the graph's signature; the verifier would say so
    const params = graph.params.map((p) => at(p) as Node<'parameter'>);
    b.addGraph({ name: graph.name, params, results: graph.results.map(at) });
  }
};

/** The same module with its nodes numbered as they stand, which is as a builder would have numbered them that wrote it anew. */
export const renumbered = (module: Module): Module => {
  const image = new Map<Node, Node>(), at = (node: Node): Node => image.get(node) ?? node;
  const graphs = calleesFirst(module).map((graph): Graph => {
    for (const node of topological([...graph.params, ...graph.results])) {
      // SAFETY: the operation, its attributes and the number of its inputs are those of the node
      if (!image.has(node)) image.set(node, { ...node, inputs: node.inputs.map(at), id: image.size } as Node);
    }
    // SAFETY: a copied parameter is a parameter
    return { name: graph.name, params: graph.params.map((p) => at(p) as Node<'parameter'>), results: graph.results.map(at) };
  });
  return { main: module.main, graphs: new Map(graphs.map((graph) => [graph.name, graph])) };
};

/** Writes a graph's body into the builder with its parameters replaced; gives its results. */
export const inlineGraph = (b: Builder, graph: Graph, args: readonly Node[]): readonly Node[] => {
  const image = new Map<Node, Node>(graph.params.map((p, i) => [p, args[i]]));
  for (const node of topological(graph.results)) {
    if (!image.has(node)) image.set(node, copyNode(b, node, node.inputs.map((x) => image.get(x) ?? x)));
  }
  return graph.results.map((r) => image.get(r) ?? r);
};
