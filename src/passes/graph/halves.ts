import { computedAs, isHalf, typedArray, type Half } from '../../core/dtype.ts';
import type { TensorType } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { copyNode, graphOver, topological } from '../../ir/graph/walk.ts';

/**
 * A graph whose f32 tensors lie in memory as halves. Scalars stay what they are: nothing is saved there, and a sum, a mean or
 * a loss keeps its digits; so do numbers that stand for a whole tensor and positions, which are never stored. An operation
 * over tensors of both kinds is computed as f32 and rounded.
 */
export const overHalves = (b: Builder, dtype: Half, graph: Graph, args: readonly Node[]): readonly Node[] =>
  widened(b, written({ b, dtype }, graph, args.map((x) => (isTensor(x.type) ? b.convert(x, dtype) : x))), graph.results);

interface Halves { readonly b: Builder; readonly dtype: Half }
const isTensor = ({ dtype, shape }: TensorType): boolean => dtype === 'f32' && shape.length > 0;
const halved = ({ dtype }: Halves, type: TensorType): TensorType => (isTensor(type) ? { dtype, shape: type.shape } : type);
const asTyped = (b: Builder, x: Node, { dtype }: TensorType): Node => (x.type.dtype === dtype ? x : b.convert(x, dtype));
const widened = (b: Builder, made: readonly Node[], like: readonly Node[]): readonly Node[] => made.map((x, i) => asTyped(b, x, like[i].type));

/** the body over arguments of which tensors are halves; its results, of which tensors are halves */
const written = (h: Halves, graph: Graph, args: readonly Node[]): readonly Node[] => {
  const image = new Map<Node, readonly Node[]>(graph.params.map((p, i) => [p, [args[i]]]));
  const of = (x: Node): Node => (image.get(x) ?? [x])[0];
  for (const node of topological(graph.results)) {
    if (image.has(node)) continue;
    image.set(node, node.op === 'get' ? [(image.get(node.inputs[0]) ?? [])[node.attrs.index]] : rewritten(h, node, node.inputs.map(of)));
  }
  return graph.results.map((r) => asTyped(h.b, of(r), halved(h, r.type)));
};

const rewritten = (h: Halves, node: Node, inputs: readonly Node[]): readonly Node[] => {
  const { b, dtype } = h;
  switch (node.op) {
    case 'constant': {
      const { type, value } = node.attrs;
      return [isTensor(type) ? b.constant(halved(h, type), typeof value === 'number' ? value : typedArray(dtype, value)) : node];
    }
    // views, and what only moves elements: all operands of one kind
    case 'reshape': case 'transpose': case 'reverse': case 'slice': case 'window': case 'dynamicSlice': case 'gather':
      return [copyNode(b, node, inputs)];
    case 'pad': case 'concatenate': case 'scatter': case 'dynamicUpdateSlice':
      return [copyNode(b, node, inputs.map((x) => (x.type.dtype === 'f32' && inputs.some((y) => isHalf(y.type.dtype)) ? b.convert(x, dtype) : x)))];
    case 'map': return [mapped(h, node, inputs)];
    case 'scan': {
      const graph = graphFor(h, node.attrs.graph);
      return b.resultsOf(b.node('scan', { ...node.attrs, graph }, taken(h, graph, inputs), { origins: node.origins }));
    }
    case 'while': {
      const test = graphFor(h, node.attrs.test), body = graphFor(h, node.attrs.body);
      return b.resultsOf(b.node('while', { ...node.attrs, test, body }, taken(h, body, inputs), { origins: node.origins }));
    }
    case 'case': {
      const branches = node.attrs.branches.map((name) => graphFor(h, name));
      return b.resultsOf(b.node('case', { branches }, [inputs[0], ...taken(h, branches[0], inputs.slice(1))], { origins: node.origins }));
    }
    case 'call': return written(h, b.graph(node.attrs.graph), inputs.map((x, i) => asTyped(b, x, halved(h, node.inputs[i].type))));
    case 'composite': {
      const { vjp, jvp, body } = node.attrs;
      // a derivative of one's own is a rule for f32, and running values are rounded at their end
      return vjp === undefined && jvp === undefined && !isRunning(b.graph(body)) ? written(h, b.graph(body), inputs.map((x, i) => asTyped(b, x, halved(h, node.inputs[i].type)))) : outside(h, node, inputs);
    }
    default: return allHalf(inputs, node) ? b.resultsOf(copyNode(b, node, inputs)) : outside(h, node, inputs);
  }
};

/** whether a value is combined with what lies before its elements, as running sums are made */
const isRunning = ({ results }: Graph): boolean => topological(results).some((n) => n.op === 'map' && n.inputs.some((x) => x.op === 'pad' && n.inputs.includes(x.inputs[0])));
/** whether the operation can stay among halves: it has no f32 operand, and gives no scalar f32 */
const allHalf = (inputs: readonly Node[], node: Node): boolean =>
  inputs.some((x) => isHalf(x.type.dtype)) && inputs.every((x) => x.type.dtype !== 'f32') && node.results.every((t) => t.dtype !== 'f32' || t.shape.length > 0);
/** the operation as it was, over f32; what it gives is rounded */
const outside = (h: Halves, node: Node, inputs: readonly Node[]): readonly Node[] => {
  const wide = inputs.map((x) => (isHalf(x.type.dtype) ? h.b.convert(x, 'f32') : x));
  const free = node.op === 'iota' || node.op === 'broadcastInDim';
  return h.b.resultsOf(copyNode(h.b, node, wide)).map((y) => (isTensor(y.type) && !free ? h.b.convert(y, h.dtype) : y));
};
const mapped = (h: Halves, node: Node<'map'>, inputs: readonly Node[]): Node => {
  const { fn } = node.attrs;
  if (fn === 'convert') {
    const [x] = inputs, to = node.attrs.dtype;
    // of an f32 an f32: it is what it was
    return computedAs(x.type.dtype) === 'f32' && to === 'f32' ? x : h.b.convert(x, to);
  }
  return allHalf(inputs, node) ? h.b.map(fn, inputs) : outside(h, node, inputs)[0];
};

/** the graph over halves: of its parameters and results tensors are */
const graphFor = (h: Halves, name: string): string => {
  const graph = h.b.graph(name);
  return graphOver(h.b, `${name}_${h.dtype}`, graph.params.map((p) => halved(h, p.type)), (params) => written(h, graph, params));
};
const taken = ({ b }: Halves, graph: string, inputs: readonly Node[]): readonly Node[] => inputs.map((x, i) => asTyped(b, x, b.graph(graph).params[i].type));
