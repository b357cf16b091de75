import { scalarName, type ScalarName } from '../../ir/scalars.ts';
import type { Node, OpName } from '../../ir/graph/syntax.ts';
import type { MonoidName } from '../../ir/monoids.ts';

/** An expression as it is written on paper. */
export type Term =
  | { readonly term: 'name'; readonly name: string }
  | { readonly term: 'number'; readonly value: number }
  /** `name` is the function's on paper, `code` its name in programs; `options` only in programs */
  | { readonly term: 'call'; readonly name: string; readonly code: string; readonly args: readonly Term[]; readonly options?: string }
  | { readonly term: 'infix'; readonly op: Infix; readonly left: Term; readonly right: Term }
  | { readonly term: 'neg'; readonly of: Term }
  | { readonly term: 'transposed'; readonly of: Term }
  /** a reduction over axes: Σ, Π, max … */
  | { readonly term: 'over'; readonly sign: MonoidName; readonly axes: readonly number[]; readonly of: Term }
  | { readonly term: 'cases'; readonly test: Term; readonly then: Term; readonly else: Term }
  /** 1 where true, else 0 (Iverson 1962) */
  | { readonly term: 'truth'; readonly of: Term };
export type Infix = '+' | '−' | '·' | '/' | '^' | '×' | '=' | '≠' | '<' | '≤' | '>' | '≥' | '∧' | '∨' | '⊕';

const call = (name: string, args: readonly Term[], code = name, options?: string): Term => ({ term: 'call', name, code, args, ...(options !== undefined && { options }) });
const infix = (op: Infix) => ([left, right]: readonly Term[]): Term => ({ term: 'infix', op, left, right });
const named = (name: string, code = name) => (args: readonly Term[]): Term => call(name, args, code);
const number = (value: number): Term => ({ term: 'number', value });

type Scalar = (args: readonly Term[], node: Node<'map'>) => Term;
const scalars: { readonly [K in ScalarName]: Scalar } = {
  neg: ([of]) => ({ term: 'neg', of }), abs: named('abs'), sign: named('sign'), floor: named('floor'), ceil: named('ceil'), round: named('round'),
  exp: named('exp'), expm1: named('expm1'), log: named('log'), log1p: named('log1p'), sqrt: named('√', 'sqrt'), rsqrt: ([x]) => infix('/')([number(1), call('√', [x], 'sqrt')]),
  sin: named('sin'), cos: named('cos'), tanh: named('tanh'), logistic: named('σ', 'sigmoid'), erf: named('erf'), atan2: named('atan2'), isFinite: named('isFinite'), not: (args, { type }) => call('¬', args, type.dtype === 'bool' ? 'logicalNot' : 'bitwiseNot'),
  convert: ([x], { inputs: [of] }) => (of.type.dtype === 'bool' ? { term: 'truth', of: x } : x),
  stopGradient: named('stop', 'stopGradient'), reducePrecision: ([x]) => x,
  add: (args, { inputs }) => sumOf(args, inputs[0] === inputs[1]), sub: infix('−'), mul: ([x, y], { inputs }) => (inputs[0] === inputs[1] ? infix('^')([x, number(2)]) : infix('·')([x, y])), div: infix('/'), rem: named('rem'), pow: infix('^'),
  max: named('max', 'maximum'), min: named('min', 'minimum'), and: joined('∧', 'bitwiseAnd'), or: joined('∨', 'bitwiseOr'), xor: joined('⊕', 'bitwiseXor'),
  shiftLeft: named('shiftLeft'), shiftRightLogical: named('shiftRight', 'shiftRightLogical'), shiftRightArithmetic: named('shiftRightArithmetic'), popcount: named('popcount'), countLeadingZeros: named('countLeadingZeros'),
  eq: infix('='), ne: infix('≠'), lt: infix('<'), le: infix('≤'), gt: infix('>'), ge: infix('≥'),
  select: ([test, x, y]) => ({ term: 'cases', test, then: x, else: y }),
};

/** of truths, and of the bits of integers */
function joined(op: Infix, bits: string): Scalar {
  return (args, { type }) => (type.dtype === 'bool' ? infix(op)(args) : call(bits, args));
}
/** 2·x for x + x, x − 1 for x + −1 */
const sumOf = ([x, y]: readonly Term[], isTwice: boolean): Term => {
  if (isTwice) return infix('·')([number(2), x]);
  return y.term === 'number' && y.value < 0 ? infix('−')([x, number(-y.value)]) : infix('+')([x, y]);
};

