import { isSym } from '../../../core/dim.ts';
import { isFloat } from '../../../core/dtype.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node, OpName } from '../../../ir/graph/syntax.ts';
import { inlineGraph } from '../../../ir/graph/walk.ts';
import { clamped, isInRange, isLast } from './indices.ts';
import { vjpOfCase } from './branches.ts';
import { vjpOfScan } from './scans.ts';
import { none, orZeros, refused, zeros, type Change, type Changes, type Derive, type Refusal, type VjpRule } from './rule.ts';
import { reductions } from './reductions.ts';
import { rowPick, unpick } from './rowPicks.ts';
import { scalesOf } from './scalars.ts';
import { axesOf, inverse, others, part, placed, repeated, reshaped } from './shapes.ts';

/** Reverse mode: for every operation, how a change of its results weighs on its operands. */
export const vjp: { readonly [K in OpName]: VjpRule<K> } = {
  parameter: none, constant: none, iota: none, getDimensionSize: none, argsort: none,
  /** the sweep hands a part's cotangent to the node that it is read from */
  get: none,

  map: (node, [ct], d) => (ct === undefined ? [] : scalesOf(node, d).map((scale, i) => { const { dtype } = node.inputs[i].type; return scale && isFloat(dtype) ? d.b.convert(scale(ct), dtype) : undefined; })),

  reshape: linear((b, { inputs: [x] }, ct) => [b.reshape(ct, x.type.shape)]),
  transpose: linear((b, { attrs }, ct) => [b.transpose(ct, inverse(attrs.perm))]),
  reverse: linear((b, { attrs }, ct) => [b.reverse(ct, attrs.axes)]),
  broadcastInDim: linear((b, node, ct) => [reshaped(b, summed(b, ct, repeated(node)), node.inputs[0].type.shape)]),
  slice: linear((b, node, ct) => [spread(b, node, ct)]),
  pad: linear((b, node, ct) => [kept(b, node, ct), b.reduce('add', b.map('select', [isPadding(b, node), ct, zeros(b, ct)]), axesOf(node.type.shape))]),
  concatenate: linear((b, { inputs, attrs: { axis } }, ct) => parts(b, inputs, axis, ct)),

  window: linear((b, { inputs: [x], attrs }, ct) => [b.overlapAdd(ct, { ...attrs, length: Number(x.type.shape[attrs.axis]) })]),
  overlapAdd: linear((b, { inputs: [y], attrs }, ct) => [b.window(ct, { ...attrs, size: Number(y.type.shape[attrs.axis + 1]) })]),

  dotGeneral: (node, [ct], { b }) => (ct === undefined ? [] : [leftOfDot(b, node, ct), rightOfDot(b, node, ct)]),
  reduce: ({ inputs, attrs: { monoid, axes } }, cotangents, { b }) =>
    orRefusal(inputs.map((x, i) => { const ct = cotangents[i]; return ct && reductions[monoid].vjp(b, x, axes, ct); })),

  gather: linear((b, node, ct) => [scattered(b, node, ct)]),
  scatter: (node, cotangents, d, wanted) => scatters[node.attrs.monoid](node, cotangents, d, wanted),

  dynamicSlice: linear((b, { inputs: [x, ...starts] }, ct) => [b.dynamicUpdateSlice(zeros(b, x), ct, starts)]),
  dynamicUpdateSlice: linear((b, { inputs: [, update, ...starts] }, ct) =>
    [b.dynamicUpdateSlice(ct, zeros(b, update), starts), b.dynamicSlice(ct, starts, update.type.shape.map((d) => (isSym(d) ? -1 : d)))]),

  scan: (node, cotangents, d, wanted) => vjpOfScan(node, cotangents, d, wanted),
  while: refused('how often it runs is not known before; foriLoop and scan have a reverse mode, and so has whileLoop with `most`'),
  case: (node, cotangents, d, wanted) => vjpOfCase(node, cotangents, d, wanted),
  call: ({ inputs, attrs: { graph } }, cotangents, d, wanted) => d.vjp(d.b.graph(graph), inputs, cotangents, wanted),
  composite: (node, cotangents, d, wanted) => {
    const { body, vjp: own, jvp: forward } = node.attrs;
    if (own !== undefined) return ownRule(d, node, own, cotangents);
    return forward === undefined ? d.vjp(d.b.graph(body), node.inputs, cotangents, wanted) : transposed(d, node, forward, cotangents);
  },
  transform: refused('a derivative inside is expanded before the derivative around it'),
};

