import { isSym } from '../../../core/dim.ts';
import type { Attrs, Node, OpName } from '../../../ir/graph/syntax.ts';
import { refused, type Refusal } from '../derivatives/rule.ts';
import { choice, scan, whileLoop } from './control.ts';
import { gather, scatter } from './indices.ts';
import { partOfEach } from './parts.ts';
import { again, alike, mapped, next, none, shared, spread, toFront, type Batch, type BatchRule, type Values } from './rule.ts';

/**
 * Over many examples at once: for every operation, what computes its results for all of them, the examples along axis 0.
 * Most are the operation itself with its axes counted one further (`alike`).
 */
const rules: { readonly [K in OpName]: BatchRule<K> } = {
  parameter: none, constant: none, iota: none,
  /** the sweep reads the part from the results of the node that it is read from */
  get: none,

  map: alike((attrs) => attrs),
  broadcastInDim: alike(({ shape, dims }, { size }) => ({ shape: [size, ...shape], dims: [0, ...dims.map(next)] })),
  reshape: alike(({ shape }, { size }) => ({ shape: [size, ...shape] })),
  transpose: alike(({ perm }) => ({ perm: [0, ...perm.map(next)] })),
  slice: alike(({ starts, limits, strides }, { size }) => ({ starts: [0, ...starts], limits: [isSym(size) ? -1 : size, ...limits], strides: [1, ...strides] })),
  pad: (node, [x, value], c) => (value.isMapped ? padWithEach(node, [x, value], c) : again(c, node, around(node.attrs), [x.node, value.node])),
  reverse: alike(({ axes }) => ({ axes: axes.map(next) })),
  concatenate: alike(({ axis }) => ({ axis: next(axis) })),

  window: alike(({ axis, ...window }) => ({ axis: next(axis), ...window })),
  overlapAdd: alike(({ axis, ...windows }) => ({ axis: next(axis), ...windows })),

  dotGeneral: (node, inputs, c) => dot(node, inputs, c),
  reduce: alike(({ monoid, axes }) => ({ monoid, axes: axes.map(next) })),
  gather, scatter,
  dynamicSlice: (node, [x, ...starts], c) => (starts.some((s) => s.isMapped) ? partOfEach(node, [x, ...starts], c)
    : again(c, node, { sizes: [isSym(c.size) ? -1 : c.size, ...node.attrs.sizes] }, [x.node, first(c), ...starts.map((s) => s.node)])),
  dynamicUpdateSlice: (node, [x, update, ...starts], c) => (starts.some((s) => s.isMapped) ? partOfEach(node, [x, update, ...starts], c)
    : again(c, node, node.attrs, [spread(c, x), spread(c, update), first(c), ...starts.map((s) => s.node)])),
  argsort: alike(({ axis, ...order }) => ({ axis: next(axis), ...order })),
  /** of all examples the same */
  getDimensionSize: ({ attrs: { axis } }, [x], { b }) => [shared(b.getDimensionSize(x.node, next(axis)))],

  scan, while: whileLoop, case: choice,
  call: ({ attrs, origins }, values, c) => {
    const { name, isMapped } = c.graph(attrs.graph, values.map((v) => v.isMapped));
    const made = c.b.node('call', { graph: name }, values.map((v) => v.node), { origins });
    return c.b.resultsOf(made).map((node, i) => ({ node, isMapped: isMapped[i] }));
  },
  composite: (node, values, c) => composite(node, values, c),
  transform: refused('a transformation inside is expanded before the vmap around it'),
};
export const applyBatch = <K extends OpName>(node: Node<K>, inputs: Values, c: Batch): Values | Refusal => rules[node.op](node, inputs, c);

const first = ({ b }: Batch): Node => b.constant({ dtype: 'i32', shape: [] }, 0);
const around = ({ low, high, interior }: Attrs['pad']): Attrs['pad'] => ({ low: [0, ...low], high: [0, ...high], interior: [0, ...interior] });
/** a padding value of each example's own: put, afterwards, where padding is */
const padWithEach: BatchRule<'pad'> = ({ attrs, inputs: [{ type }] }, [x, value], c) => {
  const { b } = c, { low, high, interior } = attrs, zero = b.constant({ dtype: x.node.type.dtype, shape: [] }, 0);
  const padded = x.isMapped ? b.node('pad', around(attrs), [x.node, zero]) : b.pad(x.node, zero, low, high, interior);
  const isPadding = b.pad(b.constant({ dtype: 'bool', shape: type.shape }, 0), b.constant({ dtype: 'bool', shape: [] }, 1), low, high, interior);
  const all = spread(c, { node: padded, isMapped: x.isMapped }), { shape } = all.type;
  return [mapped(b.map('select', [spread(c, shared(isPadding)), b.broadcastInDim(value.node, shape, [0]), all]))];
};

/** Both mapped: one more batch axis. One of them: its examples are one more free axis, and nothing is repeated. */
const dot: BatchRule<'dotGeneral'> = (node, [x, y], c) => {
  const { batch, contract } = node.attrs, n = batch[0].length, [left, right] = node.inputs.map((side) => side.type.shape.length);
  const l = x.isMapped ? next : same, r = y.isMapped ? next : same, shifted = ([a, b]: Attrs['dotGeneral']['batch']): Attrs['dotGeneral']['batch'] => [a.map(l), b.map(r)];
  const own = { batch: shifted(batch), contract: shifted(contract) };
  if (x.isMapped && y.isMapped) return again(c, node, { ...own, batch: [[0, ...own.batch[0]], [0, ...own.batch[1]]] }, [x.node, y.node]);
  // no axis of the right one stands before the examples if they change sides
  if (y.isMapped && right === n + contract[1].length) return again(c, node, { batch: [own.batch[1], own.batch[0]], contract: [own.contract[1], own.contract[0]] }, [y.node, x.node]).map(({ node: z }) => mapped(toFront(c.b, z, n)));
  const examples = x.isMapped ? n : left - contract[0].length;
  return again(c, node, own, [x.node, y.node]).map(({ node: z }) => mapped(toFront(c.b, z, examples)));
};
const same = (axis: number): number => axis;

/** It stays whole, and so do its own derivatives. */
const composite: BatchRule<'composite'> = (node, values, c) => {
  const { name, attributes, body, vjp, jvp } = node.attrs, isMapped = values.map((v) => v.isMapped);
  const hasOwn = vjp !== undefined || jvp !== undefined, own = c.graph(body, isMapped, hasOwn ? 'all' : undefined);
  const made = c.b.node('composite', {
    name, attributes: countedFurther(attributes), body: own.name,
    ...(vjp !== undefined && { vjp: c.derivative('vjp', vjp, node, isMapped) }), ...(jvp !== undefined && { jvp: c.derivative('jvp', jvp, node, isMapped) }),
  }, values.map((v) => v.node), { origins: node.origins });
  return c.b.resultsOf(made).map((x, i) => ({ node: x, isMapped: own.isMapped[i] }));
};
type Attributes = Attrs['composite']['attributes'];
/** `axis` and `axes` of a composite count its operand's axes from the front */
const countedFurther = (attributes: Attributes): Attributes => Object.fromEntries(Object.entries(attributes).map(([key, value]) => {
  if (key === 'axis' && typeof value === 'number') return [key, next(value)];
  return [key, key === 'axes' && typeof value === 'object' ? value.map(next) : value];
}));
