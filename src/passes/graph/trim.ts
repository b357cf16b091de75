import { isSym, type Dim } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Graph, Node, OpName } from '../../ir/graph/syntax.ts';
import { calleesFirst, copyNode, nodesOf } from '../../ir/graph/walk.ts';
import { scalarRow } from '../../ir/scalars.ts';
import type { Pass } from '../pass.ts';
import { around, both, endOf, isEmpty, isWhole, reshapedBox, sameBox, shapeIn, span, startOf, wholeOf, type Box, type Span } from './boxes.ts';
import { freeAxes, others, splatOf } from './facts.ts';

/** How an operation is computed in part. */
interface Parts<K extends OpName> {
  /** outside of which it is zero, if its operands are zero outside of these */
  readonly support: (n: Node<K>, inputs: readonly Box[]) => Box;
  /** the parts of its operands that a part of it needs; operands are zero outside of `supports` */
  readonly reads: (n: Node<K>, box: Box, supports: readonly Box[]) => readonly Box[];
  /** the part of it, from those parts */
  readonly make: (n: Node<K>, box: Box, inputs: readonly Node[], b: Builder) => Node;
  /** the least part around one that can be computed by itself, if not every part can */
  readonly round?: (n: Node<K>, box: Box) => Box;
}
type Trimmed = 'map' | 'broadcastInDim' | 'reshape' | 'transpose' | 'slice' | 'pad' | 'window' | 'dotGeneral' | 'reduce';

/** the elements low + i·stride for those of a span */
const spread = (s: Span, size: Dim, low: number, stride: number, of: Dim): Span => span(low + startOf(s) * stride, low + (endOf(s, size) - 1) * stride + 1, of);

