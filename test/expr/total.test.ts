import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import type { DType, Tensor } from 'fluxion';
import { roundTo, typedArray } from '../../src/core/dtype.ts';
import { erf } from '../../src/core/special.ts';
import { close, run } from './run.ts';

/** a result of an operation: as interpreted and as compiled, it has this dtype, this shape and these numbers */
interface Case { readonly make: () => Tensor<unknown>; readonly dtype: DType; readonly shape: readonly number[]; readonly wanted: readonly number[] }
const gives = (make: () => Tensor<unknown>, dtype: DType, shape: readonly number[], wanted: readonly number[]): Case => ({ make, dtype, shape, wanted });

const floats = ['f32', 'f64'] as const, integers = ['i32', 'u32'] as const, numbers = [...floats, ...integers] as const;
const samples: { readonly [D in DType]: readonly number[] } = {
  f16: [-2.5, -1, -0.5, 0, 0.5, 1.5, 2, 7], bf16: [-2.5, -1, -0.5, 0, 0.5, 1.5, 2, 7],
  f32: [-2.5, -1, -0.5, 0, 0.5, 1.5, 2, 7], f64: [-2.5, -1, -0.5, 0, 0.5, 1.5, 2, 7], i32: [-2147483648, -7, -1, 0, 1, 2, 7, 2147483647], u32: [0, 1, 2, 7, 31, 65535, 2147483648, 4294967295], bool: [0, 1, 1, 0, 0, 1, 0, 1],
};
const others: typeof samples = { ...samples, f16: [2, -1, 0.25, 1, 0.5, -2, 3, 7], bf16: [2, -1, 0.25, 1, 0.5, -2, 3, 7], f32: [2, -1, 0.25, 1, 0.5, -2, 3, 7], f64: [2, -1, 0.25, 1, 0.5, -2, 3, 7], i32: [-1, 2, -1, 5, 1, -3, 3, 2], u32: [3, 1, 5, 2, 31, 65537, 2, 4294967295], bool: [0, 0, 1, 1, 0, 1, 1, 0] };
const tensor = (dtype: DType, data: readonly number[], shape: readonly number[]): never => {
  // SAFETY: an array of the dtype that its caller asks for
  return t.arrayOf(dtype, typedArray<DType>(dtype, data) as never, [...shape]) as never;
};
const rounded = (dtype: DType, x: number): number => (dtype === 'bool' ? Number(x !== 0) : roundTo[dtype](x));

type Plain = (...xs: readonly number[]) => number;
/** over every dtype: one operand, its function, and for a bool result that */
const unary = (f: (x: never) => Tensor<unknown>, of: Plain, dtypes: readonly DType[], domain: (x: number) => boolean = () => true): readonly Case[] => dtypes.map((dtype) => {
  const xs = samples[dtype].filter(domain);
  return gives(() => f(tensor(dtype, xs, [xs.length])), dtype, [xs.length], xs.map((x) => rounded(dtype, of(x))));
});
/** two operands, of one shape and broadcast; `result` where it is another dtype */
const binary = (f: (x: never, y: never) => Tensor<unknown>, of: Plain, dtypes: readonly DType[], { result, domain = () => true }: { readonly result?: DType; readonly domain?: (x: number, y: number) => boolean } = {}): readonly Case[] => dtypes.flatMap((dtype) => {
  const pairs = samples[dtype].map((x, i) => [x, others[dtype][i]] as const).filter(([x, y]) => domain(x, y)), [xs, ys] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
  const out = result ?? dtype, column = pairs.slice(0, 2).map((p) => p[0]), row = pairs.slice(-3).map((p) => p[1]);
  const table = column.flatMap((x) => row.map((y) => [x, y] as const)).every(([x, y]) => domain(x, y));
  return [
    gives(() => f(tensor(dtype, xs, [xs.length]), tensor(dtype, ys, [xs.length])), out, [xs.length], xs.map((x, i) => rounded(out, of(x, ys[i])))),
    gives(() => f(tensor(dtype, [], [0, 3]), tensor(dtype, row, [3])), out, [0, 3], []),
    ...(table ? [gives(() => f(tensor(dtype, column, [2, 1]), tensor(dtype, row, [3])), out, [2, 3], column.flatMap((x) => row.map((y) => rounded(out, of(x, y)))))] : []),
  ];
});
/** exact in 64 bits, then wrapped */
const wide = (of: (x: bigint, y: bigint) => bigint, float: Plain): Plain => (x, y) => (Number.isInteger(x) && Number.isInteger(y) ? Number(BigInt.asIntN(32, of(BigInt(x), BigInt(y)))) : float(x, y));
const safe = (y: number): boolean => y !== 0;
const even = (x: number): number => { const r = Math.round(x); return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r; };
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x)), softplus = (x: number): number => Math.log1p(Math.exp(x));
/** a shift by fewer than 32 bits, and by more */
const shifted = (of: Plain, beyond: Plain): Plain => (x, n) => (n >>> 0 > 31 ? beyond(x, n) : of(x, n));
const tests = (f: (x: never) => Tensor<unknown>, wanted: readonly number[]): readonly Case[] => floats.map((d) => gives(() => f(tensor(d, [1, Infinity, -Infinity, NaN, 1e38], [5])), 'bool', [5], wanted));
const bools = (...xs: readonly number[]): never => tensor('bool', xs, [xs.length]);

