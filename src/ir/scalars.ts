import type { DType } from '../core/dtype.ts';
import { erf } from '../core/special.ts';

/**
 * The vocabulary of elementwise mathematics. A row says what the function is; its derivative, its spelling in a
 * backend and its rewrite rules live with those who use them, in tables keyed by the names born here.
 */
export interface ScalarRow {
  readonly arity: 1 | 2 | 3;
  /** the dtypes it takes: all operands have one dtype, but for `select`, whose first is bool */
  readonly takes: 'float' | 'number' | 'integer' | 'bool' | 'integerOrBool' | 'any';
  /** dtype of the result: the operands', bool, or as the attribute says (convert) */
  readonly gives: 'same' | 'bool' | 'attribute';
  /** the meaning over float64 (bool as 0 and 1); the caller rounds to the dtype */
  readonly evaluate: (...args: readonly number[]) => number;
  /** the meaning over integers where it differs: exact and wrapping */
  readonly integer?: (...args: readonly number[]) => number;
  /** the interval on which generated arguments stay (each operand) */
  readonly domain: readonly [number, number];
  readonly commutative?: true;
  readonly associative?: true;
  readonly identity?: number;
  /** jumps somewhere: a backend rounds its float operands before it (DESIGN: accuracy) */
  readonly jumps?: true;
}

const roundHalfEven = (x: number): number => {
  const down = Math.floor(x), rest = x - down;
  if (rest !== 0.5) return Math.round(x);
  // ceil keeps the sign of the zero that -0.5 rounds to
  return down % 2 === 0 ? down : Math.ceil(x);
};
const countOnes = (x: number): number => {
  let ones = 0;
  for (let rest = x >>> 0; rest !== 0; rest &= rest - 1) ones++;
  return ones;
};
const wide = [-8, 8] as const;
const positive = [0.125, 8] as const;

export const scalars = {
  neg: { arity: 1, takes: 'number', gives: 'same', evaluate: (x) => -x, domain: wide },
  abs: { arity: 1, takes: 'number', gives: 'same', evaluate: Math.abs, domain: wide },
  sign: { arity: 1, takes: 'number', gives: 'same', evaluate: Math.sign, domain: wide, jumps: true },
  floor: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.floor, domain: wide, jumps: true },
  ceil: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.ceil, domain: wide, jumps: true },
  round: { arity: 1, takes: 'float', gives: 'same', evaluate: roundHalfEven, domain: wide, jumps: true },
  exp: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.exp, domain: [-4, 4] },
  expm1: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.expm1, domain: [-4, 4] },
  log: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.log, domain: positive },
  log1p: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.log1p, domain: [-0.75, 8] },
  sqrt: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.sqrt, domain: positive },
  rsqrt: { arity: 1, takes: 'float', gives: 'same', evaluate: (x) => 1 / Math.sqrt(x), domain: positive },
  sin: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.sin, domain: wide },
  cos: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.cos, domain: wide },
  tanh: { arity: 1, takes: 'float', gives: 'same', evaluate: Math.tanh, domain: [-4, 4] },
  logistic: { arity: 1, takes: 'float', gives: 'same', evaluate: (x) => 1 / (1 + Math.exp(-x)), domain: wide },
  erf: { arity: 1, takes: 'float', gives: 'same', evaluate: erf, domain: [-3, 3] },
  not: { arity: 1, takes: 'integerOrBool', gives: 'same', evaluate: (x) => (x === 0 ? 1 : 0), integer: (x) => ~x, domain: wide },
  /** bits that are 1; zeros above the highest of them, 32 where there is none */
  popcount: { arity: 1, takes: 'integer', gives: 'same', evaluate: countOnes, domain: wide },
  countLeadingZeros: { arity: 1, takes: 'integer', gives: 'same', evaluate: Math.clz32, domain: wide },
  /** neither infinite nor NaN */
  isFinite: { arity: 1, takes: 'float', gives: 'bool', evaluate: (x) => (Number.isFinite(x) ? 1 : 0), domain: wide, jumps: true },
  convert: { arity: 1, takes: 'any', gives: 'attribute', evaluate: (x) => x, domain: wide },
  /** the identity, through which no derivative flows */
  stopGradient: { arity: 1, takes: 'any', gives: 'same', evaluate: (x) => x, domain: wide },
  /** the number as its dtype holds it (StableHLO's reduce_precision to the dtype itself): a backend with more digits rounds here */
  reducePrecision: { arity: 1, takes: 'float', gives: 'same', evaluate: (x) => x, domain: wide },

  add: { arity: 2, takes: 'number', gives: 'same', evaluate: (x, y) => x + y, domain: wide, commutative: true, associative: true, identity: 0 },
  sub: { arity: 2, takes: 'number', gives: 'same', evaluate: (x, y) => x - y, domain: wide },
  mul: { arity: 2, takes: 'number', gives: 'same', evaluate: (x, y) => x * y, integer: Math.imul, domain: wide, commutative: true, associative: true, identity: 1 },
  /** on integers: toward zero; by zero it is -1, and the smallest i32 by -1 wraps (StableHLO leaves both open) */
  div: { arity: 2, takes: 'number', gives: 'same', evaluate: (x, y) => x / y, integer: (x, y) => (y === 0 ? -1 : Math.trunc(x / y)), domain: positive },
  /** the remainder with the dividend's sign; on integers by zero it is the dividend */
  rem: { arity: 2, takes: 'number', gives: 'same', evaluate: (x, y) => x % y, integer: (x, y) => (y === 0 ? x : x % y), domain: positive, jumps: true },
  pow: { arity: 2, takes: 'float', gives: 'same', evaluate: Math.pow, domain: [0.25, 3] },
  /** atan2(y, x): the angle of the point (x, y), from −π to π; it jumps where x is negative and y changes its sign */
  atan2: { arity: 2, takes: 'float', gives: 'same', evaluate: Math.atan2, domain: positive, jumps: true },
  max: { arity: 2, takes: 'any', gives: 'same', evaluate: Math.max, domain: wide, commutative: true, associative: true },
  min: { arity: 2, takes: 'any', gives: 'same', evaluate: Math.min, domain: wide, commutative: true, associative: true },
  and: { arity: 2, takes: 'integerOrBool', gives: 'same', evaluate: (x, y) => x & y, domain: wide, commutative: true, associative: true },
  or: { arity: 2, takes: 'integerOrBool', gives: 'same', evaluate: (x, y) => x | y, domain: wide, commutative: true, associative: true, identity: 0 },
  xor: { arity: 2, takes: 'integerOrBool', gives: 'same', evaluate: (x, y) => x ^ y, domain: wide, commutative: true, associative: true, identity: 0 },
  /** shifts by 32 or more give 0 */
  shiftLeft: { arity: 2, takes: 'integer', gives: 'same', evaluate: (x, y) => (y >>> 0 > 31 ? 0 : x << y), domain: [0, 31] },
  shiftRightLogical: { arity: 2, takes: 'integer', gives: 'same', evaluate: (x, y) => (y >>> 0 > 31 ? 0 : x >>> y), domain: [0, 31] },
  /** by the sign bit, of u32 the highest bit: 32 or more leave 0 or -1 */
  shiftRightArithmetic: { arity: 2, takes: 'integer', gives: 'same', evaluate: (x, y) => x >> (y >>> 0 > 31 ? 31 : y), domain: [0, 31] },
  eq: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x === y ? 1 : 0), domain: wide, commutative: true, jumps: true },
  ne: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x === y ? 0 : 1), domain: wide, commutative: true, jumps: true },
  lt: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x < y ? 1 : 0), domain: wide, jumps: true },
  le: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x <= y ? 1 : 0), domain: wide, jumps: true },
  gt: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x > y ? 1 : 0), domain: wide, jumps: true },
  ge: { arity: 2, takes: 'any', gives: 'bool', evaluate: (x, y) => (x >= y ? 1 : 0), domain: wide, jumps: true },

  /** select(which, whereTrue, whereFalse) */
  select: { arity: 3, takes: 'any', gives: 'same', evaluate: (c, x, y) => (c !== 0 ? x : y), domain: wide },
} as const satisfies Record<string, ScalarRow>;