const parts: { readonly [K in Trimmed]: Parts<K> } = {
  map: {
    support: (n, inputs) => {
      const { fn } = n.attrs;
      if (typeof fn !== 'string' || scalarRow(fn).evaluate(...n.inputs.map(() => 0)) !== 0) return wholeOf(n.type.shape);
      return inputs.slice(fn === 'select' ? 1 : 0).reduce((a, b) => around(a, b, n.type.shape));
    },
    reads: (n, box) => n.inputs.map(() => box),
    make: (n, _, inputs, b) => b.map(n.attrs.fn, inputs, n.attrs.dtype),
  },
  broadcastInDim: {
    support: (n, [x]) => {
      const { dims, shape } = n.attrs;
      return shape.map((_, axis) => (dims.includes(axis) ? x[dims.indexOf(axis)] : 'whole'));
    },
    reads: (n, box) => [n.inputs[0].type.shape.map((d, i) => (d === 1 ? 'whole' : box[n.attrs.dims[i]]))],
    make: (n, box, [x], b) => b.broadcastInDim(x, shapeIn(box, n.type.shape), n.attrs.dims),
  },
  reshape: {
    support: (n, [x]) => reshapedBox(x, n.inputs[0].type.shape, n.type.shape),
    reads: (n, box) => [reshapedBox(box, n.type.shape, n.inputs[0].type.shape)],
    make: (n, box, [x], b) => b.reshape(x, shapeIn(box, n.type.shape)),
    round: (n, box) => {
      const { shape } = n.inputs[0].type, again = (own: Box): Box => reshapedBox(reshapedBox(own, n.type.shape, shape), shape, n.type.shape), once = again(box);
      return sameBox(once, again(once)) ? once : wholeOf(n.type.shape);
    },
  },
  transpose: {
    support: (n, [x]) => n.attrs.perm.map((axis) => x[axis]),
    reads: (n, box) => [n.attrs.perm.map((_, axis) => box[n.attrs.perm.indexOf(axis)])],
    make: (n, _, [x], b) => b.transpose(x, n.attrs.perm),
  },
  slice: {
    support: ({ attrs: { starts, strides }, inputs: [of], type }, [x]) => type.shape.map((size, i) =>
      span(Math.ceil((startOf(x[i]) - starts[i]) / strides[i]), Math.ceil((endOf(x[i], of.type.shape[i]) - starts[i]) / strides[i]), size)),
    reads: ({ attrs: { starts, strides }, inputs: [x], type }, box) => [x.type.shape.map((size, i) => spread(box[i], type.shape[i], starts[i], strides[i], size))],
    make: ({ attrs: { strides } }, _, [x], b) => (strides.every((by) => by === 1) ? x : b.slice(x, x.type.shape.map(() => 0), x.type.shape.map((d) => (typeof d === 'number' ? d : -1)), strides)),
  },
  pad: {
    support: (n, [x]) => {
      const { low, interior } = n.attrs, own = n.inputs[0].type.shape;
      return splatOf(n.inputs[1]) === 0 ? n.type.shape.map((size, i) => spread(x[i], own[i], low[i], interior[i] + 1, size)) : wholeOf(n.type.shape);
    },
    reads: (n, box) => [insideOf(n, box), []],
    make: (n, box, [x, value], b) => {
      const inside = insideOf(n, box), own = n.inputs[0].type.shape, each = (of: (s: Span, i: number) => number): readonly number[] => inside.map((s, i) => (isSym(own[i]) ? 0 : of(s, i)));
      const low = each((s, i) => n.attrs.low[i] + startOf(s) - startOf(box[i])), high = each((s, i) => endOf(box[i], n.type.shape[i]) - n.attrs.low[i] - endOf(s, own[i]));
      return [...low, ...high].every((k) => k === 0) ? x : b.pad(x, value, low, high);
    },
    round: (n, box) => (n.attrs.interior.every((k) => k === 0) && !isEmpty(insideOf(n, box)) ? box : wholeOf(n.type.shape)),
  },
  window: {
    support: (n, [x]) => {
      const { axis, size, stride, dilation } = n.attrs, own = x[axis], length = n.inputs[0].type.shape[axis];
      const places = own === 'whole' ? own : span(Math.ceil((own.lo - (size - 1) * dilation) / stride), Math.floor((endOf(own, length) - 1) / stride) + 1, n.type.shape[axis]);
      return [...x.slice(0, axis), places, 'whole', ...x.slice(axis + 1)];
    },
    reads: ({ attrs: { axis, size, stride, dilation }, inputs: [x], type }, box) => {
      const { lo, hi } = { lo: startOf(box[axis]), hi: endOf(box[axis], type.shape[axis]) };
      return [[...box.slice(0, axis), span(lo * stride, (hi - 1) * stride + (size - 1) * dilation + 1, x.type.shape[axis]), ...box.slice(axis + 2)]];
    },
    make: (n, _, [x], b) => b.window(x, n.attrs),
    round: (n, box) => box.map((s, i) => (i === n.attrs.axis + 1 ? 'whole' : s)),
  },
  dotGeneral: {
    support: (n, inputs) => {
      const { batch } = n.attrs, free = ([0, 1] as const).flatMap((side) => freeAxes(n, side).map((axis) => inputs[side][axis]));
      return [...batch[0].map((axis, i) => both([inputs[0][axis]], [inputs[1][batch[1][i]]], [n.type.shape[i]])[0]), ...free];
    },
    reads: (n, box, supports) => ([0, 1] as const).map((side) => {
      const { batch, contract } = n.attrs, other = side === 0 ? 1 : 0, free = freeAxes(n, side), first = batch[0].length + (side === 0 ? 0 : freeAxes(n, 0).length);
      return n.inputs[side].type.shape.map((size, axis): Span => {
        const k = contract[side].indexOf(axis), at = batch[side].indexOf(axis);
        if (k < 0) return box[at >= 0 ? at : first + free.indexOf(axis)];
        const [met] = both([supports[side][axis]], [supports[other][contract[other][k]]], [size]);
        return isEmpty([met]) ? 'whole' : met;
      });
    }),
    make: (n, _, [x, y], b) => b.dotGeneral(x, y, n.attrs),
  },
  reduce: {
    support: (n, [x]) => (n.attrs.monoid === 'add' ? others(n.inputs[0].type.shape, n.attrs.axes).map((axis) => x[axis]) : wholeOf(n.type.shape)),
    reads: (n, box, supports) => {
      const { shape } = n.inputs[0].type, kept = others(shape, n.attrs.axes);
      return n.inputs.map((_, i) => shape.map((__, axis): Span => {
        if (kept.includes(axis)) return box[kept.indexOf(axis)];
        return n.attrs.monoid !== 'add' || isEmpty([supports[i][axis]]) ? 'whole' : supports[i][axis];
      }));
    },
    make: (n, _, [x], b) => b.reduce(n.attrs.monoid, x, n.attrs.axes),
  },
};
/** what a part of padding shows of the padded operand */
const insideOf = ({ attrs: { low, interior }, inputs: [x], type }: Node<'pad'>, box: Box): Box =>
  x.type.shape.map((size, i) => (interior.some((k) => k > 0) ? 'whole' : span(startOf(box[i]) - low[i], endOf(box[i], type.shape[i]) - low[i], size)));

