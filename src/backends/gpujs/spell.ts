import type { DType } from '../../core/dtype.ts';
import type { ScalarName } from '../../ir/scalars.ts';

/**
 * How each scalar function is written in a gpu.js kernel. Everything there is a float; bool is 0.0 or 1.0, integers
 * are whole floats, exact to 2²⁴. A row gives an expression over atoms, or says why there is none.
 */
export type Spelling = (args: readonly string[], dtype: DType) => string;
export interface Refusal { readonly refused: string }
type Row = { readonly spell: Spelling; readonly integers?: Refusal; readonly unsigned?: Refusal; readonly signed?: Refusal } | Refusal;

const grows = (what: string): Refusal => ({ refused: `${what} may pass 2^24, beyond which integers of gpu.js, which are floats, are not exact` });
const wraps = (what: string): Refusal => ({ refused: `${what} may wrap, which floats do not` });
const call = (name: string): Spelling => (args) => `${name}(${args.join(', ')})`;
const infix = (op: string): Spelling => ([x, y]) => `(${x} ${op} ${y})`;
const test = (op: string): Spelling => ([x, y]) => `(${x} ${op} ${y} ? 1.0 : 0.0)`;
/** of integers another function than of floats, or of truths */
const integers = (spell: Spelling, others: Spelling): Spelling => (args, dtype) => (whole(dtype) ? spell : others)(args, dtype);
const truncate = (x: string): string => `(${x} < 0.0 ? -Math.floor(-(${x})) : Math.floor(${x}))`;
/** a NaN stays one: the shading languages' own functions give the other operand */
export const larger = (x: string, y: string): string => `(${x} > ${y} || ${x} !== ${x} ? ${x} : ${y})`;
export const smaller = (x: string, y: string): string => `(${x} < ${y} || ${x} !== ${x} ? ${x} : ${y})`;
const whole = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32';

export const spellings: { readonly [K in ScalarName]: Row } = {
  neg: { spell: ([x]) => `(-${x})`, unsigned: wraps('a difference of unsigned integers') },
  abs: { spell: call('Math.abs') },
  // zero and NaN are their own signs
  sign: { spell: ([x]) => `(${x} > 0.0 ? 1.0 : (${x} < 0.0 ? -1.0 : ${x}))` },
  floor: { spell: call('Math.floor') },
  ceil: { spell: call('Math.ceil') },
  round: { spell: call('fxRound') },
  exp: { spell: call('Math.exp') },
  expm1: { spell: call('fxExpm1') },
  log: { spell: call('Math.log') },
  log1p: { spell: call('fxLog1p') },
  sqrt: { spell: call('Math.sqrt') },
  rsqrt: { spell: ([x]) => `(1.0 / Math.sqrt(${x}))` },
  sin: { spell: call('Math.sin') },
  cos: { spell: call('Math.cos') },
  tanh: { spell: call('fxTanh') },
  logistic: { spell: ([x]) => `(1.0 / (1.0 + Math.exp(-${x})))` },
  erf: { spell: call('fxErf') },
  not: { spell: integers(([x]) => `(-1.0 - ${x})`, ([x]) => `(1.0 - ${x})`), unsigned: grows('the complement of an unsigned integer') },
  popcount: { spell: call('fxPopcount') },
  countLeadingZeros: { spell: call('fxLeadingZeros') },
  isFinite: { spell: ([x]) => `(Math.abs(${x}) <= 3.4028235e+38 ? 1.0 : 0.0)` },
  convert: { spell: ([x], dtype) => (dtype === 'bool' ? `(${x} !== 0.0 ? 1.0 : 0.0)` : whole(dtype) ? truncate(x) : x) },
  stopGradient: { spell: ([x]) => x },
  reducePrecision: { spell: ([x]) => x },
  add: { spell: infix('+') },
  sub: { spell: infix('-'), unsigned: wraps('a difference of unsigned integers') },
  mul: { spell: infix('*'), integers: grows('a product of integers') },
  div: { spell: integers(([x, y], dtype) => `fxQuotient(${x}, ${y}, ${dtype === 'u32' ? '4294967295.0' : '-1.0'})`, infix('/')) },
  rem: { spell: integers(call('fxRemainder'), ([x, y]) => `(Math.abs(${y}) > 3.0e+38 && Math.abs(${x}) < 3.0e+38 ? ${x} : ${x} - ${y} * ${truncate(`(${x} / ${y})`)})`) },
  pow: { spell: call('fxPow') },
  atan2: { spell: call('fxAtan2') },
  max: { spell: ([x, y]) => larger(x, y) },
  min: { spell: ([x, y]) => smaller(x, y) },
  and: { spell: integers(call('fxAnd'), infix('*')) },
  // what is in one of them, and in both only once: floats add up
  or: { spell: integers(([x, y]) => `(${x} - fxAnd(${x}, ${y}) + ${y})`, call('Math.max')) },
  xor: { spell: integers(([x, y]) => `(${x} - fxAnd(${x}, ${y}) + (${y} - fxAnd(${x}, ${y})))`, ([x, y]) => `Math.abs(${x} - ${y})`) },
  shiftLeft: grows('a shifted integer'),
  shiftRightLogical: { spell: call('fxShiftRight'), signed: grows('a negative integer, shifted as its bits,') },
  shiftRightArithmetic: { spell: call('fxShiftRight') },
  eq: { spell: test('===') },
  ne: { spell: test('!==') },
  lt: { spell: test('<') },
  le: { spell: test('<=') },
  gt: { spell: test('>') },
  ge: { spell: test('>=') },
  select: { spell: ([c, x, y]) => `(${c} > 0.5 ? ${x} : ${y})` },
};

