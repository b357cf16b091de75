import type { DType } from '../../core/dtype.ts';
import type { ScalarName } from '../../ir/scalars.ts';

/** A scalar function as JavaScript over operand texts; those of integer divisions and shifts are names, for they stand twice. `dtype` is the operands'. */
type Spelling = (args: readonly string[], dtype: DType) => string;

const call = (name: string): Spelling => (args) => `${name}(${args.join(', ')})`;
const test = (op: string): Spelling => ([x, y]) => `(${x} ${op} ${y} ? 1 : 0)`;
/** integers wrap */
const wrap = (text: string, dtype: DType): string => (dtype === 'i32' ? `(${text} | 0)` : dtype === 'u32' ? `(${text} >>> 0)` : text);
const infix = (op: string): Spelling => ([x, y], dtype) => wrap(`(${x} ${op} ${y})`, dtype);
const bits = (op: string): Spelling => ([x, y], dtype) => (dtype === 'u32' ? `((${x} ${op} ${y}) >>> 0)` : `(${x} ${op} ${y})`);
const whole = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32';

export const spellings: { readonly [K in ScalarName]: Spelling } = {
  neg: ([x], dtype) => wrap(`(-${x})`, dtype),
  abs: ([x], dtype) => wrap(`Math.abs(${x})`, dtype),
  sign: call('Math.sign'),
  floor: call('Math.floor'),
  ceil: call('Math.ceil'),
  round: call('round'),
  exp: call('Math.exp'),
  expm1: call('Math.expm1'),
  log: call('Math.log'),
  log1p: call('Math.log1p'),
  sqrt: call('Math.sqrt'),
  rsqrt: ([x]) => `(1 / Math.sqrt(${x}))`,
  sin: call('Math.sin'),
  cos: call('Math.cos'),
  tanh: call('Math.tanh'),
  logistic: ([x]) => `(1 / (1 + Math.exp(-${x})))`,
  erf: call('erf'),
  not: ([x], dtype) => (dtype === 'bool' ? `(${x} === 0 ? 1 : 0)` : wrap(`(~${x})`, dtype)),
  popcount: call('popcount'),
  countLeadingZeros: call('Math.clz32'),
  isFinite: ([x]) => `(Number.isFinite(${x}) ? 1 : 0)`,
  /** rounding is the conversion's own affair */
  convert: ([x]) => x,
  stopGradient: ([x]) => x,
  reducePrecision: ([x]) => x,
  add: infix('+'),
  sub: infix('-'),
  mul: ([x, y], dtype) => (whole(dtype) ? wrap(`Math.imul(${x}, ${y})`, dtype) : `(${x} * ${y})`),
  div: ([x, y], dtype) => (whole(dtype) ? wrap(`(${y} === 0 ? -1 : ${x} / ${y})`, dtype) : `(${x} / ${y})`),
  rem: ([x, y], dtype) => (whole(dtype) ? wrap(`(${y} === 0 ? ${x} : ${x} % ${y})`, dtype) : `(${x} % ${y})`),
  pow: call('Math.pow'),
  atan2: call('Math.atan2'),
  max: call('Math.max'),
  min: call('Math.min'),
  and: bits('&'),
  or: bits('|'),
  xor: bits('^'),
  shiftLeft: ([x, y], dtype) => wrap(`(${y} >>> 0 > 31 ? 0 : ${x} << ${y})`, dtype),
  shiftRightLogical: ([x, y], dtype) => wrap(`(${y} >>> 0 > 31 ? 0 : ${x} >>> ${y})`, dtype),
  shiftRightArithmetic: ([x, y], dtype) => wrap(`(${x} >> (${y} >>> 0 > 31 ? 31 : ${y}))`, dtype),
  eq: test('==='),
  ne: test('!=='),
  lt: test('<'),
  le: test('<='),
  gt: test('>'),
  ge: test('>='),
  select: ([c, x, y]) => `(${c} !== 0 ? ${x} : ${y})`,
};

/** What Math lacks; written into a module that calls it. */
export const helpers: { readonly [name: string]: string } = {
  round: `const round = (x) => { const down = Math.floor(x), rest = x - down; return rest !== 0.5 ? Math.round(x) : down % 2 === 0 ? down : Math.ceil(x); };`,
  fromF16: `const fromF16 = (h) => {
  const exponent = (h >> 10) & 31, fraction = h & 1023, sign = h & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};`,
  toF16: `const toF16 = ((real) => {
  const word = new Uint32Array(real.buffer);
  return (x) => {
    real[0] = x;
    const bits = word[0], sign = (bits >>> 16) & 0x8000, size = bits & 0x7fffffff;
    if (size > 0x7f800000) return sign | 0x7e00;
    if (size >= 0x477ff000) return sign | 0x7c00;
    if (size >= 0x38800000) return sign | ((size + 0xfff + ((size >>> 13) & 1) - 0x38000000) >>> 13);
    real[0] = Math.abs(real[0]) + 0.5;
    return sign | (word[0] - 0x3f000000);
  };
})(new Float32Array(1));`,
  fromBF16: `const fromBF16 = ((word) => {
  const real = new Float32Array(word.buffer);
  return (h) => { word[0] = h << 16; return real[0]; };
})(new Uint32Array(1));`,
  toBF16: `const toBF16 = ((real) => {
  const word = new Uint32Array(real.buffer);
  return (x) => {
    real[0] = x;
    const bits = word[0];
    return (bits & 0x7fffffff) > 0x7f800000 ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  };
})(new Float32Array(1));`,
  popcount: `const popcount = (x) => { let ones = 0; for (let rest = x >>> 0; rest !== 0; rest &= rest - 1) ones++; return ones; };`,
  // Chebyshev interpolants of erf(x)/x in x² on [0, 1] and of e^{x²}·erfc(x) in 1/(1 + x/2) on [1, 6], within 1e-16
  erf: `const erf = (x) => {
  const a = Math.abs(x);
  if (a < 1) {
    const s = 2 * x * x - 1;
    return x * (((((((((((-3.80659122412214e-13 * s + 9.21125018742823e-12) * s - 2.035231956483527e-10) * s + 4.115751500265885e-09) * s - 7.51156925108609e-08) * s + 1.2233827638093572e-06) * s - 1.75371694412802e-05) * s + 0.00021751715603563488) * s - 0.0022854855611440855) * s + 0.019852496688984218) * s - 0.1405360890227171) * s + 0.9654687386698673);
  }
  if (!(a < 6)) return a >= 6 ? Math.sign(x) : NaN;
  const s = 4.8 / (1 + 0.5 * a) - 2.2;
  const tail = Math.exp(-x * x) * ((((((((((((((1.8620989806815163e-11 * s - 7.290508535165398e-11) * s - 2.634243021000669e-10) * s + 2.622350032514279e-09) * s - 5.926361315281833e-10) * s - 7.005170205475373e-08) * s + 1.6350102372087984e-07) * s + 1.979561158209264e-06) * s - 7.340518284999869e-06) * s - 8.079220411804128e-05) * s + 0.00019713917776008889) * s + 0.0055888162818258785) * s + 0.038560570425181566) * s + 0.16189356804102537) * s + 0.2214295402299318);
  return x < 0 ? tail - 1 : 1 - tail;
};`,
};