/** A rule for one result whose cotangent is not zero. */
function linear<K extends OpName>(rule: (b: Builder, node: Node<K>, cotangent: Node) => Changes): VjpRule<K> {
  return (node, [cotangent], { b }) => (cotangent === undefined ? [] : rule(b, node, cotangent));
}
const summed = (b: Builder, x: Node, axes: readonly number[]): Node => (axes.length === 0 ? x : b.reduce('add', x, axes));
export const orRefusal = (changes: readonly (Node | Refusal | undefined)[]): Changes | Refusal => {
  const right: Change[] = [];
  for (const change of changes) {
    if (change !== undefined && 'refused' in change) return change;
    right.push(change);
  }
  return right;
};

/** what a slice took, put back among zeros */
const spread = (b: Builder, { type, inputs: [x], attrs: { starts, strides } }: Node<'slice'>, ct: Node): Node => {
  const after = x.type.shape.map((d, i) => {
    const taken = type.shape[i];
    if (isSym(d) || isSym(taken)) return 0;
    return d - starts[i] - (taken === 0 ? 0 : (taken - 1) * strides[i] + 1);
  });
  return b.pad(ct, b.constant({ dtype: ct.type.dtype, shape: [] }, 0), starts, after, strides.map((stride) => stride - 1));
};

/** what padding kept: the pads cropped, what was cropped filled with zeros, then every (interior + 1)th element */
const kept = (b: Builder, { inputs: [x], attrs: { low, high, interior } }: Node<'pad'>, ct: Node): Node => {
  const zero = b.constant({ dtype: ct.type.dtype, shape: [] }, 0);
  const bare = b.pad(ct, zero, low.map((n) => 0 - n), high.map((n) => 0 - n));
  const limits = bare.type.shape.map((d) => (isSym(d) ? -1 : d));
  return b.slice(bare, x.type.shape.map(() => 0), limits, interior.map((n) => n + 1));
};
const isPadding = (b: Builder, { inputs: [x], attrs: { low, high, interior } }: Node<'pad'>): Node =>
  b.pad(b.constant({ dtype: 'bool', shape: x.type.shape }, 0), b.constant({ dtype: 'bool', shape: [] }, 1), low, high, interior);

const parts = (b: Builder, inputs: readonly Node[], axis: number, ct: Node): Changes => {
  if (inputs.length === 1) return [ct];
  let start = 0;
  return inputs.map((x) => {
    const from = start;
    start += Number(x.type.shape[axis]);
    return part(b, ct, axis, from, start);
  });
};

/** the axes of a contraction's operands and result: result = batch, left free, right free */
const dotAxes = ({ inputs: [x, y], attrs: { batch, contract } }: Node<'dotGeneral'>) => {
  const leftFree = others(x.type.shape, [...batch[0], ...contract[0]]), rightFree = others(y.type.shape, [...batch[1], ...contract[1]]);
  const n = batch[0].length;
  return {
    leftFree, rightFree, batched: axesOf(x.type.shape).slice(0, n),
    leftInResult: leftFree.map((_, i) => n + i), rightInResult: rightFree.map((_, i) => n + leftFree.length + i),
  };
};
/** the axes of `mine` that meet the axes of `theirs`, in the order in which a contraction leaves the latter */
const meeting = (mine: readonly number[], theirs: readonly number[]): readonly number[] =>
  [...theirs].sort((p, q) => p - q).map((axis) => mine[theirs.indexOf(axis)]);

