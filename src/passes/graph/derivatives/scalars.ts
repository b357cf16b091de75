import type { Node } from '../../../ir/graph/syntax.ts';
import type { CustomScalar, ScalarName, ScalarOp } from '../../../ir/scalars.ts';
import { mathsLike, type Maths } from './maths.ts';
import type { Change, Derive } from './rule.ts';

/**
 * Multiplication by a partial derivative: what a change of an operand does to the result and, since an elementwise
 * Jacobian is diagonal, what a cotangent of the result gives to the operand.
 */
export type Scale = (t: Node) => Node;
/** For each operand; undefined where the derivative is zero. A rule receives its result y, so that y is all a backward pass keeps. */
type Partials = (m: Maths, y: Node, ...operands: readonly Node[]) => readonly (Scale | undefined)[];
/** 'zero': constant between its jumps, or a function of integers and truth values */
type Row = Partials | 'zero';

const same: Scale = (t) => t;

export const partials: { readonly [S in ScalarName]: Row } = {
  neg:      (m) => [m.neg],
  abs:      (m, _, x) => [(t) => m.mul(t, m.sign(x))],
  exp:      (m, y) => [(t) => m.mul(t, y)],
  expm1:    (m, y) => [(t) => m.mul(t, m.add(y, 1))],
  log:      (m, _, x) => [(t) => m.div(t, x)],
  log1p:    (m, _, x) => [(t) => m.div(t, m.add(x, 1))],
  sqrt:     (m, y) => [(t) => m.div(m.mul(t, 0.5), y)],
  rsqrt:    (m, y) => [(t) => m.mul(t, -0.5, m.mul(y, y, y))],
  sin:      (m, _, x) => [(t) => m.mul(t, m.cos(x))],
  cos:      (m, _, x) => [(t) => m.neg(m.mul(t, m.sin(x)))],
  tanh:     (m, y) => [(t) => m.mul(t, m.sub(1, m.mul(y, y)))],
  logistic: (m, y) => [(t) => m.mul(t, m.mul(y, m.sub(1, y)))],
  erf:      (m, _, x) => [(t) => m.mul(t, 2 / Math.sqrt(Math.PI), m.exp(m.neg(m.mul(x, x))))],
  /** between floats; the rule of `map` puts the result back into the dtype that is asked for */
  convert:  () => [same],
  reducePrecision: () => [same],

  add: () => [same, same],
  sub: (m) => [same, m.neg],
  mul: (m, _, x, z) => [(t) => m.mul(t, z), (t) => m.mul(t, x)],
  div: (m, y, _, z) => [(t) => m.div(t, z), (t) => m.neg(m.mul(m.div(t, z), y))],
  /** x − z·k with k = trunc(x/z), which is the integer (x − y)/z */
  rem: (m, y, x, z) => [same, (t) => m.mul(t, m.round(m.div(m.sub(y, x), z)))],
  /** z·x^(z−1), and x^z·log x; see Note [Powers of zero] */
  pow: (m, y, x, z) => [(t) => m.mul(t, z, m.pow(x, lessOne(m, x, z))), (t) => m.mul(t, y, m.log(awayFromZero(m, x, z)))],
  /** x/(x² + y²) and −y/(x² + y²); see Note [Squares that overflow] */
  atan2: (m, _, y, x) => { const [overY, overX] = angleSlopes(m, y, x); return [(t) => m.mul(t, overY), (t) => m.mul(t, overX)]; },
  /** a tie goes to the second operand, so that max(x, 0) has slope 0 at 0: y > z says that the first one won */
  max: (m, y, _, z) => [(t) => m.select(m.gt(y, z), t, 0), (t) => m.select(m.gt(y, z), 0, t)],
  min: (m, y, _, z) => [(t) => m.select(m.lt(y, z), t, 0), (t) => m.select(m.lt(y, z), 0, t)],
  select: (m, _, which) => [undefined, (t) => m.select(which, t, 0), (t) => m.select(which, 0, t)],

  stopGradient: 'zero',
  sign: 'zero', floor: 'zero', ceil: 'zero', round: 'zero',
  eq: 'zero', ne: 'zero', lt: 'zero', le: 'zero', gt: 'zero', ge: 'zero',
  not: 'zero', and: 'zero', or: 'zero', xor: 'zero', shiftLeft: 'zero', shiftRightLogical: 'zero', shiftRightArithmetic: 'zero', popcount: 'zero', countLeadingZeros: 'zero', isFinite: 'zero',
};

