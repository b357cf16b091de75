import { isFloat } from '../../../core/dtype.ts';
import type { Node, OpName } from '../../../ir/graph/syntax.ts';
import { inlineGraph } from '../../../ir/graph/walk.ts';
import { jvpOfCase } from './branches.ts';
import { none, orZeros, refused, sum, type Change, type Changes, type Derive, type JvpRule, type Refusal } from './rule.ts';
import { reductions } from './reductions.ts';
import { scalesOf } from './scalars.ts';
import { orRefusal } from './vjp.ts';

/** Linear in its float operands together: the operation itself, over tangents. */
const linear: JvpRule<OpName> = (node, tangents, { b }) =>
  [b.node(node.op, node.attrs, node.inputs.map((x, i) => (isFloat(x.type.dtype) ? orZeros(b, tangents[i], x) : x)))];

/** Forward mode: for every operation, how a change of its operands changes its results. */
export const jvp: { readonly [K in OpName]: JvpRule<K> } = {
  parameter: none, constant: none, iota: none, getDimensionSize: none, argsort: none,
  /** the sweep reads the part from the tangents of the node that it is read from */
  get: none,

  map: (node, tangents, d) => {
    const changes = scalesOf(node, d).map((scale, i) => { const t = tangents[i]; return scale && t && d.b.convert(scale(t), node.type.dtype); });
    return [sum(d.b, changes)];
  },

  reshape: linear, transpose: linear, reverse: linear, broadcastInDim: linear, slice: linear, pad: linear, concatenate: linear, window: linear, overlapAdd: linear, gather: linear, dynamicSlice: linear, dynamicUpdateSlice: linear,

  /** linear in each operand alone: dx·y + x·dy */
  dotGeneral: ({ inputs: [x, y], attrs }, [dx, dy], { b }) => [sum(b, [dx && b.dotGeneral(dx, y, attrs), dy && b.dotGeneral(x, dy, attrs)])],
  reduce: ({ inputs, attrs: { monoid, axes } }, tangents, { b }) =>
    orRefusal(inputs.map((x, i) => { const t = tangents[i]; return t && reductions[monoid].jvp(b, x, axes, t); })),
  scatter: (node, tangents, d) => scatters[node.attrs.monoid](node, tangents, d),

  /** the sweep writes one scan of values and tangents */
  scan: refused('a scan is differentiated as a whole'),
  while: refused('a loop is differentiated as a whole'),
  case: (node, tangents, d) => jvpOfCase(node, tangents, d),
  call: ({ inputs, attrs: { graph } }, tangents, d) => d.jvp(d.b.graph(graph), inputs, tangents),
  composite: (node, tangents, d) => {
    const { body, vjp, jvp: own } = node.attrs;
    if (own !== undefined) return ownRule(d, node, own, tangents);
    return vjp === undefined ? d.jvp(d.b.graph(body), node.inputs, tangents) : reverseOnly();
  },
  transform: refused('a derivative inside is expanded before the derivative around it'),
};

const scatters: { readonly [M in Node<'scatter'>['attrs']['monoid']]: JvpRule<'scatter'> } = {
  add: linear, set: linear,
  max: refused('which of several updates of one element wins is not kept'),
  min: refused('which of several updates of one element wins is not kept'),
  mul: refused('the product of the other updates of an element is not kept'),
};
const reverseOnly = refused('it has a reverse rule of its own, and no forward rule beside it');

/** a composite's own derivative: a graph (…inputs, …tangents of float inputs) → (…results, …tangents of float results) */
const ownRule = (d: Derive, node: Node<'composite'>, rule: string, tangents: Changes): Changes => {
  const seeds = node.inputs.flatMap((x, i) => (isFloat(x.type.dtype) ? [orZeros(d.b, tangents[i], x)] : []));
  const given = inlineGraph(d.b, d.b.graph(rule), [...node.inputs, ...seeds]).slice(node.results.length);
  let next = 0;
  return node.results.map((type): Change => (isFloat(type.dtype) ? given[next++] : undefined));
};
export const applyJvp = <K extends OpName>(node: Node<K>, tangents: Changes, d: Derive): Changes | Refusal => jvp[node.op](node, tangents, d);