const cube = Array.from({ length: 24 }, (_, i) => ((7 * i) % 24) - 11), at = (i: number, j: number, k: number): number => cube[12 * i + 4 * j + k];
/** a reduction of a cube over every dtype: of all, along axes from both ends, kept, and of nothing */
const reduction = (f: (x: never, axis?: never, options?: never) => Tensor<unknown>, of: (xs: readonly number[]) => number, dtypes: readonly DType[], { result, nothing }: { readonly result?: DType; readonly nothing?: number } = {}): readonly Case[] => dtypes.flatMap((dtype) => {
  const out = result ?? dtype, cast = (x: number): number => rounded(dtype, dtype === 'u32' ? Math.abs(x) : dtype === 'bool' ? Number(x > 8) : x), data = cube.map(cast), x = () => tensor(dtype, data, [2, 3, 4]);
  const line = (n: number, pick: (i: number) => number): readonly number[] => Array.from({ length: n }, (_, i) => cast(pick(i)));
  const asArg = (v: unknown): never => v as never;
  const middle = [0, 1].flatMap((i) => [0, 1, 2, 3].map((k) => rounded(out, of(line(3, (j) => at(i, j, k)))))), last = [0, 1].flatMap((i) => [0, 1, 2].map((j) => rounded(out, of(line(4, (k) => at(i, j, k))))));
  return [
    gives(() => f(x(), asArg(-2)), out, [2, 4], middle),
    gives(() => f(x(), asArg(2), asArg({ keepdims: true })), out, [2, 3, 1], last),
    ...(nothing === undefined ? [] : [gives(() => f(tensor(dtype, [], [2, 0]), asArg(-1)), out, [2], [nothing, nothing].map((v) => rounded(out, v)))]),
  ];
});
const total = (f: (x: never, axis?: never, options?: never) => Tensor<unknown>, of: (xs: readonly number[]) => number): Case => gives(() => f(tensor('f64', cube, [2, 3, 4])), 'f64', [], [of(cube)]);
const add = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0), mean = (xs: readonly number[]): number => add(xs) / xs.length;
const variance = (xs: readonly number[]): number => mean(xs.map((x) => (x - mean(xs)) ** 2)), lse = (xs: readonly number[]): number => Math.log(add(xs.map(Math.exp)));
/** along the last axis and along one from the front */
const along = (f: (x: never, axis?: never) => Tensor<unknown>, of: (xs: readonly number[]) => readonly number[]): readonly Case[] => floats.flatMap((dtype) => [
  gives(() => f(tensor(dtype, [1, 2, 3, 0, 0, 0], [2, 3])), dtype, [2, 3], [...of([1, 2, 3]), ...of([0, 0, 0])]),
  gives(() => f(tensor(dtype, [1, 2, 3, 0, 0, 0], [2, 3]), 0 as never), dtype, [2, 3], [1, 2, 3].map((x) => of([x, 0])[0]).concat([1, 2, 3].map((x) => of([x, 0])[1]))),
]);
/** along a row of 5 and along columns, either way, with and without the element itself */
const cumulative = (f: (x: never, axis?: never, options?: t.CumulativeOptions) => Tensor<unknown>, of: (a: number, b: number) => number, identity: number, dtypes: readonly DType[]): readonly Case[] => dtypes.flatMap((dtype) =>
  [true, false].flatMap((reverse) => [true, false].flatMap((exclusive) => [[3, 1, 2, 5, 1], [2], []].flatMap((xs) => {
    const turned = (ys: readonly number[]): readonly number[] => (reverse ? [...ys].reverse() : ys);
    const sums = (ys: readonly number[]): readonly number[] => { const all = turned(ys).reduce<readonly number[]>((before, y) => [...before, of(before.at(-1) ?? identity, y)], []); return turned(exclusive ? [identity, ...all].slice(0, ys.length) : all); };
    const own = sums(xs), two = xs.flatMap((x) => [x, x]);
    return [gives(() => f(tensor(dtype, xs, [1, xs.length]), undefined, { reverse, exclusive }), dtype, [1, xs.length], own), gives(() => f(tensor(dtype, two, [xs.length, 2]), 0 as never, { reverse, exclusive }), dtype, [xs.length, 2], own.flatMap((x) => [x, x]))];
  }))));