const isTrimmed = (n: Node): n is Node<Trimmed> => Object.hasOwn(parts, n.op) && n.results.length === 1;
const partsOf = <K extends Trimmed>(n: Node<K>): Parts<K> => {
  // SAFETY: the table is total over Trimmed and its row is picked by the node's own op
  return parts[n.op as K] as Parts<K>;
};

/** Of each node the part that is computed, and of its operands' parts those that it takes. */
interface Plan { readonly boxes: ReadonlyMap<Node, Box>; readonly reads: ReadonlyMap<Node, readonly Box[]> }

const isZero = (n: Node): boolean => n.op === 'constant' && n.attrs.value === 0;
const supportsOf = (nodes: readonly Node[]): ReadonlyMap<Node, Box> => {
  const known = new Map<Node, Box>();
  for (const n of nodes) known.set(n, isZero(n) ? n.type.shape.map((size) => span(0, 0, size)) : isPart(n) ? partsOf(n).support(n, n.inputs.map((x) => known.get(x) ?? wholeOf(x.type.shape))) : wholeOf(n.type.shape));
  return known;
};
/** whether a part of it can be computed by itself */
const isPart = (n: Node): n is Node<Trimmed> => isTrimmed(n) && ![n, ...n.inputs].some((x) => x.type.shape.includes(0));

const planOf = (graph: Graph): Plan => {
  const nodes = nodesOf(graph), supports = supportsOf(nodes), results = new Set(graph.results), wanted = new Map<Node, Box>(), boxes = new Map<Node, Box>(), reads = new Map<Node, readonly Box[]>();
  const supportOf = (n: Node): Box => supports.get(n) ?? wholeOf(n.type.shape);
  for (const n of results) wanted.set(n, wholeOf(n.type.shape));
  for (const n of [...nodes].reverse()) {
    const want = wanted.get(n) ?? wholeOf(n.type.shape), own = isPart(n) && !results.has(n) ? worth(n, partOf(n, want, supportOf(n))) : wholeOf(n.type.shape);
    const read = isPart(n) ? partsOf(n).reads(n, own, n.inputs.map(supportOf)) : n.inputs.map((x) => wholeOf(x.type.shape));
    boxes.set(n, own);
    reads.set(n, read);
    n.inputs.forEach((x, i) => { const before = wanted.get(x); wanted.set(x, before === undefined ? read[i] : around(before, read[i], x.type.shape)); });
  }
  return { boxes, reads };
};
const partOf = (n: Node<Trimmed>, want: Box, support: Box): Box => {
  const met = isComputed(n) ? both(want, support, n.type.shape) : want, box = isEmpty(met) ? want : met;
  return partsOf(n).round?.(n, box) ?? box;
};
/** views are read where they are wanted: with zeros cut off, each that reads them would put others there */
const isComputed = ({ op }: Node): boolean => op === 'map' || op === 'dotGeneral' || op === 'reduce';
/** rows of elements next to each other are worth cutting only where much of them goes */
const worth = (n: Node<Trimmed>, box: Box): Box => {
  const last = box.length - 1, size = n.type.shape[last], isLittle = last >= 0 && box[last] !== 'whole' && 4 * (endOf(box[last], size) - startOf(box[last])) > 3 * Number(size);
  return isLittle ? [...box.slice(0, -1), 'whole'] : box;
};

