import type { TensorType } from '../../core/dim.ts';
import type { Builder } from './build.ts';
import type { Graph, Module, Node } from './syntax.ts';

/** All nodes that the results need, inputs before users. */
export const topological = (results: readonly Node[]): readonly Node[] => {
  const done = new Set<Node>(), order: Node[] = [], stack: Node[] = [], next: number[] = [];
  for (const result of results) {
    stack.push(result);
    next.push(0);
    for (let top = stack.length - 1; top >= 0; top = stack.length - 1) {
      const node = stack[top];
      if (next[top] < node.inputs.length && !done.has(node)) {
        const input = node.inputs[next[top]++];
        if (!done.has(input)) { stack.push(input); next.push(0); }
        continue;
      }
      stack.pop();
      next.pop();
      if (done.has(node)) continue;
      done.add(node);
      order.push(node);
    }
  }
  return order;
};

const orders = new WeakMap<Graph, readonly Node[]>();
/** All nodes of a graph, its parameters first, inputs before users: every pass asks for them. */
export const nodesOf = (graph: Graph): readonly Node[] => {
  const known = orders.get(graph) ?? topological([...graph.params, ...graph.results]);
  orders.set(graph, known);
  return known;
};

/** The graphs that a node names. */
export const calleesOf = (node: Node): readonly string[] => {
  switch (node.op) {
    case 'call': case 'scan': case 'transform': return [node.attrs.graph];
    case 'while': return [node.attrs.test, node.attrs.body];
    case 'case': return node.attrs.branches;
    case 'composite': return [node.attrs.body, node.attrs.vjp, node.attrs.jvp].filter((name) => name !== undefined);
    default: return none;
  }
};
const none: readonly string[] = [];

const named = new WeakMap<Graph, readonly string[]>();
const namedIn = (graph: Graph): readonly string[] => {
  const known = named.get(graph);
  if (known !== undefined) return known;
  const found: string[] = [], nodes = nodesOf(graph);
  for (let i = 0; i < nodes.length; i++) { const callees = calleesOf(nodes[i]); if (callees.length > 0) found.push(...callees); }
  named.set(graph, found);
  return found;
};

/** The graphs of a module, each after those it names; unused ones are left out. */
export const calleesFirst = (module: Module): readonly Graph[] => {
  const order: Graph[] = [], seen = new Set<string>();
  const visit = (name: string): void => {
    const graph = module.graphs.get(name);
    if (graph === undefined || seen.has(name)) return;
    seen.add(name);
    namedIn(graph).forEach(visit);
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
  let same = calleesOf(node).length === 0;
  for (let i = 0; i < inputs.length && same; i++) same = node.inputs[i].results === inputs[i].results;
  return b.node(node.op, node.attrs, inputs, same ? node : { origins: node.origins, clone: node.clone });
};

/** Copies every graph of the module into the builder, callees first, through `visit`. */
export const transcribe = (module: Module, b: Builder, visit: Visit): void => {
  for (const graph of calleesFirst(module)) {
    const image = new Map<Node, Node>();
    const at = (node: Node): Node => image.get(node) ?? node;
    for (const node of nodesOf(graph)) {
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
    for (const node of nodesOf(graph)) {
      // SAFETY: the operation, its attributes and the number of its inputs are those of the node
      if (!image.has(node)) image.set(node, { ...node, inputs: node.inputs.map(at), id: image.size } as Node);
    }
    // SAFETY: a copied parameter is a parameter
    return { name: graph.name, params: graph.params.map((p) => at(p) as Node<'parameter'>), results: graph.results.map(at) };
  });
  return { main: module.main, graphs: new Map(graphs.map((graph) => [graph.name, graph])) };
};

/** Adds a graph over parameters of the given types; gives its name. */
export const graphOver = (b: Builder, wish: string, types: readonly TensorType[], body: (params: readonly Node[]) => readonly Node[]): string => {
  const name = b.freshName(wish), params = types.map((type, i) => b.parameter(name, i, `p${i}`, type));
  b.addGraph({ name, params, results: body(params) });
  return name;
};

/** Writes a graph's body into the builder with its parameters, and values that are `given`, replaced; gives its results. */
export const inlineGraph = (b: Builder, graph: Graph, args: readonly Node[], given: readonly (readonly [Node, Node])[] = []): readonly Node[] => {
  const image = new Map<Node, Node>([...graph.params.map((p, i) => [p, args[i]] as const), ...given]);
  for (const node of topological(graph.results)) {
    if (!image.has(node)) image.set(node, copyNode(b, node, node.inputs.map((x) => image.get(x) ?? x)));
  }
  return graph.results.map((r) => image.get(r) ?? r);
};
