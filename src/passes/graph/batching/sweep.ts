import { showDim, type Dim, type TensorType } from '../../../core/dim.ts';
import { isFloat } from '../../../core/dtype.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Graph, Node } from '../../../ir/graph/syntax.ts';
import { copyNode, topological } from '../../../ir/graph/walk.ts';
import type { Refusal } from '../derivatives/rule.ts';
import { mapped, shared, spread, type Batch, type MappedGraph, type Value, type Values } from './rule.ts';
import { applyBatch } from './rules.ts';

/** Hears of each operation that cannot be done for many examples at once. */
export type RefuseBatch = (node: Node, why: Refusal) => void;

/** Writes graphs for many examples at once; what it has written, it names again. */
export interface Batcher {
  /** the graph's results over the given arguments */
  readonly write: (graph: Graph, args: Values, size: Dim) => Values;
}

export const batcher = (b: Builder, refuse: RefuseBatch): Batcher => {
  const written = new Map<string, MappedGraph>();
  const once = (key: string, make: () => MappedGraph): MappedGraph => {
    const known = written.get(key) ?? make();
    written.set(key, known);
    return known;
  };
  const batchOf = (size: Dim): Batch => {
    const c: Batch = {
      b, size,
      graph: (name, isMapped, results) => once(`${name} ${isMapped.join()} ${showDim(size)} ${results ?? ''}`, () => mappedGraph(c, refuse, b.graph(name), isMapped, results)),
      derivative: (kind, name, node, isMapped) => once(`${kind} ${name} ${isMapped.join()} ${showDim(size)}`, () => mappedDerivative(c, refuse, kind, b.graph(name), node, isMapped)).name,
    };
    return c;
  };
  return { write: (graph, args, size) => sweep(batchOf(size), refuse, graph, args) };
};

const sweep = (c: Batch, refuse: RefuseBatch, graph: Graph, args: Values): Values => {
  const { b } = c, known = new Map<Node, Values>(graph.params.map((p, i) => [p, [args[i]]]));
  // a `get` is a name for a result of the node that it reads
  const valueOf = (x: Node): Value => (x.op === 'get' ? known.get(x.inputs[0])?.[x.attrs.index] : known.get(x)?.[0]) ?? shared(x);
  for (const node of topological([...graph.params, ...graph.results])) {
    if (known.has(node) || node.op === 'get') continue;
    const inputs = node.inputs.map(valueOf);
    if (inputs.some((x) => x.isMapped)) known.set(node, mappedNode(c, refuse, node, inputs));
    else known.set(node, b.resultsOf(copyNode(b, node, inputs.map((x) => x.node))).map(shared));
  }
  return graph.results.map(valueOf);
};
const mappedNode = (c: Batch, refuse: RefuseBatch, node: Node, inputs: Values): Values => {
  const made = applyBatch(node, inputs, c);
  if (!('refused' in made)) return made;
  refuse(node, made);
  return node.results.map(({ dtype, shape }) => mapped(c.b.constant({ dtype, shape: [c.size, ...shape] }, 0)));
};

// ── graphs that operations name

const newGraph = (c: Batch, { name, params }: Graph, isMapped: readonly boolean[], write: (args: Values) => Values): MappedGraph => {
  const own = c.b.freshName(`${name}_mapped`), typeOf = (type: TensorType, i: number): TensorType => (isMapped[i] ? { dtype: type.dtype, shape: [c.size, ...type.shape] } : type);
  const placed = params.map((p, i) => c.b.parameter(own, i, p.attrs.name, typeOf(p.type, i)));
  const results = write(placed.map((node, i) => ({ node, isMapped: isMapped[i] })));
  c.b.addGraph({ name: own, params: placed, results: results.map((r) => r.node) });
  return { name: own, isMapped: results.map((r) => r.isMapped) };
};
const mappedGraph = (c: Batch, refuse: RefuseBatch, graph: Graph, isMapped: readonly boolean[], results: 'all' | undefined): MappedGraph =>
  newGraph(c, graph, isMapped, (args) => sweep(c, refuse, graph, args).map((r) => (results === 'all' ? mapped(spread(c, r)) : r)));

/** what a derivative of one's own takes beside the inputs, and what it gives, is for each example, as the results are */
const mappedDerivative = (c: Batch, refuse: RefuseBatch, kind: 'vjp' | 'jvp', rule: Graph, node: Node<'composite'>, isMapped: readonly boolean[]): MappedGraph => {
  const ofFloats = isMapped.filter((_, i) => isFloat(node.inputs[i].type.dtype));
  if (kind === 'jvp') return newGraph(c, rule, [...isMapped, ...ofFloats], (args) => sweep(c, refuse, rule, args).map((r) => mapped(spread(c, r))));
  // an input that all examples share gets the cotangents of all
  return newGraph(c, rule, rule.params.map((_, i) => isMapped[i] ?? true), (args) =>
    sweep(c, refuse, rule, args).map((r, i) => (ofFloats[i] ? mapped(spread(c, r)) : shared(c.b.reduce('add', spread(c, r), [0])))));
};