/** a part of a value of which another part is there: zeros around it, or less of it */
const taken = (b: Builder, x: Node, { shape }: Node['type'], own: Box, want: Box): Node => {
  if (sameBox(own, want)) return x;
  const met = both(own, want, shape), each = (of: (s: Span, i: number) => number): readonly number[] => shape.map((d, i) => (isSym(d) ? 0 : of(met[i], i)));
  if (isEmpty(met)) return b.constant({ dtype: x.type.dtype, shape: shapeIn(want, shape) }, 0);
  const starts = each((s, i) => startOf(s) - startOf(own[i])), limits = shape.map((d, i) => (isSym(d) ? -1 : endOf(met[i], d) - startOf(own[i])));
  const less = sameBox(met, own) ? x : b.slice(x, starts, limits);
  return sameBox(met, want) ? less : b.pad(less, b.constant({ dtype: x.type.dtype, shape: [] }, 0), each((s, i) => startOf(s) - startOf(want[i])), each((s, i) => endOf(want[i], shape[i]) - endOf(s, shape[i])));
};

/**
 * Computes of each value only the part that is read, and that is not zero because of padding: of a convolution what the pooling
 * after it looks at, and of its gradient what comes from there. See Note [What is read of a value]
 */
export const trim: Pass = {
  name: 'trim',
  run: (module, fired) => {
    if (![...module.graphs.values()].some((graph) => nodesOf(graph).some(cuts))) return module;
    const graphs = calleesFirst(module).map((graph) => ({ graph, plan: planOf(graph) }));
    if (!graphs.some(({ graph, plan }) => nodesOf(graph).some((n) => isSmaller(n, plan)))) return module;
    const b = createBuilder();
    for (const { graph, plan } of graphs) {
      const { boxes, reads } = plan;
      const image = new Map<Node, Node>(), at = (n: Node): Node => image.get(n) ?? n;
      for (const n of nodesOf(graph)) {
        const box = boxes.get(n) ?? [], inputs = n.inputs.map((x, i) => taken(b, at(x), x.type, boxes.get(x) ?? [], reads.get(n)?.[i] ?? []));
        if (isSmaller(n, plan)) fired('a part of it is enough');
        image.set(n, !isPart(n) || isWhole(box) && (reads.get(n) ?? []).every(isWhole) ? copyNode(b, n, inputs) : named(b, n, partsOf(n).make(n, box, inputs, b)));
      }
      // SAFETY: a copied parameter is a parameter
      b.addGraph({ name: graph.name, params: graph.params.map((p) => at(p) as Node<'parameter'>), results: graph.results.map(at) });
    }
    return b.finish(module.main);
  },
};
/** what alone reads less than there is, or puts zeros beside it */
const cuts = ({ op }: Node): boolean => op === 'slice' || op === 'window' || op === 'pad';
/** the node that stands for another, with its origins and its mark */
const named = (b: Builder, n: Node, made: Node): Node => b.node(made.op, made.attrs, made.inputs, { origins: n.origins, clone: made.op === n.op ? n.clone : made.clone });
/** what computes less than before, or adds up less; cuts and paddings are computed by nobody */
const isSmaller = (n: Node, { boxes, reads }: Plan): boolean => {
  const sums = n.op === 'dotGeneral' || n.op === 'reduce' ? reads.get(n) ?? [] : [];
  return n.op !== 'pad' && n.op !== 'slice' && ![boxes.get(n) ?? [], ...sums].every(isWhole);
};

/*
Note [What is read of a value]
Backward from the results each node is asked for the least box around what its users read; what the same program reads twice is
still computed once. Forward from paddings by zero and from splats of zero each node has a box outside of which it is zero, which
elementwise functions with f(0, …, 0) = 0, views, sums and contractions hand on. Both are met in what is computed; where a user
reads beyond it, there is a padding. A contraction leaves out the places where one factor is zero, whatever the other: an ∞ or
NaN that meets padding alone does not reach the result.
*/