// Note [Powers of zero]
// d/dx x^z = z·x^(z−1) is 0 at z = 0, also at x = 0, where the formula would say 0·∞: there the exponent is replaced by 1,
// which leaves 0·0. Only there, so that the mixed second derivative at z = 0, x^(−1) for other x, stays right.
// d/dz x^z = x^z·log x is 0 at x = 0 for z > 0 (and we say so for z = 0), where the formula would say 0·(−∞): there the
// logarithm's operand is replaced by 1. For z < 0 the formula's −∞ is right. The operands are replaced, not the results,
// so that the derivatives of these formulas hold no 0·∞ either.
const lessOne = (m: Maths, x: Node, z: Node): Node =>
  m.select(m.eq(z, 0), m.select(m.eq(x, 0), 1, m.sub(z, 1)), m.sub(z, 1));
const awayFromZero = (m: Maths, x: Node, z: Node): Node =>
  m.select(m.ge(z, 0), m.select(m.eq(x, 0), 1, x), x);

// Note [Squares that overflow]
// x/(x² + y²) by the larger operand a, the smaller b and r = b/a (Smith 1962): x² + y² = a·(a + b·r), so that the slopes are
// 1/(a + b·r) and r/(a + b·r), and nothing overflows that need not. At a tie both ways say the same.
const angleSlopes = (m: Maths, y: Node, x: Node): readonly [Node, Node] => {
  const flat = m.ge(m.abs(x), m.abs(y)), [a, b] = [m.select(flat, x, y), m.select(flat, y, x)], r = m.div(b, a), d = m.add(a, m.mul(b, r));
  return [m.div(m.select(flat, 1, r), d), m.div(m.select(flat, m.neg(r), -1), d)];
};

/** whether nothing flows through the function, neither forward nor back */
export const isFlat = (fn: ScalarOp): boolean => typeof fn === 'string' && partials[fn] === 'zero';

/** The scalings of a `map` node, one per operand: from the table, or from a user's definition. */
export const scalesOf = (node: Node<'map'>, d: Derive): readonly (Scale | undefined)[] => {
  const { fn } = node.attrs;
  if (typeof fn !== 'string') return fn.partials === undefined ? expandedScales(fn, node, d) : givenScales(fn.partials, node, d);
  const row = partials[fn];
  return row === 'zero' ? [] : row(mathsLike(d.b, node), node, ...node.inputs);
};

/** writes scalar functions over tensors shaped like x; a number stands for such a tensor */
const applying = (d: Derive, x: Node) => (fn: ScalarOp, ...args: readonly (Node | number)[]): Node =>
  d.b.map(fn, args.map((arg) => (typeof arg === 'number' ? d.b.like(x, arg) : arg)));

const givenScales = (given: NonNullable<CustomScalar['partials']>, node: Node<'map'>, d: Derive): readonly Scale[] =>
  given(applying(d, node), node, ...node.inputs).map((partial): Scale => (t) => d.b.map('mul', [t, partial]));

/** without partials, the expansion is differentiated: as a graph, since two operands may be one node */
const expandedScales = (fn: CustomScalar, node: Node<'map'>, d: Derive): readonly Scale[] => {
  const name = `scalar ${fn.custom}`;
  const params = node.inputs.map((x, i) => d.b.parameter(name, i, `x${i}`, x.type));
  const graph = { name, params, results: [fn.expand(applying(d, params[0]), ...params)] };
  const cotangent = (t: Node, i: number): Change => d.vjp(graph, node.inputs, [t], [i])[i];
  return params.map((p, i): Scale => (t) => cotangent(t, i) ?? d.b.like(p, 0));
};