type Row<K extends OpName> = (node: Node<K>, args: readonly Term[]) => Term;
const list = (xs: readonly unknown[]): string => `[${xs.join(', ')}]`;
const rows: { readonly [K in OpName]: Row<K> } = {
  parameter: ({ attrs }) => ({ term: 'name', name: attrs.name }),
  constant: ({ attrs: { value, type } }) => (typeof value === 'number' ? number(value) : { term: 'name', name: `constant${list(type.shape.map(String))}` }),
  iota: ({ attrs: { axis } }) => ({ term: 'name', name: `index${axis}` }),
  map: (node, args) => (typeof node.attrs.fn === 'string' ? scalars[node.attrs.fn](args, node) : call(scalarName(node.attrs.fn), args)),
  // shapes are understood: a repeated value is written as the value
  broadcastInDim: (_, [x]) => x,
  reshape: (_, [x]) => x,
  transpose: ({ attrs: { perm } }, [of]) => (perm.length === 2 ? { term: 'transposed', of } : call('permute', [of], 'permute', list(perm))),
  slice: ({ attrs: { starts, limits } }, [x]) => call('slice', [x], 'slice', `${list(starts)}, ${list(limits)}`),
  pad: ({ attrs: { low, high } }, [x]) => call('pad', [x], 'pad', `${list(low)}, ${list(high)}`),
  reverse: ({ attrs: { axes } }, [x]) => call('reverse', [x], 'reverse', list(axes)),
  concatenate: ({ attrs: { axis } }, args) => call('concat', args, 'concat', String(axis)),
  window: ({ attrs: { size, stride, dilation } }, [x]) => call('window', [x], 'window', list([size, stride, dilation])),
  overlapAdd: ({ attrs: { length, stride, dilation } }, [y]) => call('overlapAdd', [y], 'overlapAdd', list([length, stride, dilation])),
  dotGeneral: (node, [a, b]) => product(node, a, b),
  reduce: ({ attrs: { monoid, axes } }, [of]) => ({ term: 'over', sign: monoid, axes, of }),
  gather: (_, args) => call('take', args),
  scatter: ({ attrs: { monoid } }, args) => call(`scatter ${monoid}`, args, `scatter_${monoid}`),
  dynamicSlice: ({ attrs: { sizes } }, args) => call('dynamicSlice', args, 'dynamicSlice', list(sizes)),
  dynamicUpdateSlice: (_, args) => call('dynamicUpdateSlice', args),
  argsort: ({ attrs: { axis, descending } }, args) => call('argsort', args, 'argsort', `${axis}${descending ? ', descending' : ''}`),
  getDimensionSize: ({ attrs: { axis } }, [x]) => call(`size${axis}`, [x]),
  get: ({ attrs: { index } }, [x]) => call(`part${index}`, [x]),
  scan: ({ attrs: { graph, length } }, args) => call(`scan ${graph}`, args, `scan_${graph}`, String(length)),
  while: ({ attrs: { test, body } }, args) => call(`while ${test} ${body}`, args, `while_${test}_${body}`),
  case: ({ attrs: { branches } }, args) => call(`case ${branches.join(' ')}`, args, `case_${branches.join('_')}`),
  call: ({ attrs: { graph } }, args) => call(graph, args),
  composite: ({ attrs: { name } }, args) => call(name, args),
  transform: ({ attrs: { kind, graph } }, args) => call(`${kind} ${graph}`, args, `${kind}_${graph}`),
};

/** matrices and vectors as products, a contraction over other axes by its name */
const product = ({ attrs: { batch, contract }, inputs: [x, y] }: Node<'dotGeneral'>, a: Term, b: Term): Term => {
  const [left] = contract[0], [right] = contract[1], ranks = [x.type.shape.length, y.type.shape.length] as const;
  const plain = batch[0].length === 0 && contract[0].length === 1 && ranks.every((r) => r <= 2);
  if (!plain) return call('dot', [a, b], 'dotGeneral', `{ batch: ${list(batch.map(list))}, contract: ${list(contract.map(list))} }`);
  const transposed = (of: Term): Term => ({ term: 'transposed', of });
  return infix('×')([ranks[0] === 2 && left === 0 ? transposed(a) : a, ranks[1] === 2 && right === 1 ? transposed(b) : b]);
};

export const termOf = <K extends OpName>(node: Node<K>, args: readonly Term[]): Term => rows[node.op](node, args);
