import type { Builder } from '../../../ir/graph/build.ts';
import type { Graph, Node } from '../../../ir/graph/syntax.ts';
import { copyNode, topological } from '../../../ir/graph/walk.ts';

/** A graph's body written over other arguments. The originals stay the keys; see Note [Copies may coincide]. */
export interface Copy { readonly order: readonly Node[]; readonly of: (original: Node) => Node }

/** `write` may write a node otherwise, and give each of its results */
export const copyOf = (b: Builder, graph: Graph, args: readonly Node[], write: (node: Node, inputs: readonly Node[]) => readonly Node[] | undefined): Copy => {
  const order = orderOf(graph), image = new Map<Node, Node>(graph.params.map((p, i) => [p, args[i]])), parts = new Map<Node, readonly Node[]>();
  const of = (original: Node): Node => image.get(original) ?? original;
  for (const node of order) {
    if (image.has(node)) continue;
    const part = node.op === 'get' ? parts.get(node.inputs[0])?.[node.attrs.index] : undefined;
    if (part !== undefined) { image.set(node, part); continue; }
    const inputs = node.inputs.map(of), written = write(node, inputs);
    if (written !== undefined) parts.set(node, written);
    image.set(node, written?.[0] ?? copyNode(b, node, inputs));
  }
  return { order, of };
};
export const orderOf = (graph: Graph): readonly Node[] => topological([...graph.params, ...graph.results]);