const everywhere = (make: (dtype: DType) => Case): readonly Case[] => ([...numbers, 'bool'] as const).map(make);
const six = [1, 0, 1, 1, 0, 0];
/** parts of rows, at a row and a column */
const across = { updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0, 1], indexVectorDim: 1 } as const;

/** every operation by its exported name */
const table: { readonly [operation: string]: readonly Case[] } = {
  add: binary(t.add, wide((x, y) => x + y, (x, y) => x + y), numbers),
  sub: binary(t.sub, wide((x, y) => x - y, (x, y) => x - y), numbers),
  mul: binary(t.mul, wide((x, y) => x * y, (x, y) => x * y), numbers),
  div: [...binary(t.div, (x, y) => x / y, floats), ...binary(t.div, wide((x, y) => x / y, Math.trunc), integers, { domain: (_, y) => safe(y) })],
  rem: [...binary(t.rem, (x, y) => x % y, floats, { domain: (_, y) => safe(y) }), ...binary(t.rem, (x, y) => x % y, integers, { domain: (_, y) => safe(y) })],
  atan2: binary(t.atan2, Math.atan2, floats), hypot: binary(t.hypot, Math.hypot, floats), logaddexp: binary(t.logaddexp, (x, y) => Math.log(Math.exp(x) + Math.exp(y)), floats),
  remainder: binary(t.remainder, (x, y) => (y === 0 ? x : x - y * Math.floor(x / y)), [...floats, ...integers], { domain: (_, y) => safe(y) }),
  pow: binary(t.pow, Math.pow, floats), maximum: binary(t.maximum, Math.max, numbers), minimum: binary(t.minimum, Math.min, numbers),
  equal: binary(t.equal, (x, y) => Number(x === y), [...numbers, 'bool'], { result: 'bool' }), notEqual: binary(t.notEqual, (x, y) => Number(x !== y), [...numbers, 'bool'], { result: 'bool' }),
  less: binary(t.less, (x, y) => Number(x < y), numbers, { result: 'bool' }), lessEqual: binary(t.lessEqual, (x, y) => Number(x <= y), numbers, { result: 'bool' }),
  greater: binary(t.greater, (x, y) => Number(x > y), numbers, { result: 'bool' }), greaterEqual: binary(t.greaterEqual, (x, y) => Number(x >= y), numbers, { result: 'bool' }),
  logicalAnd: binary(t.logicalAnd, (x, y) => x & y, ['bool']), logicalOr: binary(t.logicalOr, (x, y) => x | y, ['bool']), logicalXor: binary(t.logicalXor, (x, y) => x ^ y, ['bool']),
  logicalNot: unary(t.logicalNot, (x) => 1 - x, ['bool']),
  bitwiseAnd: binary(t.bitwiseAnd, (x, y) => x & y, integers), bitwiseOr: binary(t.bitwiseOr, (x, y) => x | y, integers), bitwiseXor: binary(t.bitwiseXor, (x, y) => x ^ y, integers), bitwiseNot: unary(t.bitwiseNot, (x) => ~x, integers),
  shiftLeft: binary(t.shiftLeft, shifted((x, n) => x << n, () => 0), integers), shiftRightLogical: binary(t.shiftRightLogical, shifted((x, n) => x >>> n, () => 0), integers),
  shiftRightArithmetic: binary(t.shiftRightArithmetic, shifted((x, n) => x >> n, (x) => x >> 31), integers),
  popcount: unary(t.popcount, (x) => [...(x >>> 0).toString(2)].filter((d) => d === '1').length, integers), countLeadingZeros: unary(t.countLeadingZeros, (x) => (x === 0 ? 32 : 32 - (x >>> 0).toString(2).length), integers),
  isFinite: tests(t.isFinite, [1, 0, 0, 0, 1]), isInf: tests(t.isInf, [0, 1, 1, 0, 0]), isNaN: tests(t.isNaN, [0, 0, 0, 1, 0]),
  tan: unary(t.tan, Math.tan, floats), asin: unary(t.asin, Math.asin, floats), acos: unary(t.acos, Math.acos, floats), atan: unary(t.atan, Math.atan, floats), sinh: unary(t.sinh, Math.sinh, floats), cosh: unary(t.cosh, Math.cosh, floats),
  asinh: unary(t.asinh, Math.asinh, floats), acosh: unary(t.acosh, Math.acosh, floats), atanh: unary(t.atanh, Math.atanh, floats), exp2: unary(t.exp2, (x) => 2 ** x, floats), log2: unary(t.log2, Math.log2, floats), log10: unary(t.log10, Math.log10, floats), cbrt: unary(t.cbrt, Math.cbrt, floats),
  // erf⁻¹(½), as mpmath gives it
  erfInv: floats.map((d) => gives(() => t.erfInv(tensor(d, [0.5, 0, -0.5, 1, 2], [5])), d, [5], [0.4769362762044699, 0, -0.4769362762044699, Infinity, NaN])),
  neg: unary(t.neg, (x) => -x, numbers), abs: unary(t.abs, Math.abs, [...floats, 'u32']), sign: unary(t.sign, Math.sign, numbers), stopGradient: unary(t.stopGradient, (x) => x, numbers),
  square: unary(t.square, (x) => (Number.isInteger(x) ? Math.imul(x, x) : x * x), numbers), relu: unary(t.relu, (x) => Math.max(x, 0), numbers),
  floor: unary(t.floor, Math.floor, floats), ceil: unary(t.ceil, Math.ceil, floats), round: unary(t.round, even, floats),
  exp: unary(t.exp, Math.exp, floats), expm1: unary(t.expm1, Math.expm1, floats), log: unary(t.log, Math.log, floats), log1p: unary(t.log1p, Math.log1p, floats),
  sqrt: unary(t.sqrt, Math.sqrt, floats), rsqrt: unary(t.rsqrt, (x) => 1 / Math.sqrt(x), floats), reciprocal: unary(t.reciprocal, (x) => 1 / x, floats),
  sin: unary(t.sin, Math.sin, floats), cos: unary(t.cos, Math.cos, floats), tanh: unary(t.tanh, Math.tanh, floats), erf: unary(t.erf, erf, floats),
  sigmoid: unary(t.sigmoid, sigmoid, floats), logistic: unary(t.logistic, sigmoid, floats),
  softplus: unary(t.softplus, softplus, floats), logSigmoid: unary(t.logSigmoid, (x) => -softplus(-x), floats), silu: unary(t.silu, (x) => x * sigmoid(x), floats),
  mish: unary(t.mish, (x) => x * Math.tanh(softplus(x)), floats), softsign: unary(t.softsign, (x) => x / (1 + Math.abs(x)), floats), relu6: unary(t.relu6, (x) => Math.min(6, Math.max(0, x)), floats),
  hardSigmoid: unary(t.hardSigmoid, (x) => Math.min(1, Math.max(0, x / 6 + 0.5)), floats), hardSwish: unary(t.hardSwish, (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)), floats),
  selu: unary(t.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)), floats), step: unary(t.step, (x) => Number(x >= 0), floats),
  gelu: unary(t.gelu, (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)), floats), elu: unary(t.elu, (x) => (x > 0 ? x : Math.expm1(x)), floats), leakyRelu: unary(t.leakyRelu, (x) => (x > 0 ? x : x * 0.01), floats),
  clamp: unary((x: Tensor) => t.clamp(x, 1, 2), (x) => Math.min(2, Math.max(1, x)), numbers),
  convert: [
    gives(() => t.convert(tensor('f32', [-1.9, 0.5, 2.5], [3]), 'i32'), 'i32', [3], [-1, 0, 2]), gives(() => t.convert(tensor('i32', [-1, 0, 7], [3]), 'u32'), 'u32', [3], [4294967295, 0, 7]),
    gives(() => t.convert(tensor('u32', [4294967295, 1], [2]), 'i32'), 'i32', [2], [-1, 1]), gives(() => t.convert(tensor('f64', [0.1], [1]), 'f32'), 'f32', [1], [Math.fround(0.1)]),
    gives(() => t.convert(tensor('f32', [0, -0.5, 3], [3]), 'bool'), 'bool', [3], [0, 1, 1]), gives(() => t.convert(bools(0, 1), 'f64'), 'f64', [2], [0, 1]),
  ],
  where: everywhere((d) => gives(() => t.where(tensor('bool', [1, 0], [2, 1]), tensor(d, [1, 0, 1], [3]), tensor(d, [0], [])), d, [2, 3], [1, 0, 1, 0, 0, 0])),
  select: everywhere((d) => gives(() => t.select(bools(0, 1), tensor(d, [1, 0], [2]), tensor(d, [0, 1], [2])), d, [2], [0, 0])),

  reshape: everywhere((d) => gives(() => t.reshape(tensor(d, six, [2, 3]), [3, -1]), d, [3, 2], six)), transpose: everywhere((d) => gives(() => t.transpose(tensor(d, six, [2, 3])), d, [3, 2], [1, 1, 0, 0, 1, 0])),
  permute: everywhere((d) => gives(() => t.permute(tensor(d, six, [1, 2, 3]), [-1, 0, 1]), d, [3, 1, 2], [1, 1, 0, 0, 1, 0])), broadcastTo: everywhere((d) => gives(() => t.broadcastTo(tensor(d, [1, 0], [2, 1]), [2, 2, 2]), d, [2, 2, 2], [1, 1, 0, 0, 1, 1, 0, 0])),
  expandDims: everywhere((d) => gives(() => t.expandDims(tensor(d, six, [2, 3]), -2), d, [2, 1, 3], six)), squeeze: everywhere((d) => gives(() => t.squeeze(tensor(d, six, [6, 1]), -1), d, [6], six)),
  slice: [...everywhere((d) => gives(() => t.slice(tensor(d, six, [2, 3]), -1, -2, 3), d, [2, 2], [0, 1, 0, 0])), gives(() => t.slice(tensor('f32', six, [6]), 0, 1, 6, 2), 'f32', [3], [0, 1, 0]), gives(() => t.slice(tensor('i32', six, [6]), 0, 2, 2), 'i32', [0], [])],
  splitAt: everywhere((d) => gives(() => t.splitAt(tensor(d, six, [6]), -1, [1, 2, 3])[1], d, [2], [0, 1])),
  pad: [...everywhere((d) => gives(() => t.pad(tensor(d, [1, 1], [2]), [1], [2], { interior: [1] }), d, [6], [0, 1, 0, 1, 0, 0])), gives(() => t.pad(tensor('f32', [1, 2, 3], [3]), [-1], [0], { value: 9 }), 'f32', [2], [2, 3])],
  reverse: everywhere((d) => gives(() => t.reverse(tensor(d, six, [2, 3]), [-1]), d, [2, 3], [1, 0, 1, 0, 0, 1])),
  concat: everywhere((d) => gives(() => t.concat([tensor(d, [1, 1], [2, 1]) as Tensor, tensor(d, [], [2, 0]) as Tensor, tensor(d, [0, 1, 1, 0], [2, 2]) as Tensor], -1 as never), d, [2, 3], [1, 0, 1, 1, 1, 0])),
  stack: everywhere((d) => gives(() => t.stack([tensor(d, [1, 0], [2]) as Tensor, tensor(d, [0, 1], [2]) as Tensor] as never, -1), d, [2, 2], [1, 0, 0, 1])),

  sum: [...reduction(t.sum, add, numbers, { nothing: 0 }), total(t.sum, add)], mean: [...reduction(t.mean, mean, floats), total(t.mean, mean)], prod: [...reduction(t.prod, (xs) => xs.reduce((a, b) => Math.imul(a, b), 1), integers, { nothing: 1 }), ...reduction(t.prod, (xs) => xs.reduce((a, b) => a * b, 1), floats, { nothing: 1 })],
  max: [...reduction(t.max, (xs) => Math.max(...xs), numbers), ...reduction(t.max, (xs) => Math.max(...xs), floats, { nothing: -Infinity }), total(t.max, (xs) => Math.max(...xs))], min: [...reduction(t.min, (xs) => Math.min(...xs), numbers), ...reduction(t.min, (xs) => Math.min(...xs), floats, { nothing: Infinity })],
  all: reduction(t.all, (xs) => Math.min(...xs), ['bool'], { nothing: 1 }), any: reduction(t.any, (xs) => Math.max(...xs), ['bool'], { nothing: 0 }),
  argmax: reduction(t.argmax, (xs) => xs.indexOf(Math.max(...xs)), numbers, { result: 'i32' }), argmin: reduction(t.argmin, (xs) => xs.indexOf(Math.min(...xs)), numbers, { result: 'i32' }),
  variance: [...reduction(t.variance, variance, floats), total(t.variance, variance)], logSumExp: [...reduction(t.logSumExp, lse, floats, { nothing: -Infinity }), total(t.logSumExp, lse)],
  softmax: along(t.softmax, (xs) => xs.map((x) => Math.exp(x - lse(xs)))), logSoftmax: along(t.logSoftmax, (xs) => xs.map((x) => x - lse(xs))),

  matmul: numbers.flatMap((d) => [gives(() => t.matmul(tensor(d, [1, 2, 3, 4, 5, 6], [2, 3]), tensor(d, [1, 0, 0, 1, 1, 1], [3, 2]) as never), d, [2, 2], [4, 5, 10, 11]), gives(() => t.matmul(tensor(d, [], [2, 0]), tensor(d, [], [0, 3]) as never), d, [2, 3], [0, 0, 0, 0, 0, 0])]),
  dotGeneral: numbers.map((d) => gives(() => t.dotGeneral(tensor(d, [1, 2, 3, 4], [2, 2]) as Tensor, tensor(d, [1, 2, 3, 4], [2, 2]) as never, { batch: [[1], [1]], contract: [[0], [0]] }), d, [2], [10, 20])),
  einsum: numbers.map((d) => gives(() => t.einsum('ij,kj->ki' as never, tensor(d, [1, 2, 3, 4], [2, 2]), tensor(d, [1, 1, 0, 2], [2, 2])), d, [2, 2], [3, 7, 4, 8])),
  take: [...everywhere((d) => gives(() => t.take(tensor(d, six, [3, 2]), tensor('i32', [2, 0, -4, 9], [2, 2]) as never), d, [2, 2, 2], [0, 0, 1, 0, 1, 0, 0, 0])), gives(() => t.take(tensor('f32', [5, 6, 7], [3]), tensor('u32', [2, 0], [2]) as never), 'f32', [2], [7, 5])],
  dynamicSlice: everywhere((d) => gives(() => t.dynamicSlice(tensor(d, six, [3, 2]) as Tensor<[3, 2]>, [t.constant(1, 'i32'), 5], [2, 1]), d, [2, 1], [1, 0])),
  dynamicUpdateSlice: everywhere((d) => gives(() => t.dynamicUpdateSlice(tensor(d, six, [3, 2]) as Tensor, tensor(d, [0, 1], [2, 1]), [9, 0]), d, [3, 2], [1, 0, 0, 1, 1, 0])),
  // columns 1 and 2 of row 2; then, of a start that moves back, of row 0
  gather: everywhere((d) => gives(() => t.gather(tensor(d, [1, 0, 1, 1, 0, 0, 0, 0, 1], [3, 3]) as Tensor, t.intArray([2, 1, -5, 9], [2, 2]), { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0, 1], indexVectorDim: 1, sliceSizes: [1, 2] }), d, [2, 2], [0, 1, 0, 1])),
  scatter: [
    ...everywhere((d) => gives(() => t.scatter(tensor(d, six, [2, 3]) as Tensor, t.intArray([1, 2, 0, 0], [2, 2]), tensor(d, [1, 1, 0, 0], [2, 2]), { ...across, kind: 'set' }), d, [2, 3], [0, 0, 1, 1, 0, 1])),
    ...numbers.flatMap((d) => (['add', 'min', 'max'] as const).map((kind) => gives(() => t.scatter(tensor(d, [5, 6, 7], [1, 3]) as Tensor, t.intArray([0, 0, 0, 1], [2, 2]), tensor(d, [4, 9, 8, 1], [2, 2]), { ...across, kind }), d, [1, 3], { add: [9, 23, 8], min: [4, 6, 1], max: [5, 9, 7] }[kind]))),
  ],
  scatterAdd: numbers.map((d) => gives(() => t.scatterAdd(tensor(d, six, [3, 2]) as Tensor, t.intArray([2, 0, 2, 3], [4]), tensor(d, [1, 2, 3, 4, 5, 6, 7, 8], [4, 2])), d, [3, 2], [4, 4, 1, 1, 6, 8])),
  scatterSet: everywhere((d) => gives(() => t.scatterSet(tensor(d, six, [6]) as Tensor, t.intArray([1, 2, 1, -1], [2, 2]), tensor(d, [0, 0, 1, 0], [2, 2])), d, [6], [1, 1, 0, 1, 0, 0])),
  scatterMin: numbers.map((d) => gives(() => t.scatterMin(tensor(d, [5, 6], [2]) as Tensor, t.intArray([0, 0, 1], [3]), tensor(d, [4, 3, 7], [3])), d, [2], [3, 6])),
  scatterMax: numbers.map((d) => gives(() => t.scatterMax(tensor(d, [5, 6], [2]) as Tensor, t.intArray([0, 0, 1], [3]), tensor(d, [4, 8, 7], [3])), d, [2], [8, 7])),
  takeAlong: everywhere((d) => gives(() => t.takeAlong(tensor(d, six, [2, 3]) as Tensor, t.intArray([1, -1, 1, 9], [2, 2]), 1), d, [2, 2], [0, 1, 0, 0])).concat(
    everywhere((d) => gives(() => t.takeAlong(tensor(d, six, [2, 3]) as Tensor, t.intArray([1, 0, 1], [1, 3]), 0), d, [1, 3], [1, 0, 0]))),
  segmentSum: numbers.flatMap((d) => [gives(() => t.segmentSum(tensor(d, [1, 2, 3, 4], [4]) as Tensor<[4]>, t.intArray([1, 0, 1, 3], [4]), 3), d, [3], [2, 4, 0]), gives(() => t.segmentSum(tensor(d, [1, 2, 3, 4], [2, 2]) as Tensor<[2, 2]>, t.intArray([1, 1], [2]), 2), d, [2, 2], [0, 0, 4, 6])]),
  segmentMean: floats.map((d) => gives(() => t.segmentMean(tensor(d, [1, 2, 3, 4, 6, 8], [3, 2]) as Tensor<[3, 2], 'f32'>, t.intArray([0, 2, 2], [3]), 3), d, [3, 2], [1, 2, 0, 0, 4.5, 6])),
  segmentMax: numbers.map((d) => gives(() => t.segmentMax(tensor(d, [1, 4, 3], [3]) as Tensor<[3]>, t.intArray([0, 0, 1], [3]), 3), d, [3], [4, 3, d === 'i32' ? -2147483648 : d === 'u32' ? 0 : -Infinity])),
  segmentMin: numbers.map((d) => gives(() => t.segmentMin(tensor(d, [1, 4, 3], [3]) as Tensor<[3]>, t.intArray([0, 0, 1], [3]), 3), d, [3], [1, 3, d === 'i32' ? 2147483647 : d === 'u32' ? 4294967295 : Infinity])),
  cumsum: cumulative(t.cumsum, (a, b) => a + b, 0, numbers), cumprod: cumulative(t.cumprod, (a, b) => a * b, 1, numbers),
  cummax: cumulative(t.cummax, Math.max, -Infinity, floats), cummin: cumulative(t.cummin, Math.min, Infinity, floats),
  cumlogsumexp: [...cumulative(t.cumlogsumexp, (a, b) => Math.log(Math.exp(a) + Math.exp(b)), -Infinity, floats), gives(() => t.cumlogsumexp(tensor('f64', [-1000, 1000, -Infinity, 2000], [4]) as Tensor<[4], 'f64'>), 'f64', [4], [-1000, 1000, 1000, 2000])],
  argsort: [...numbers.map((d) => gives(() => t.argsort(tensor(d, [3, 1, 2, 1], [4]) as Tensor<[4]>), 'i32', [4], [1, 3, 2, 0])), gives(() => t.argsort(bools(1, 0, 1) as Tensor<[3]>, -1, { descending: true }), 'i32', [3], [0, 2, 1])],
  sort: everywhere((d) => gives(() => t.sort(tensor(d, six, [3, 2]) as Tensor<[3, 2]>, 0), d, [3, 2], [0, 0, 1, 0, 1, 1])).concat(numbers.map((d) => gives(() => t.sort(tensor(d, [3, 1, 2, 7], [2, 2]) as Tensor<[2, 2]>, 1, { descending: true }), d, [2, 2], [3, 1, 7, 2]))),
  sortTogether: everywhere((d) => gives(() => t.sortTogether([t.intArray([2, 1, 2, 0, 1, 0], [6]), tensor(d, six, [6]) as Tensor])[1], d, [6], [1, 0, 0, 0, 1, 1])),
  topK: numbers.map((d) => gives(() => t.topK(tensor(d, [3, 1, 2, 7, 8, 9], [2, 3]) as Tensor<[2, 3]>, 2).values, d, [2, 2], [3, 2, 9, 8])),
  searchSorted: numbers.flatMap((d) => (['left', 'right'] as const).map((side) => gives(() => t.searchSorted(tensor(d, [1, 2, 2, 4], [4]) as Tensor<[4]>, tensor(d, [0, 2, 3, 5], [2, 2]), side), 'i32', [2, 2], side === 'left' ? [0, 1, 3, 4] : [0, 3, 3, 4]))),
  oneHot: everywhere((d) => gives(() => t.oneHot(t.intArray([1, 0, 3], [3]), 2, d), d, [3, 2], [0, 1, 1, 0, 0, 0])),
  pick: numbers.map((d) => gives(() => t.pick(tensor(d, [1, 2, 3, 4, 5, 6], [2, 3]) as Tensor, t.intArray([2, 5], [2])), d, [2], [3, 0])),
  iota: [gives(() => t.iota(4), 'i32', [4], [0, 1, 2, 3]), gives(() => t.iota(0), 'i32', [0], [])],
  constant: [gives(() => t.constant(0.5), 'f32', [], [0.5]), ...everywhere((d) => gives(() => t.constant(1, d), d, [], [1]))], full: everywhere((d) => gives(() => t.full([2], 1, d), d, [2], [1, 1])),
  zeros: everywhere((d) => gives(() => t.zeros([2], d), d, [2], [0, 0])), ones: everywhere((d) => gives(() => t.ones([1, 2], d), d, [1, 2], [1, 1])),
  zerosLike: everywhere((d) => gives(() => t.zerosLike(tensor(d, six, [6]) as Tensor), d, [6], [0, 0, 0, 0, 0, 0])), onesLike: everywhere((d) => gives(() => t.onesLike(tensor(d, six, [6]) as Tensor), d, [6], [1, 1, 1, 1, 1, 1])),
  assertShape: everywhere((d) => gives(() => t.assertShape(tensor(d, six, [2, 3]) as Tensor, [2, 3]), d, [2, 3], six)),
  array: [gives(() => t.array([[1, 2], [3, 4]]), 'f32', [2, 2], [1, 2, 3, 4])], intArray: [gives(() => t.intArray(Uint8Array.of(1, 255), [2]), 'i32', [2], [1, 255])], arrayOf: everywhere((d) => gives(() => tensor(d, six, [6]), d, [6], six)),
  treeDot: [gives(() => t.treeDot({ a: t.array([1, 2], [2]), b: t.array(3) }, { a: t.array([4, 5], [2]), b: t.array(6) }), 'f32', [], [32])],
  checkpoint: [gives(() => t.checkpoint((x: t.F32<[2]>) => t.mul(x, 2))(t.array([1, 2], [2])), 'f32', [2], [2, 4])],
};