export type ScalarName = keyof typeof scalars;
export const scalarRow = (name: ScalarName): ScalarRow => scalars[name];
/** whether a backend rounds float operands before it, however many digits it computes with */
export const takesRounded = (name: ScalarName): boolean => name === 'reducePrecision' || scalarRow(name).jumps === true;
export const isScalarName = (name: string): name is ScalarName => Object.hasOwn(scalars, name);

/** A scalar function defined by a user: its definition travels in the node, nothing is registered. */
export interface CustomScalar {
  readonly custom: string;
  readonly arity: 1 | 2 | 3;
  /** over scalar nodes of any graph: how it expands into the vocabulary above; `Expansion` is generic in the node type */
  readonly expand: Expansion;
  /** the partial derivatives, from the operands and the result; without it the expansion is differentiated */
  readonly partials?: PartialExpansion;
  readonly evaluate: (...args: readonly number[]) => number;
  /** the source text of the function in a backend, over the operands x, y, z */
  readonly spell: { readonly js?: string; readonly gpujs?: string };
  readonly domain: readonly [number, number];
}
export type Apply<N> = (fn: ScalarOp, ...args: readonly (N | number)[]) => N;
export type Expansion = <N>(apply: Apply<N>, ...args: readonly N[]) => N;
export type PartialExpansion = <N>(apply: Apply<N>, result: N, ...args: readonly N[]) => readonly N[];

export type ScalarOp = ScalarName | CustomScalar;
export const scalarName = (op: ScalarOp): string => (typeof op === 'string' ? op : op.custom);
export const evaluatorFor = (op: ScalarOp, dtype: DType): ((...args: readonly number[]) => number) => {
  if (typeof op !== 'string') return op.evaluate;
  const row = scalarRow(op);
  return (dtype === 'i32' || dtype === 'u32') && row.integer !== undefined ? row.integer : row.evaluate;
};
