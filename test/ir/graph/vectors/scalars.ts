import type { ScalarName } from '../../../../src/ir/scalars.ts';
import { binary, byHand, digits, ieee, numpy, ours, stablehlo, unary, wraps, type AtLeastThree, type ScalarVector } from './vector.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const lowest = -2147483648, highest = 2147483647, all = 4294967295;
const near = { ulps: 1 } as const;

/** What each function of the vocabulary is, by example: `tsc` names a function without a row. */
export const scalarVectors: { readonly [F in ScalarName]: AtLeastThree<ScalarVector> } = {
  neg: [
    unary([0, -2], [-0, 2], ieee('5.5.1 negate: the sign of zero too')),
    unary([inf, -inf, nan], [-inf, inf, nan], ieee('5.5.1 negate')),
    unary([0, -2, lowest], [0, 2, lowest], `${stablehlo('negate')}; ${wraps}`, { dtype: 'i32' }),
    unary([0, 1, all], [0, all, 1], stablehlo('negate: unsigned by way of signed'), { dtype: 'u32' }),
  ],
  abs: [
    unary([-2, 0, 2, -0], [2, 0, 2, 0], ieee('5.5.1 abs')),
    unary([-inf, nan, -5e-324], [inf, nan, 5e-324], ieee('5.5.1 abs')),
    unary([-2, 7, lowest], [2, 7, lowest], wraps, { dtype: 'i32' }),
    unary([2, all], [2, all], byHand, { dtype: 'u32' }),
  ],
  sign: [
    unary([nan, -1, -0, 0, 1], [nan, -1, -0, 0, 1], stablehlo('sign, the example')),
    unary([-inf, inf, 5e-324, -5e-324], [-1, 1, 1, -1], stablehlo('sign')),
    unary([lowest, 0, highest], [-1, 0, 1], stablehlo('sign of integers'), { dtype: 'i32' }),
    unary([0, all], [0, 1], stablehlo('sign'), { dtype: 'u32' }),
  ],
  floor: [
    unary([2.5, -2.5, 2, -0.5], [2, -3, 2, -1], ieee('5.3.1 roundToIntegralTowardNegative')),
    unary([-0, 0.5], [-0, 0], ieee('6.3 the sign of a zero is the operand\'s')),
    unary([nan, inf, -inf], [nan, inf, -inf], ieee('5.3.1')),
    unary([2251799813685249.5, 1e300], [2251799813685249, 1e300], byHand),
  ],
  ceil: [
    unary([2.5, -2.5, 2, 0.5], [3, -2, 2, 1], ieee('5.3.1 roundToIntegralTowardPositive')),
    unary([-0.5, -0], [-0, -0], ieee('6.3 the sign of a zero is the operand\'s')),
    unary([nan, inf, -inf], [nan, inf, -inf], ieee('5.3.1')),
  ],
  round: [
    unary([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [-2, -2, -0, 0, 2, 2], `${stablehlo('round_nearest_even')}; ${ieee('5.3.1 and 6.3')}`),
    unary([0.49999999999999994, 2.6, -2.4, -0.2], [0, 3, -2, -0], ieee('5.3.1 roundToIntegralTiesToEven')),
    unary([nan, inf, -inf, -0], [nan, inf, -inf, -0], ieee('5.3.1')),
    unary([2251799813685249.5, 2251799813685250.5, 1e300], [2251799813685250, 2251799813685250, 1e300], byHand),
  ],
  exp: [
    unary([0, -0, inf, -inf, nan], [1, 1, inf, 0, nan], ieee('9.2.1')),
    unary([1, -1, 0.5, -3.25, 10], [2.718281828459045, 0.36787944117144233, 1.6487212707001282, 0.03877420783172201, 22026.465794806718], digits, near),
    unary([710, -746], [inf, 0], 'e^710 > 2^1024; e^-746 < 2^-1075'),
    unary([1, 89], [2.7182817459106445, inf], `${digits} and once more to f32; e^89 > 2^128`, { dtype: 'f32' }),
  ],
  expm1: [
    unary([0, -0, inf, -inf, nan], [0, -0, inf, -1, nan], ieee('9.2.1')),
    unary([1, -1, -0.25], [1.7182818284590453, -0.6321205588285577, -0.22119921692859512], digits, near),
    unary([1e-10, 5e-324], [1.00000000005e-10, 5e-324], `${digits}: nothing is lost near zero`, near),
  ],
  log: [
    unary([1, 0, -0, inf, -1, nan], [0, -inf, -inf, inf, nan, nan], ieee('9.2.1; 7.3 division by zero')),
    unary([1, 2, 10, 0.1], [0, 0.6931471805599453, 2.302585092994046, -2.3025850929940455], digits, near),
    unary([1e-300, 5e-324], [-690.7755278982137, -744.4400719213812], digits, near),
  ],
  log1p: [
    unary([0, -0, -1, inf, -2, nan], [0, -0, -inf, inf, nan, nan], ieee('9.2.1')),
    unary([1, -0.5, 7], [0.6931471805599453, -0.6931471805599453, 2.0794415416798357], digits, near),
    unary([1e-10, 5e-324], [9.999999999500001e-11, 5e-324], `${digits}: nothing is lost near zero`, near),
  ],
  sqrt: [
    unary([0, 1, 4, 9], [0, 1, 2, 3], stablehlo('sqrt, the example')),
    unary([-0, inf, -1, nan], [-0, inf, nan, nan], ieee('5.4.1 and 6.3: the root of -0 is -0')),
    unary([2, 0.5], [1.4142135623730951, 0.7071067811865476], `${digits}: squareRoot is correctly rounded`),
    unary([2], [1.4142135381698608], `${ieee('5.4.1')}, rounded to f32`, { dtype: 'f32' }),
  ],
  rsqrt: [
    unary([1, 4, 0.25, 16], [1, 0.5, 2, 0.25], byHand),
    unary([0, -0, inf, -1, nan], [inf, -inf, 0, nan, nan], ieee('9.2.1 rSqrt')),
    unary([2, 3, 0.5], [0.7071067811865476, 0.5773502691896257, 1.4142135623730951], digits, near),
  ],
  sin: [
    unary([0, -0, inf, nan], [0, -0, nan, nan], ieee('9.2.1')),
    unary([1, 0.5, 3, -2], [0.8414709848078965, 0.479425538604203, 0.1411200080598672, -0.9092974268256817], digits, near),
    unary([100, 1e-300], [-0.5063656411097588, 1e-300], digits, near),
  ],
  cos: [
    unary([0, -0, -inf, nan], [1, 1, nan, nan], ieee('9.2.1')),
    unary([1, 0.5, 3, -2], [0.5403023058681398, 0.8775825618903728, -0.9899924966004454, -0.4161468365471424], digits, near),
    unary([100, 1e-300], [0.8623188722876839, 1], digits, near),
  ],
  tanh: [
    unary([0, -0, inf, -inf, nan], [0, -0, 1, -1, nan], ieee('9.2.1')),
    unary([1, 0.5, -2], [0.7615941559557649, 0.46211715726000974, -0.9640275800758169], digits, near),
    unary([1e-10, 30], [1e-10, 1], digits, near),
  ],
  logistic: [
    unary([0, inf, -inf, nan], [0.5, 1, 0, nan], stablehlo('logistic: 1/(1 + exp(-x))')),
    unary([1, 2, -3], [0.7310585786300049, 0.8807970779778824, 0.04742587317756678], digits, { ulps: 2 }),
    unary([-40, 1000, -1000], [4.248354255291589e-18, 1, 0], digits, { ulps: 2 }),
  ],
  erf: [
    unary([0, -0, inf, -inf, nan], [0, -0, 1, -1, nan], 'odd, and 1 at infinity: Abramowitz and Stegun 7.1.9, 7.1.16'),
    unary([1, 0.5, -2], [0.8427007929497149, 0.5204998778130465, -0.9953222650189527], digits, { ulps: 2 }),
    unary([1e-10, 1.125, 1.25, 1.375, 3.5], [1.1283791670955126e-10, 0.8883882317017078, 0.9229001282564583, 0.9481700727820903, 0.9999992569016276], `${digits}: on both sides of where the method changes`, { ulps: 2 }),
  ],
  not: [
    unary([1, 2, 3, 4], [-2, -3, -4, -5], stablehlo('not, the example'), { dtype: 'i32' }),
    unary([1, 0], [0, 1], stablehlo('not, the example'), { dtype: 'bool' }),
    unary([0, 1, all], [all, 4294967294, 0], wraps, { dtype: 'u32' }),
  ],
  convert: [
    unary([2.9, -2.9, -0.5, 0], [2, -2, 0, 0], stablehlo('convert: the fraction is cut off'), { to: 'i32' }),
    unary([16777217, 16777219, 0.1], [16777216, 16777220, 0.10000000149011612], ieee('4.3.1 ties to even'), { to: 'f32' }),
    unary([-1, lowest, 5], [all, 2147483648, 5], wraps, { dtype: 'i32', to: 'u32' }),
    unary([all, 2147483648], [-1, lowest], wraps, { dtype: 'u32', to: 'i32' }),
    unary([0, -0, 0.5, nan, -inf], [0, 0, 1, 1, 1], stablehlo('convert: to bool by comparison with zero'), { to: 'bool' }),
    unary([1, 0], [1, 0], stablehlo('convert of bool'), { dtype: 'bool', to: 'f64' }),
    unary([all, 3], [4294967296, 3], ieee('5.4.1 convertFromInt'), { dtype: 'u32', to: 'f32' }),
    unary([nan, 4294967298, -2147483649, inf], [0, 2, highest, 0], ours('what does not fit wraps, NaN and infinity are 0, as ToInt32 of ECMAScript'), { to: 'i32' }),
  ],
  reducePrecision: [
    unary([1, -0, nan, inf], [1, -0, nan, inf], stablehlo('reduce_precision: to its own, the identity')),
    unary([16777217, 0.1], [16777216, 0.10000000149011612], ieee('4.3.1 ties to even'), { dtype: 'f32' }),
    unary([0.1, -0.1], [0.1, -0.1], 'the identity'),
  ],
  stopGradient: [
    unary([1, -0, nan, inf], [1, -0, nan, inf], 'the identity'),
    unary([lowest, 3], [lowest, 3], 'the identity', { dtype: 'i32' }),
    unary([1, 0], [1, 0], 'the identity', { dtype: 'bool' }),
  ],
  add: [
    binary([1, 0.1, -0], [2, 0.2, -0], [3, 0.30000000000000004, -0], ieee('5.4.1 addition, rounded once')),
    binary([inf, inf, 1, nan], [1, -inf, -1, 0], [inf, nan, 0, nan], ieee('6.1 and 7.2: ∞ − ∞ is invalid; 6.3: 1 + -1 is +0')),
    binary([highest, lowest, 1], [1, -1, 2], [lowest, highest, 3], wraps, { dtype: 'i32' }),
    binary([all, 5], [2, 6], [1, 11], wraps, { dtype: 'u32' }),
    binary([16777216, 1], [1, 2 ** -24], [16777216, 1], ieee('4.3.1 ties to even'), { dtype: 'f32' }),
  ],
  sub: [
    binary([6, 8, 10, 12], [5, 6, 7, 8], [1, 2, 3, 4], stablehlo('subtract, the example'), { dtype: 'f32' }),
    binary([inf, 0, -0, 1], [inf, 0, 0, nan], [nan, 0, -0, nan], ieee('6.3 and 7.2')),
    binary([lowest, 3], [1, 5], [highest, -2], wraps, { dtype: 'i32' }),
    binary([0, 5], [1, 2], [all, 3], wraps, { dtype: 'u32' }),
  ],
  mul: [
    binary([1, 2, 3, 4], [5, 6, 7, 8], [5, 12, 21, 32], stablehlo('multiply, the example'), { dtype: 'i32' }),
    binary([0, -1, inf, inf], [inf, 0, -2, nan], [nan, -0, -inf, nan], ieee('7.2: 0 × ∞ is invalid; 6.3 signs')),
    binary([65536, 2147483647, -3], [65536, 2147483647, 1431655766], [0, 1, -2], `${wraps}: 2³² is 0, (2³¹ − 1)² is 1, -3 · 1431655766 = -2 − 2³²`, { dtype: 'i32' }),
    binary([all, 65537], [all, 65537], [1, 131073], `${wraps}: (2³² − 1)² is 1, 65537² is 2³² + 131073`, { dtype: 'u32' }),
    binary([1 + 2 ** -23], [1 + 2 ** -23], [1 + 2 ** -22], 'the square is 1 + 2⁻²² + 2⁻⁴⁶, rounded to f32', { dtype: 'f32' }),
  ],
  div: [
    binary([17.1, -17.1, 17.1, -17.1], [3, 3, -3, -3], [5.7, -5.7, -5.7, 5.7], stablehlo('divide, the example')),
    binary([1, -1, 0, 1, inf], [0, 0, 0, -inf, inf], [inf, -inf, nan, -0, nan], ieee('7.2 and 7.3')),
    binary([17, -17, 17, -17], [3, 3, -3, -3], [5, -5, -5, 5], numpy('C division of integers: toward zero'), { dtype: 'i32' }),
    binary([5, -5, 0], [0, 0, 0], [-1, -1, -1], ours('StableHLO leaves division by zero open; all bits are set'), { dtype: 'i32' }),
    binary([lowest, all - 4294967290], [-1, 2], [lowest, 2], ours('the overflow of StableHLO wraps'), { dtype: 'i32' }),
    binary([all, 7, 7], [2, 2, 0], [highest, 3, all], `${byHand}; by zero all bits are set`, { dtype: 'u32' }),
    binary([1], [3], [0.3333333432674408], 'the float next to a third is 11184811 · 2⁻²⁵', { dtype: 'f32' }),
  ],
  rem: [
    binary([17, -17, 17, -17], [3, 3, -3, -3], [2, -2, 2, -2], stablehlo('remainder, the example'), { dtype: 'i32' }),
    binary([17.5, -17.5, 0.75, -6], [3, 3, -0.5, 3], [2.5, -2.5, 0.25, -0], stablehlo('remainder: lhs - trunc(lhs/rhs)·rhs, with the dividend\'s sign')),
    binary([1, inf, 5, nan], [0, 2, inf, 1], [nan, nan, 5, nan], 'fmod of C, F.10.7.1'),
    binary([5, lowest, -5], [0, -1, 0], [5, 0, -5], ours('what is left after a division by zero is the dividend'), { dtype: 'i32' }),
    binary([all, 7], [10, 0], [5, 7], `${byHand}; by zero the dividend`, { dtype: 'u32' }),
  ],
  pow: [
    binary([-2, -0, -36, 5, 3], [2, 2, 1.1, 2, -1], [4, 0, nan, 25, 0.3333333333333333], stablehlo('power, the example'), near),
    binary([0, -0, 2, nan, 0], [-1, -1, -inf, 0, 0], [inf, -inf, 0, 1, 1], ieee('9.2.1')),
    binary([2, 10, 1.1], [0.5, -0.25, 0.1], [1.4142135623730951, 0.5623413251903491, 1.009576582776887], digits, near),
    binary([1, -1, 1], [nan, inf, -inf], [nan, nan, nan], ours('as ECMAScript has it; IEEE 754, 9.2.1 gives 1')),
  ],
  max: [
    binary([1, 2, 7, 8], [5, 6, 3, 4], [5, 6, 7, 8], stablehlo('maximum, the example'), { dtype: 'i32' }),
    binary([nan, 1, -0, -0], [1, nan, 0, -0], [nan, nan, 0, -0], ieee('9.6 maximum: NaN wins, and -0 < 0')),
    binary([0, 1, 1], [1, 0, 1], [1, 1, 1], stablehlo('maximum of booleans: or'), { dtype: 'bool' }),
    binary([all, 0], [1, 2], [all, 2], 'unsigned order', { dtype: 'u32' }),
  ],
  min: [
    binary([1, 2, 7, 8], [5, 6, 3, 4], [1, 2, 3, 4], stablehlo('minimum, the example'), { dtype: 'i32' }),
    binary([nan, 1, -0, inf], [1, nan, 0, -inf], [nan, nan, -0, -inf], ieee('9.6 minimum: NaN wins, and -0 < 0')),
    binary([0, 1, 1], [1, 0, 1], [0, 0, 1], stablehlo('minimum of booleans: and'), { dtype: 'bool' }),
    binary([all, 0], [1, 2], [1, 0], 'unsigned order', { dtype: 'u32' }),
  ],
  and: [
    binary([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1], 'truth table', { dtype: 'bool' }),
    binary([12, -1, lowest], [10, 7, -1], [8, 7, lowest], 'bit by bit: 1100 and 1010', { dtype: 'i32' }),
    binary([all, 2863311530], [2147483648, all], [2147483648, 2863311530], 'bit by bit', { dtype: 'u32' }),
  ],
  or: [
    binary([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1], stablehlo('or, the example'), { dtype: 'bool' }),
    binary([1, 2, 3, 4], [5, 6, 7, 8], [5, 6, 7, 12], stablehlo('or, the example'), { dtype: 'i32' }),
    binary([2147483648, 1], [1, all], [2147483649, all], 'bit by bit', { dtype: 'u32' }),
  ],
  xor: [
    binary([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], 'truth table', { dtype: 'bool' }),
    binary([12, -1, 5], [10, 7, 5], [6, -8, 0], 'bit by bit: 1100 xor 1010', { dtype: 'i32' }),
    binary([all, 2147483648], [1, 1], [4294967294, 2147483649], 'bit by bit', { dtype: 'u32' }),
  ],
  shiftLeft: [
    binary([-1, 0, 1], [1, 2, 3], [-2, 0, 8], stablehlo('shift_left, the example'), { dtype: 'i32' }),
    binary([1, 1, 3], [31, 32, 31], [lowest, 0, lowest], `${wraps}; a shift of 32 leaves nothing`, { dtype: 'i32' }),
    binary([all, 1, 1], [1, 31, all], [4294967294, 2147483648, 0], 'a shift of 32 or more leaves nothing', { dtype: 'u32' }),
    binary([1], [-1], [0], ours('a negative count is a very large one'), { dtype: 'i32' }),
  ],
  shiftRightLogical: [
    binary([-1, 0, 8], [1, 2, 3], [highest, 0, 1], stablehlo('shift_right_logical, the example in 32 bits'), { dtype: 'i32' }),
    binary([-1, -1, 5], [31, 32, 0], [1, 0, 5], 'a shift of 32 leaves nothing', { dtype: 'i32' }),
    binary([all, 2147483648, 7], [4, 31, 40], [268435455, 1, 0], 'bit by bit', { dtype: 'u32' }),
  ],
  shiftRightArithmetic: [
    binary([-1, 0, 8], [1, 2, 3], [-1, 0, 1], stablehlo('shift_right_arithmetic, the example'), { dtype: 'i32' }),
    binary([lowest, lowest, -5, 5], [31, 32, 1, 40], [-1, -1, -3, 0], 'the sign fills what is left free', { dtype: 'i32' }),
    binary([all, 2147483648, 7], [4, 31, 1], [all, all, 3], ours('the highest bit of an unsigned word is taken for its sign'), { dtype: 'u32' }),
    binary([-7, 7], [-1, -1], [-1, 0], ours('a negative count is a very large one'), { dtype: 'i32' }),
  ],
  popcount: [
    unary([0, 1, 2, 127], [0, 1, 1, 7], stablehlo('popcnt, the example'), { dtype: 'i32' }),
    unary([-1, lowest, highest, -2], [32, 1, 31, 31], 'bit by bit', { dtype: 'i32' }),
    unary([all, 2147483648, 0x55555555, 0x0f0f0f0f], [32, 1, 16, 16], 'bit by bit', { dtype: 'u32' }),
  ],
  countLeadingZeros: [
    unary([0, 1, -1], [32, 31, 0], stablehlo('count_leading_zeros, the example in 32 bits'), { dtype: 'i32' }),
    unary([highest, lowest, 255, 256], [1, 0, 24, 23], 'bit by bit', { dtype: 'i32' }),
    unary([all, 0, 65535, 65536], [0, 32, 16, 15], 'bit by bit', { dtype: 'u32' }),
  ],
  isFinite: [
    unary([nan, -inf, inf, 1, -0], [0, 0, 0, 1, 1], stablehlo('is_finite')),
    unary([1.7976931348623157e308, -5e-324], [1, 1], ieee('5.7.2 isFinite')),
    unary([3.4028234663852886e38, 1e39, nan], [1, 0, 0], '10^39 is beyond the largest f32', { dtype: 'f32' }),
  ],
  atan2: [
    binary([0, -0, 0, -0, 0, -0], [0, 0, -0, -0, -1, -1], [0, -0, 3.141592653589793, -3.141592653589793, 3.141592653589793, -3.141592653589793], ieee('9.2.1 atan2 of zeros')),
    binary([1, -1, 1, -1], [0, 0, -0, -0], [1.5707963267948966, -1.5707963267948966, 1.5707963267948966, -1.5707963267948966], ieee('9.2.1 atan2 upon the axis')),
    binary([inf, inf, -inf, -inf, inf, -inf], [inf, -inf, inf, -inf, 1, -1], [0.7853981633974483, 2.356194490192345, -0.7853981633974483, -2.356194490192345, 1.5707963267948966, -1.5707963267948966], ieee('9.2.1 atan2 of infinities')),
    binary([1, -1, 1, nan, 1], [inf, inf, -inf, 1, nan], [0, -0, 3.141592653589793, nan, nan], ieee('9.2.1 atan2')),
    binary([1, -2, 3, -1, 1e300, 1], [2, 1, -4, -8, 1e300, -3], [0.4636476090008061, -1.1071487177940904, 2.498091544796509, -3.017237659043032, 0.7853981633974483, 2.819842099193151], digits, near),
  ],
  eq: [
    binary([1, nan, 0, inf], [1, nan, -0, -inf], [1, 0, 1, 0], ieee('5.11: NaN is unordered, 0 equals -0')),
    binary([highest, 3], [highest, 4], [1, 0], byHand, { dtype: 'i32' }),
    binary([0, 1, 1], [0, 0, 1], [1, 0, 1], 'truth table', { dtype: 'bool' }),
  ],
  ne: [
    binary([1, nan, 0, inf], [1, nan, -0, -inf], [0, 1, 0, 1], ieee('5.11')),
    binary([all, 3], [all, 4], [0, 1], byHand, { dtype: 'u32' }),
    binary([0, 1, 1], [0, 0, 1], [0, 1, 0], 'truth table', { dtype: 'bool' }),
  ],
  lt: [
    binary([1, 2, nan, -0, -inf], [2, 2, 1, 0, inf], [1, 0, 0, 0, 1], ieee('5.11')),
    binary([lowest, 1], [highest, 0], [1, 0], byHand, { dtype: 'i32' }),
    binary([all, 1], [1, all], [0, 1], 'unsigned order', { dtype: 'u32' }),
  ],
  le: [
    binary([1, 2, nan, 0, 3], [2, 2, nan, -0, 2], [1, 1, 0, 1, 0], ieee('5.11')),
    binary([lowest, 1, 2], [lowest, 0, 3], [1, 0, 1], byHand, { dtype: 'i32' }),
    binary([0, 1], [1, 0], [1, 0], 'false before true', { dtype: 'bool' }),
  ],
  gt: [
    binary([1, 2, nan, 0, inf], [2, 2, 1, -0, 1], [0, 0, 0, 0, 1], ieee('5.11')),
    binary([lowest, 1], [highest, 0], [0, 1], byHand, { dtype: 'i32' }),
    binary([all, 1], [1, all], [1, 0], 'unsigned order', { dtype: 'u32' }),
  ],
  ge: [
    binary([1, 2, nan, -0, 3], [2, 2, nan, 0, 2], [0, 1, 0, 1, 1], ieee('5.11')),
    binary([lowest, 1, 2], [lowest, 0, 3], [1, 1, 0], byHand, { dtype: 'i32' }),
    binary([all, 1], [1, all], [1, 0], 'unsigned order', { dtype: 'u32' }),
  ],
  select: [
    { of: [[1, 0], [1, 2], [3, 4]], dtype: 'f64', gives: [1, 4], from: stablehlo('select') },
    { of: [[0, 1], [nan, -0], [-0, nan]], dtype: 'f64', gives: [-0, -0], from: 'what is not chosen leaves no trace' },
    { of: [[1, 0, 1], [lowest, 1, 2], [3, highest, 4]], dtype: 'i32', gives: [lowest, highest, 2], from: stablehlo('select') },
    { of: [[1, 0], [0, 0], [1, 1]], dtype: 'bool', gives: [0, 1], from: stablehlo('select') },
  ],
};