/** what is no operation on tensors, or is tested where it stands: functions and transformations (transforms.test.ts, vmap.test.ts, jacobians.test.ts), keys and what is drawn from them (threefry.test.ts, random.test.ts), windows (convolution.test.ts), control flow (control.test.ts), shuffle.test.ts, what is not available (unavailable.test.ts), the driver, trees, mistakes */
const elsewhere = [
  'f32', 'f64', 'f16', 'bf16', 'halfPrecision', 'i32', 'u32', 'bool', 'fn', 'poly', 'call', 'grad', 'valueAndGrad', 'valueAndGradAux', 'vjp', 'jvp', 'vmap', 'jacobian', 'jacfwd', 'jacrev', 'hessian', 'hvp', 'customVjp', 'customJvp', 'key', 'keyOf', 'keyWords', 'split', 'foldIn', 'normal', 'uniform', 'bernoulli', 'randomBits',
  'categorical', 'exponential', 'gumbel', 'laplace', 'randint', 'truncatedNormal',
  'permutation', 'choice', 'triangularSolve', 'cholesky', 'solve', 'eig', 'eigh', 'fft', 'ifft', 'qr', 'rfft', 'svd', 'convolution', 'conv2d', 'reduceWindow', 'maxPool', 'avgPool', 'scan', 'foriLoop', 'whileLoop', 'cond', 'switchCase',
  'compile', 'compileAsync', 'compute', 'emit', 'jit', 'orThrow', 'render', 'treeMap', 'treeLeaves', 'isKey', 'isSpoiled', 'origin', 'reword', 'sameShape', 'spoil',
];

describe('every operation', () => {
  it('that is exported has cases', () => { expect(Object.keys(t).filter((name) => !elsewhere.includes(name)).sort()).toEqual(Object.keys(table).sort()); });
  describe.each(Object.entries(table))('%s', (_, cases) => {
    it.each(cases.map((c) => [`${c.dtype} [${c.shape.join()}]`, c] as const))('%s', (__, { make, dtype, shape, wanted }) => {
      const compiled = t.orThrow(t.compute(make())), [interpreted] = run(t.fn([], make));
      for (const got of [interpreted, compiled]) {
        expect([got.dtype, got.shape]).toEqual([dtype, shape]);
        expect(Array.from<number>(got.data)).toSatisfy((xs: readonly number[]) => close(xs, wanted, dtype === 'f64' ? 1e-12 : 2e-6), `wanted ${wanted.join()}, got ${got.data.join()}`);
      }
    });
  });
});