/** Functions that kernels may call: what the shading languages lack, or get wrong. */
export const helpers = {
  /** half to even; a zero keeps its sign */
  fxRound: { args: ['x'], source: `function fxRound(x) { const a = Math.abs(x); const r = Math.floor(a); const d = a - r; let y = r; if (d > 0.5) { y = r + 1.0; } if (d === 0.5) { y = 2.0 * Math.floor(r * 0.5 + 0.5); } if (x < 0.0) { y = -y; } if (x === 0.0) { y = x; } if (x !== x) { y = x; } return y; }` },
  /** near zero by its series, which does not cancel; safe for large arguments; a zero keeps its sign */
  fxTanh: { args: ['x'], source: `function fxTanh(x) { const a = Math.abs(x); const t = Math.exp(-2.0 * a); let r = (1.0 - t) / (1.0 + t); if (a < 0.25) { const s = x * x; r = a * (1.0 + s * (-0.3333333333 + s * (0.1333333333 + s * (-0.0539682540 + s * 0.0218694885)))); } let y = r; if (x < 0.0) { y = -r; } if (x === 0.0) { y = x; } return y; }` },
  fxExpm1: { args: ['x'], source: `function fxExpm1(x) { let r = Math.exp(x) - 1.0; if (Math.abs(x) < 0.5) { r = x * (1.0 + x * (0.5 + x * (0.1666666667 + x * (0.0416666667 + x * (0.0083333333 + x * (0.0013888889 + x * (0.0001984127 + x * 0.0000248016))))))); } return r; }` },
  /** log(1+x) = 2 artanh(x / (2 + x)) near zero */
  fxLog1p: { args: ['x'], source: `function fxLog1p(x) { let r = Math.log(1.0 + x); if (Math.abs(x) < 0.5) { const s = x / (2.0 + x); const q = s * s; r = 2.0 * s * (1.0 + q * (0.3333333333 + q * (0.2 + q * (0.1428571429 + q * (0.1111111111 + q * (0.0909090909 + q * 0.0769230769)))))); } return r; }` },
  /** Abramowitz and Stegun 7.1.5 near zero, 7.1.26 with its five terms replaced by a rational fit's series in exp further out */
  fxErf: { args: ['x'], source: `function fxErf(x) { const a = Math.abs(x); let r = 1.0; if (a < 2.0) { const s = x * x; let term = a; let sum = a; for (let n = 1; n < 26; n++) { term = term * (2.0 * s) / (2.0 * n + 1.0); sum = sum + term; } r = 1.1283791671 * Math.exp(-s) * sum; } else { if (a < 4.0) { let f = 0.0; for (let n = 0; n < 30; n++) { f = (30.0 - n) * 0.5 / (a + f); } r = 1.0 - Math.exp(-a * a) / (1.7724538509 * (a + f)); } } let y = r; if (x < 0.0) { y = -r; } if (x !== x) { y = x; } return y; }` },
  /** octants, and in each the polynomial of Cephes (Moshier 1992); a zero's sign is that of its reciprocal */
  fxAtan2: { args: ['y', 'x'], source: `function fxAtan2(y, x) { const p = Math.abs(y); const q = Math.abs(x); let a = q; let b = p; if (p > q) { a = p; b = q; } if (a > 3.4028235e+38) { if (b > 3.4028235e+38) { b = 1.0; } else { b = 0.0; } a = 1.0; } if (a === 0.0) { a = 1.0; } if (a > 8.0e+37) { a = a * 0.25; b = b * 0.25; } let k = 0.0; let t = b / a; if (b > a * 0.41421356) { k = 1.0; t = (b - a) / (b + a); } const z = t * t; let r = t + t * z * (-0.33333333 + z * (0.19977711 + z * (-0.13877686 + z * 0.080537445))); if (p > q) { k = 2.0 - k; r = -r; } let left = 0.0; if (x < 0.0) { left = 1.0; } if (x === 0.0) { if (1.0 / x < 0.0) { left = 1.0; } } if (left > 0.5) { k = 4.0 - k; r = -r; } r = k * 0.78539816 + r; if (y < 0.0) { r = -r; } if (y === 0.0) { if (1.0 / y < 0.0) { r = -r; } } if (x !== x) { r = x; } if (y !== y) { r = y; } return r; }` },
  /** the sign of a negative base by the parity of a whole exponent; otherwise not a number */
  fxPow: { args: ['x', 'y'], source: `function fxPow(x, y) { let r = Math.pow(Math.abs(x), y); if (y === 0.0) { r = 1.0; } if (x < 0.0) { const half = Math.floor(y * 0.5) * 2.0; if (Math.floor(y) === y) { if (half !== y) { r = -r; } } else { r = Math.log(x); } } if (x === 0.0) { if (y < 0.0) { r = 1.0 / Math.abs(x); } } return r; }` },
  // of integers below 2²⁴, which are whole floats: their bits by halving, toward −∞ as two's complement goes on with the sign; what is left after 24 of them is 0 or −1
  fxAnd: { args: ['x', 'y'], source: `function fxAnd(x, y) { let a = x; let b = y; let w = 1.0; let r = 0.0; for (let n = 0; n < 24; n++) { const p = Math.floor(a * 0.5); const q = Math.floor(b * 0.5); r = r + (a - 2.0 * p) * (b - 2.0 * q) * w; a = p; b = q; w = w * 2.0; } return r - a * b * w; }` },
  fxShiftRight: { args: ['x', 'by'], source: `function fxShiftRight(x, by) { let a = x; let left = by; if (by < 0.0) { left = 24.0; } for (let n = 0; n < 24; n++) { if (left > 0.5) { a = Math.floor(a * 0.5); left = left - 1.0; } } return a; }` },
  fxPopcount: { args: ['x'], source: `function fxPopcount(x) { let a = x; let r = 0.0; for (let n = 0; n < 24; n++) { const p = Math.floor(a * 0.5); r = r + (a - 2.0 * p); a = p; } return r - 8.0 * a; }` },
  fxLeadingZeros: { args: ['x'], source: `function fxLeadingZeros(x) { let a = x; let r = 32.0; if (x < 0.0) { r = 0.0; } for (let n = 0; n < 24; n++) { if (a > 0.5) { r = r - 1.0; } a = Math.floor(a * 0.5); } return r; }` },
  /** toward zero, and `none` by zero; a quotient that was rounded is put right by what it leaves */
  fxQuotient: { args: ['x', 'y', 'none'], source: `function fxQuotient(x, y, none) { const a = Math.abs(x); const b = Math.abs(y); let q = none; if (b > 0.5) { q = Math.floor(a / b); const r = a - q * b; if (r < 0.0) { q = q - 1.0; } if (r >= b) { q = q + 1.0; } if (x * y < 0.0) { q = 0.0 - q; } } return q; }` },
  fxRemainder: { args: ['x', 'y'], source: `function fxRemainder(x, y) { const a = Math.abs(x); const b = Math.abs(y); let r = a; if (b > 0.5) { const q = Math.floor(a / b); r = a - q * b; if (r < 0.0) { r = r + b; } if (r >= b) { r = r - b; } } if (x < 0.0) { r = 0.0 - r; } return r; }` },
} as const;