/** ct · yᵀ */
const leftOfDot = (b: Builder, node: Node<'dotGeneral'>, ct: Node): Node => {
  const { batch, contract } = node.attrs, { leftFree, rightFree, batched, rightInResult } = dotAxes(node);
  const change = b.dotGeneral(ct, node.inputs[1], { batch: [batched, batch[1]], contract: [rightInResult, rightFree] });
  return placed(b, change, [...batch[0], ...leftFree, ...meeting(contract[0], contract[1])]);
};
/** xᵀ · ct */
const rightOfDot = (b: Builder, node: Node<'dotGeneral'>, ct: Node): Node => {
  const { batch, contract } = node.attrs, { leftFree, rightFree, batched, leftInResult } = dotAxes(node);
  const change = b.dotGeneral(node.inputs[0], ct, { batch: [batch[0], batched], contract: [leftFree, leftInResult] });
  return placed(b, change, [...batch[1], ...meeting(contract[1], contract[0]), ...rightFree]);
};

/** an index beyond the table reads its last row, which therefore gets the cotangent; a scatter only where indices may meet */
const scattered = (b: Builder, node: Node<'gather'>, ct: Node): Node => {
  const [table, ids] = node.inputs, { shape } = table.type, pick = rowPick(node);
  if (pick !== undefined) return unpick(b, pick, ct, table);
  const read = clamped(b, ids, table);
  if (ids.type.shape.length > 0) return b.scatter('add', zeros(b, table), read, ct);
  const here = b.map('eq', [b.iota({ dtype: ids.type.dtype, shape }, 0), b.broadcastInDim(read, shape, [])]);
  return b.map('select', [here, b.expand(ct, shape, [0]), zeros(b, table)]);
};

const scatters: { readonly [M in Node<'scatter'>['attrs']['monoid']]: VjpRule<'scatter'> } = {
  /** an update whose index lies beyond x was dropped, and so is its cotangent */
  add: linear((b, { inputs: [x, ids, updates] }, ct) =>
    [ct, undefined, b.map('select', [isInRange(b, ids, x, updates), b.gather(ct, ids), zeros(b, updates)])]),
  /** the update that stayed has the cotangent; x has it where none came */
  set: linear((b, { inputs: [x, ids, updates] }, ct) => {
    const stays = b.map('and', [isLast(b, ids, x, updates), isInRange(b, ids, x, updates)]);
    return [b.scatter('set', ct, ids, zeros(b, updates)), undefined, b.map('select', [stays, b.gather(ct, ids), zeros(b, updates)])];
  }),
  max: refused('which of several updates of one element wins is not kept'),
  min: refused('which of several updates of one element wins is not kept'),
  mul: refused('the product of the other updates of an element is not kept'),
};

/** a composite's own derivative: a graph (…inputs, …results, …cotangents) → one cotangent for each float input */
const ownRule = (d: Derive, node: Node<'composite'>, rule: string, cotangents: Changes): Changes => {
  const results = d.b.resultsOf(node);
  const seeds = results.flatMap((r, i) => (isFloat(r.type.dtype) ? [orZeros(d.b, cotangents[i], r)] : []));
  const given = [...inlineGraph(d.b, d.b.graph(rule), [...node.inputs, ...results, ...seeds])];
  return node.inputs.map((x) => (isFloat(x.type.dtype) ? given.shift() : undefined));
};
/** the transpose of a forward rule, which is linear in the tangents: what it gives them of the cotangents, anywhere */
const transposed = (d: Derive, { inputs, results }: Node<'composite'>, rule: string, cotangents: Changes): Changes => {
  const floats = inputs.flatMap((x, i) => (isFloat(x.type.dtype) ? [i] : [])), given = results.flatMap((t, i) => (isFloat(t.dtype) ? [cotangents[i]] : []));
  const changes = d.vjp(d.b.graph(rule), [...inputs, ...floats.map((i) => zeros(d.b, inputs[i]))], [...results.map(() => undefined), ...given], floats.map((_, k) => inputs.length + k));
  return inputs.map((_, i) => (floats.includes(i) ? changes[inputs.length + floats.indexOf(i)] : undefined));
};
export const applyVjp = <K extends OpName>(node: Node<K>, cotangents: Changes, d: Derive, wanted: readonly number[]): Changes | Refusal =>
  vjp[node.op](node, cotangents, d, wanted);
