import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showType, sym, type TensorType } from '../../../src/core/dim.ts';
import { inferTypes, resultDtype, type Signature } from '../../../src/ir/graph/rules.ts';
import type { Attrs, OpName } from '../../../src/ir/graph/syntax.ts';
import { monoids } from '../../../src/ir/monoids.ts';
import { scalarRow, scalars, type ScalarName } from '../../../src/ir/scalars.ts';
import { bool, f32, i32, swish } from './modules.ts';

interface Accepted<K extends OpName> { readonly attrs: Attrs[K]; readonly of: readonly TensorType[]; readonly gives: string }
interface Refused<K extends OpName> { readonly attrs: Attrs[K]; readonly of: readonly TensorType[]; readonly says: string }
interface Cases<K extends OpName> { readonly accepts: readonly [Accepted<K>, ...Accepted<K>[]]; readonly refuses: readonly [Refused<K>, ...Refused<K>[]] }
const ok = <A>(attrs: A, of: readonly TensorType[], gives: string) => ({ attrs, of, gives });
const no = <A>(attrs: A, of: readonly TensorType[], says: string) => ({ attrs, of, says });

const n = sym('n', 8), u32 = (...shape: TensorType['shape']): TensorType => ({ dtype: 'u32', shape });
const graphs: { readonly [name: string]: Signature } = {
  f: { params: [f32(2), i32()], results: [f32(), i32(), f32(3)] },
  ask: { params: [f32(2), f32()], results: [bool()] },
  keep: { params: [f32(2), f32()], results: [f32(2)] },
  run: { params: [f32(2), f32(), f32()], results: [f32(2), f32(3)] },
};

/** What each rule takes and what it says to the rest: `tsc` names an operation without a case of both. */
const cases: { readonly [K in OpName]: Cases<K> } = {
  parameter: {
    accepts: [ok({ graph: 'g', index: 0, name: 'x', type: f32(n, 2) }, [], 'f32[n<=8, 2]')],
    refuses: [no({ graph: 'g', index: 0, name: 'x', type: f32() }, [f32()], 'parameter: takes 0 operands, but got 1')],
  },
  constant: {
    accepts: [ok({ type: f32(n), value: 1 }, [], 'f32[n<=8]'), ok({ type: i32(2, 0), value: new Int32Array(0) }, [], 'i32[2, 0]')],
    refuses: [
      no({ type: f32(3), value: Float32Array.of(1, 2) }, [], 'constant: 2 elements given for [3]'),
      no({ type: f32(n), value: Float32Array.of(1, 2) }, [], 'constant: [n<=8] has a named dimension'),
      no({ type: f32(), value: 1 }, [f32()], 'constant: takes 0 operands, but got 1'),
    ],
  },
  iota: {
    accepts: [ok({ type: u32(2, n), axis: 1 }, [], 'u32[2, n<=8]')],
    refuses: [
      no({ type: bool(2), axis: 0 }, [], 'iota: does not give bool'),
      no({ type: f32(2), axis: 1 }, [], 'iota: axis 1 is out of range for [2]'),
      no({ type: f32(), axis: 0 }, [], 'iota: axis 0 is out of range for []'),
      no({ type: f32(2), axis: 0 }, [f32()], 'iota: takes 0 operands, but got 1'),
    ],
  },
  map: {
    accepts: [
      ok({ fn: 'add', dtype: 'f32' }, [f32(n, 2), f32(n, 2)], 'f32[n<=8, 2]'),
      ok({ fn: 'lt', dtype: 'bool' }, [i32(2), i32(2)], 'bool[2]'),
      ok({ fn: 'convert', dtype: 'i32' }, [f32(2)], 'i32[2]'),
      ok({ fn: 'select', dtype: 'i32' }, [bool(2), i32(2), i32(2)], 'i32[2]'),
      ok({ fn: swish, dtype: 'f32' }, [f32(2)], 'f32[2]'),
    ],
    refuses: [
      no({ fn: 'add', dtype: 'f32' }, [f32()], 'add: takes 2 operands, but got 1'),
      no({ fn: 'add', dtype: 'f32' }, [], 'add: takes 2 operands, but got 0'),
      no({ fn: 'add', dtype: 'f32' }, [f32(2), f32(3)], 'add: shapes differ: [2] and [3]'),
      no({ fn: 'add', dtype: 'f32' }, [f32(n), f32(sym('n', 9))], 'add: shapes differ: [n<=8] and [n<=9]'),
      no({ fn: 'add', dtype: 'f32' }, [f32(2), i32(2)], 'add: dtypes differ: f32 and i32'),
      no({ fn: 'select', dtype: 'f32' }, [f32(2), f32(2), f32(2)], 'select: the condition must be bool, but is f32'),
      no({ fn: 'select', dtype: 'f32' }, [bool(3), f32(2), f32(2)], 'select: shapes differ: [2] and [3]'),
      no({ fn: 'exp', dtype: 'i32' }, [i32(2)], 'exp: does not take i32'),
      no({ fn: 'add', dtype: 'bool' }, [bool(2), bool(2)], 'add: does not take bool'),
      no({ fn: 'xor', dtype: 'f32' }, [f32(2), f32(2)], 'xor: does not take f32'),
      no({ fn: 'shiftLeft', dtype: 'bool' }, [bool(2), bool(2)], 'shiftLeft: does not take bool'),
      no({ fn: swish, dtype: 'i32' }, [i32(2)], 'my swish: does not take i32'),
      no({ fn: 'exp', dtype: 'f64' }, [f32(2)], 'exp: gives f32, not f64'),
      no({ fn: 'eq', dtype: 'f32' }, [f32(2), f32(2)], 'eq: gives bool, not f32'),
    ],
  },
  broadcastInDim: {
    accepts: [ok({ shape: [4, n, 3], dims: [1, 2] }, [f32(n, 1)], 'f32[4, n<=8, 3]'), ok({ shape: [2], dims: [] }, [i32()], 'i32[2]')],
    refuses: [
      no({ shape: [2, 3], dims: [0] }, [f32(2, 3)], 'broadcastInDim: 1 axes named for [2, 3]'),
      no({ shape: [2, 3], dims: [1, 0] }, [f32(3, 2)], 'broadcastInDim: axes [1, 0] must increase'),
      no({ shape: [2, 3], dims: [0, 0] }, [f32(2, 2)], 'broadcastInDim: axes [0, 0] must increase'),
      no({ shape: [2, 3], dims: [2] }, [f32(3)], 'broadcastInDim: axis 2 is out of range for [2, 3]'),
      no({ shape: [2, 3], dims: [0] }, [f32(3)], 'broadcastInDim: cannot broadcast [3] to [2, 3]: 3 is not 2, and is not 1'),
      no({ shape: [8], dims: [0] }, [f32(n)], 'broadcastInDim: cannot broadcast [n<=8] to [8]: n<=8 is not 8, and is not 1'),
      no({ shape: [2], dims: [] }, [], 'broadcastInDim: takes 1 operands, but got 0'),
    ],
  },
  reshape: {
    accepts: [
      ok({ shape: [3, 2] }, [f32(2, 3)], 'f32[3, 2]'), ok({ shape: [] }, [f32(1, 1)], 'f32[]'), ok({ shape: [sym('n', 8, 4)] }, [f32(n, 4)], 'f32[4*n<=8]'),
      ok({ shape: [n, 2, 3] }, [f32(n, 6)], 'f32[n<=8, 2, 3]'), ok({ shape: [5, 0] }, [f32(0)], 'f32[5, 0]'),
    ],
    refuses: [
      no({ shape: [4] }, [f32(2, 3)], 'reshape: [2, 3] has 6 elements, but [4] has 4'),
      no({ shape: [-2, -3] }, [f32(2, 3)], 'reshape: [-2, -3] has a size that is not a natural number'),
      no({ shape: [1.5, 4] }, [f32(2, 3)], 'reshape: [1.5, 4] has a size that is not a natural number'),
      no({ shape: [6] }, [f32(n, 6)], 'reshape: [n<=8, 6] to [6]: a named dimension may only be kept, or merged with the sizes right of it'),
      no({ shape: [6, n] }, [f32(n, 6)], 'reshape: [n<=8, 6] to [6, n<=8]: a named dimension may only be kept, or merged with the sizes right of it'),
      no({ shape: [n, 5] }, [f32(n)], 'reshape: [n<=8] has n elements, but [n<=8, 5] has 5*n'),
      no({ shape: [2] }, [f32()], 'reshape: [] has 1 elements, but [2] has 2'),
      no({ shape: [n, 5] }, [f32(n, 6)], 'reshape: [n<=8, 6] has 6*n elements, but [n<=8, 5] has 5*n'),
      no({ shape: [] }, [f32(), f32()], 'reshape: takes 1 operands, but got 2'),
    ],
  },
  transpose: {
    accepts: [ok({ perm: [1, 2, 0] }, [f32(2, 3, n)], 'f32[3, n<=8, 2]')],
    refuses: [
      no({ perm: [0] }, [f32(2, 3)], 'permute: [0] must list each of the 2 axes of [2, 3] once'),
      no({ perm: [0, 0] }, [f32(2, 3)], 'permute: [0, 0] must list each of the 2 axes of [2, 3] once'),
      no({ perm: [0, 2] }, [f32(2, 3)], 'permute: [0, 2] must list each of the 2 axes of [2, 3] once'),
      no({ perm: [] }, [], 'transpose: takes 1 operands, but got 0'),
    ],
  },
  slice: {
    accepts: [ok({ starts: [0, 1], limits: [-1, 6], strides: [1, 2] }, [f32(n, 7)], 'f32[n<=8, 3]'), ok({ starts: [3], limits: [3], strides: [1] }, [f32(3)], 'f32[0]')],
    refuses: [
      no({ starts: [0], limits: [1], strides: [1] }, [f32(2, 3)], 'slice: needs one range for each axis of [2, 3]'),
      no({ starts: [0], limits: [4], strides: [1] }, [f32(3)], 'slice: 0 to 4 is out of range for axis 0 of [3]'),
      no({ starts: [2], limits: [1], strides: [1] }, [f32(3)], 'slice: 2 to 1 is out of range for axis 0 of [3]'),
      no({ starts: [-1], limits: [1], strides: [1] }, [f32(3)], 'slice: -1 to 1 is out of range for axis 0 of [3]'),
      no({ starts: [0], limits: [3], strides: [0] }, [f32(3)], 'slice: the stride must be 1 or more, but is 0'),
      no({ starts: [0], limits: [4], strides: [1] }, [f32(n)], 'slice: the named dimension n<=8 must be taken whole'),
      no({ starts: [], limits: [], strides: [] }, [], 'slice: takes 1 operands, but got 0'),
    ],
  },
  pad: {
    accepts: [ok({ low: [1, 0], high: [-2, 0], interior: [2, 0] }, [f32(3, n), f32()], 'f32[6, n<=8]'), ok({ low: [0], high: [0], interior: [5] }, [f32(0), f32()], 'f32[0]')],
    refuses: [
      no({ low: [], high: [], interior: [] }, [f32(2), f32()], 'pad: needs one amount for each axis of [2]'),
      no({ low: [0], high: [0], interior: [0] }, [f32(2), i32()], 'pad: the padding value must be a scalar f32, but is i32[]'),
      no({ low: [0], high: [0], interior: [0] }, [f32(2), f32(1)], 'pad: the padding value must be a scalar f32, but is f32[1]'),
      no({ low: [-2], high: [-1], interior: [0] }, [f32(2), f32()], 'pad: axis 0 of [2] would have size -1'),
      no({ low: [0], high: [0], interior: [-1] }, [f32(2), f32()], 'pad: axis 0 of [2] would have size 1'),
      no({ low: [1], high: [0], interior: [0] }, [f32(n), f32()], 'pad: the named dimension n<=8 cannot be padded'),
      no({ low: [0], high: [0], interior: [0] }, [f32(2)], 'pad: takes 2 operands, but got 1'),
    ],
  },
  reverse: {
    accepts: [ok({ axes: [1, 0] }, [f32(n, 2)], 'f32[n<=8, 2]')],
    refuses: [
      no({ axes: [2] }, [f32(2, 3)], 'reverse: axis 2 is out of range for [2, 3]'),
      no({ axes: [-1] }, [f32(2, 3)], 'reverse: axis -1 is out of range for [2, 3]'),
      no({ axes: [0.5] }, [f32(2, 3)], 'reverse: axis 0.5 is out of range for [2, 3]'),
      no({ axes: [1, 1] }, [f32(2, 3)], 'reverse: axes [1, 1] repeat'),
      no({ axes: [] }, [], 'reverse: takes 1 operands, but got 0'),
    ],
  },
  concatenate: {
    accepts: [ok({ axis: 1 }, [f32(n, 2), f32(n, 0), f32(n, 3)], 'f32[n<=8, 5]'), ok({ axis: 0 }, [f32(n)], 'f32[n<=8]')],
    refuses: [
      no({ axis: 0 }, [], 'concat: needs at least one tensor'),
      no({ axis: 1 }, [f32(2)], 'concat: axis 1 is out of range for [2]'),
      no({ axis: 0 }, [f32(2), i32(2)], 'concat: dtypes differ: f32 and i32'),
      no({ axis: 0 }, [f32(2), f32(2, 2)], 'concat: ranks differ: [2] and [2, 2]'),
      no({ axis: 0 }, [f32(2, 3), f32(2, 4)], 'concat on axis 0: [2, 3] and [2, 4] must agree on every other axis'),
      no({ axis: 0 }, [f32(n), f32(2)], 'concat: the named dimension n<=8 cannot be concatenated along'),
    ],
  },
  window: {
    accepts: [
      ok({ axis: 1, size: 3, stride: 1, dilation: 1 }, [f32(n, 5)], 'f32[n<=8, 3, 3]'),
      ok({ axis: 0, size: 2, stride: 2, dilation: 3 }, [i32(9)], 'i32[3, 2]'),
      ok({ axis: 0, size: 3, stride: 1, dilation: 1 }, [f32(2)], 'f32[0, 3]'),
    ],
    refuses: [
      no({ axis: 0, size: 2, stride: 1, dilation: 1 }, [f32(n)], 'window: no windows run along the named dimension n<=8'),
      no({ axis: 1, size: 2, stride: 1, dilation: 1 }, [f32(4)], 'window: axis 1 is out of range for [4]'),
      no({ axis: 0, size: 0, stride: 1, dilation: 1 }, [f32(4)], 'window: the size must be 1 or more, but is 0'),
      no({ axis: 0, size: 2, stride: 0, dilation: 1 }, [f32(4)], 'window: the stride must be 1 or more, but is 0'),
    ],
  },
  overlapAdd: {
    accepts: [
      ok({ axis: 1, length: 5, stride: 1, dilation: 1 }, [f32(n, 3, 3)], 'f32[n<=8, 5]'),
      ok({ axis: 0, length: 10, stride: 2, dilation: 3 }, [i32(4, 2)], 'i32[10]'),
    ],
    refuses: [
      no({ axis: 0, length: 5, stride: 1, dilation: 1 }, [f32(4, 3)], 'overlapAdd: 5 elements have 3 windows, but [4, 3] has 4'),
      no({ axis: 0, length: 5, stride: 1, dilation: 1 }, [f32(3)], 'overlapAdd: axis 1 is out of range for [3]'),
      no({ axis: 0, length: 5, stride: 1, dilation: 1 }, [bool(3, 3)], 'overlapAdd: does not take bool'),
      no({ axis: 0, length: 5, stride: 1, dilation: 1 }, [f32(n, 3)], 'overlapAdd: no windows lie along the named dimensions of [n<=8, 3]'),
    ],
  },
  dotGeneral: {
    accepts: [
      ok({ batch: [[0], [1]], contract: [[2], [0]] }, [f32(n, 2, 3), f32(3, n, 4)], 'f32[n<=8, 2, 4]'),
      ok({ batch: [[], []], contract: [[], []] }, [i32(2), i32(3)], 'i32[2, 3]'),
      ok({ batch: [[], []], contract: [[0], [0]] }, [f32(n), f32(n)], 'f32[]'),
    ],
    refuses: [
      no({ batch: [[], []], contract: [[1], [0]] }, [f32(2, 3), i32(3, 2)], 'matmul: dtypes differ: f32 and i32'),
      no({ batch: [[], []], contract: [[0], [0]] }, [bool(2), bool(2)], 'matmul: does not take bool'),
      no({ batch: [[0], []], contract: [[], []] }, [f32(2), f32(2)], 'dotGeneral: the two sides name different numbers of axes'),
      no({ batch: [[], []], contract: [[0], []] }, [f32(2), f32(2)], 'dotGeneral: the two sides name different numbers of axes'),
      no({ batch: [[], []], contract: [[2], [0]] }, [f32(2, 3), f32(3)], 'dotGeneral: axis 2 is out of range for [2, 3]'),
      no({ batch: [[], []], contract: [[0], [1]] }, [f32(3), f32(3)], 'dotGeneral: axis 1 is out of range for [3]'),
      no({ batch: [[0], [0]], contract: [[0], [1]] }, [f32(3), f32(3, 3)], 'dotGeneral: axes [0, 0] repeat'),
      no({ batch: [[], []], contract: [[1], [0]] }, [f32(2, 3), f32(4, 2)], 'matmul: inner sizes differ: [2, 3] x [4, 2]: 3 is not 4'),
      no({ batch: [[0], [0]], contract: [[1], [1]] }, [f32(2, 3), f32(4, 3)], 'matmul: batch sizes differ: [2, 3] x [4, 3]: 2 is not 4'),
      no({ batch: [[], []], contract: [[], []] }, [f32()], 'dotGeneral: takes 2 operands, but got 1'),
    ],
  },
  reduce: {
    accepts: [
      ok({ monoid: 'add', axes: [1] }, [f32(n, 2)], 'f32[n<=8]'), ok({ monoid: 'argMax', axes: [0, 1] }, [f32(n, 2)], 'i32[]'),
      ok({ monoid: 'max', axes: [0] }, [f32(2, 3), i32(2, 3)], 'f32[3], i32[3]'), ok({ monoid: 'or', axes: [] }, [bool(2)], 'bool[2]'),
    ],
    refuses: [
      no({ monoid: 'add', axes: [] }, [], 'reduce: needs an operand'),
      no({ monoid: 'add', axes: [0] }, [f32(2), f32(3)], 'add: shapes differ: [2] and [3]'),
      no({ monoid: 'add', axes: [0] }, [bool(2)], 'add: does not take bool'),
      no({ monoid: 'and', axes: [0] }, [i32(2)], 'and: does not take i32'),
      no({ monoid: 'maxExpSum', axes: [0] }, [i32(2)], 'maxExpSum: does not take i32'),
      no({ monoid: 'add', axes: [1] }, [f32(2)], 'add: axis 1 is out of range for [2]'),
      no({ monoid: 'add', axes: [0, 0] }, [f32(2)], 'add: axes [0, 0] repeat'),
    ],
  },
  gather: {
    accepts: [ok({}, [f32(5, 2), i32(3, n)], 'f32[3, n<=8, 2]'), ok({}, [bool(5), u32()], 'bool[]')],
    refuses: [
      no({}, [f32(), i32()], 'gather: the table is a scalar'),
      no({}, [f32(2), f32()], 'gather: indices must be integers, but are f32'),
      no({}, [f32(2), bool()], 'gather: indices must be integers, but are bool'),
      no({}, [f32(2)], 'gather: takes 2 operands, but got 1'),
    ],
  },
  scatter: {
    accepts: [ok({ monoid: 'add' }, [f32(5, 2), i32(n), f32(n, 2)], 'f32[5, 2]'), ok({ monoid: 'set' }, [bool(5), i32(3), bool(3)], 'bool[5]')],
    refuses: [
      no({ monoid: 'add' }, [f32(), i32(), f32()], 'scatter: the table is a scalar'),
      no({ monoid: 'add' }, [f32(2), f32(), f32()], 'scatter: indices must be integers, but are f32'),
      no({ monoid: 'add' }, [f32(2), i32(), i32()], 'scatter: dtypes differ: f32 and i32'),
      no({ monoid: 'max' }, [bool(2), i32(), bool()], 'scatter: max does not take bool'),
      no({ monoid: 'add' }, [f32(5, 2), i32(3), f32(3)], 'scatter: the updates must be [3, 2], but are [3]'),
      no({ monoid: 'add' }, [f32(2), i32()], 'scatter: takes 3 operands, but got 2'),
    ],
  },
  dynamicSlice: {
    accepts: [ok({ sizes: [-1, 2] }, [f32(n, 3), i32(), i32()], 'f32[n<=8, 2]'), ok({ sizes: [] }, [bool()], 'bool[]'), ok({ sizes: [0] }, [f32(4), i32()], 'f32[0]')],
    refuses: [
      no({ sizes: [2] }, [f32(3)], 'dynamicSlice: needs one size and one start for each axis of [3]'),
      no({ sizes: [2, 1] }, [f32(3), i32()], 'dynamicSlice: needs one size and one start for each axis of [3]'),
      no({ sizes: [2] }, [f32(3), u32()], 'dynamicSlice: the starts must be i32[], but one is u32[]'),
      no({ sizes: [2] }, [f32(3), i32(1)], 'dynamicSlice: the starts must be i32[], but one is i32[1]'),
      no({ sizes: [4] }, [f32(3), i32()], 'dynamicSlice: a part [4] does not fit in [3]'),
      no({ sizes: [-1] }, [f32(3), i32()], 'dynamicSlice: a part [-1] does not fit in [3]'),
      no({ sizes: [2] }, [f32(n), i32()], 'dynamicSlice: the named dimension n<=8 must be taken whole'),
      no({ sizes: [] }, [], 'dynamicSlice: needs an operand'),
    ],
  },
  dynamicUpdateSlice: {
    accepts: [ok({}, [f32(n, 3), f32(n, 2), i32(), i32()], 'f32[n<=8, 3]'), ok({}, [i32(), i32()], 'i32[]')],
    refuses: [
      no({}, [f32(3)], 'dynamicUpdateSlice: needs two operands'),
      no({}, [f32(3), i32(2), i32()], 'dynamicUpdateSlice: dtypes differ: f32 and i32'),
      no({}, [f32(3), f32(2)], 'dynamicUpdateSlice: needs one size and one start for each axis of [3]'),
      no({}, [f32(3), f32(4), i32()], 'dynamicUpdateSlice: a part [4] does not fit in [3]'),
      no({}, [f32(n), f32(2), i32()], 'dynamicUpdateSlice: the named dimension n<=8 must be taken whole'),
    ],
  },
  argsort: {
    accepts: [ok({ axis: 1, descending: false }, [f32(n, 3)], 'i32[n<=8, 3]'), ok({ axis: 0, descending: true }, [u32(4), f32(4)], 'i32[4]')],
    refuses: [
      no({ axis: 0, descending: false }, [], 'argsort: needs a key'),
      no({ axis: 1, descending: false }, [f32(3)], 'argsort: axis 1 is out of range for [3]'),
      no({ axis: 0, descending: false }, [f32(3), i32(2)], 'argsort: shapes differ: [3] and [2]'),
      no({ axis: 0, descending: false }, [f32(3), bool(3)], 'argsort: does not take bool'),
      no({ axis: 0, descending: false }, [f32(n, 3)], 'argsort: the named dimension n<=8 cannot be sorted along'),
    ],
  },
  getDimensionSize: {
    accepts: [ok({ axis: 0 }, [f32(n)], 'i32[]')],
    refuses: [
      no({ axis: 1 }, [f32(n)], 'getDimensionSize: axis 1 is out of range for [n<=8]'),
      no({ axis: 0 }, [], 'getDimensionSize: takes 1 operands, but got 0'),
    ],
  },
  get: {
    // a type of one operand does not tell those of its several results: builder, verifier and parser read them
    accepts: [] as never,
    refuses: [no({ index: 0 }, [f32()], 'get: its type is that of the result it reads'), no({ index: 0 }, [], 'get: takes 1 operands, but got 0')],
  },
  scan: {
    accepts: [
      ok({ graph: 'run', carries: 1, slices: 1, length: 5, reverse: false }, [f32(2), f32(5), f32()], 'f32[2], f32[5, 3]'),
      ok({ graph: 'run', carries: 1, slices: 0, length: 4, reverse: true }, [f32(2), f32(), f32()], 'f32[2], f32[4, 3]'),
    ],
    refuses: [
      no({ graph: 'run', carries: 1, slices: 1, length: 5, reverse: false }, [f32(2), f32(4), f32()], 'scan: 5 runs need a first axis of that size, but one operand is f32[4]'),
      no({ graph: 'g', carries: 0, slices: 0, length: 2, reverse: false }, [], "no graph is called 'g'"),
      no({ graph: 'run', carries: 2, slices: 0, length: 2, reverse: false }, [f32(2), f32(), f32()], 'scan: carry 1 is f32[], but a run gives f32[3]'),
    ],
  },
  while: {
    accepts: [ok({ test: 'ask', body: 'keep', carries: 1 }, [f32(2), f32()], 'f32[2]')],
    refuses: [
      no({ test: 'keep', body: 'keep', carries: 1 }, [f32(2), f32()], 'while: the test must give one bool, but gives f32[2]'),
      no({ test: 'ask', body: 'ask', carries: 1 }, [f32(2), f32()], 'while: the carries are f32[2], but a run gives bool[]'),
      no({ test: 'ask', body: 'g', carries: 1 }, [f32(2), f32()], "no graph is called 'g'"),
    ],
  },
  case: {
    accepts: [ok({ branches: ['keep', 'keep'] }, [i32(), f32(2), f32()], 'f32[2]')],
    refuses: [
      no({ branches: ['keep'] }, [f32(), f32(2), f32()], 'case: the branch must be named by an i32, but is f32[]'),
      no({ branches: [] }, [i32()], 'case: needs a branch'),
      no({ branches: ['keep', 'ask'] }, [i32(), f32(2), f32()], 'case: branch 1 gives other types than branch 0'),
    ],
  },
  call: {
    accepts: [ok({ graph: 'f' }, [f32(2), i32()], 'f32[], i32[], f32[3]')],
    refuses: [
      no({ graph: 'g' }, [], "no graph is called 'g'"),
      no({ graph: 'f' }, [f32(2)], "'f' takes 2 arguments, but got 1"),
      no({ graph: 'f' }, [f32(2), f32()], "'f': argument 1 is f32[], but i32[] was declared"),
    ],
  },
  composite: {
    accepts: [ok({ name: 'c', attributes: {}, body: 'f' }, [f32(2), i32()], 'f32[], i32[], f32[3]')],
    refuses: [
      no({ name: 'c', attributes: {}, body: 'g' }, [], "no graph is called 'g'"),
      no({ name: 'c', attributes: {}, body: 'f' }, [f32(2)], "'f' takes 2 arguments, but got 1"),
      no({ name: 'c', attributes: {}, body: 'f' }, [f32(n), i32()], "'f': argument 0 is f32[n<=8], but f32[2] was declared"),
    ],
  },
  transform: {
    accepts: [
      ok({ kind: 'vjp', graph: 'f', wrt: [0] }, [f32(2), i32(), f32(), f32(3)], 'f32[], i32[], f32[3], f32[2]'),
      ok({ kind: 'jvp', graph: 'f', wrt: [0] }, [f32(2), i32(), f32(2)], 'f32[], i32[], f32[3], f32[], f32[3]'),
      ok({ kind: 'jvp', graph: 'f', wrt: [] }, [f32(2), i32()], 'f32[], i32[], f32[3], f32[], f32[3]'),
      ok({ kind: 'vmap', graph: 'f', axes: [1, 0] }, [f32(2, 5), i32(5)], 'f32[5], i32[5], f32[5, 3]'),
      ok({ kind: 'vmap', graph: 'f', axes: [0, null] }, [f32(5, 2), i32()], 'f32[5], i32[5], f32[5, 3]'),
    ],
    refuses: [
      no({ kind: 'vjp', graph: 'g', wrt: [] }, [], "no graph is called 'g'"),
      no({ kind: 'vjp', graph: 'f', wrt: [0] }, [f32(2)], "'f' takes 2 arguments, but got 1"),
      no({ kind: 'vjp', graph: 'f', wrt: [1] }, [f32(2), i32(), f32(), f32(3)], "vjp: argument 1 of 'f' is not a float"),
      no({ kind: 'jvp', graph: 'f', wrt: [2] }, [f32(2), i32(), f32(2)], "jvp: argument 2 of 'f' is not a float"),
      no({ kind: 'vjp', graph: 'f', wrt: [0] }, [f32(2), i32(), f32()], 'vjp: cotangents must be f32[], f32[3], but are f32[]'),
      no({ kind: 'jvp', graph: 'f', wrt: [0] }, [f32(2), i32(), f32(3)], 'jvp: tangents must be f32[2], but are f32[3]'),
      no({ kind: 'vmap', graph: 'f', axes: [0] }, [f32(5, 2), i32()], 'vmap: 1 axes named for 2 arguments'),
      no({ kind: 'vmap', graph: 'f', axes: [null, null] }, [f32(2), i32()], 'vmap: no argument is mapped over'),
      no({ kind: 'vmap', graph: 'f', axes: [0, 0] }, [f32(5, 2), i32()], 'vmap: axis 0 is out of range for []'),
      no({ kind: 'vmap', graph: 'f', axes: [0, 0] }, [f32(5, 2), i32(4)], 'vmap: sizes differ: 5 and 4 examples'),
      no({ kind: 'vmap', graph: 'f', axes: [0, null] }, [f32(2, 5), i32()], "'f': argument 0 is f32[5], but f32[2] was declared"),
      no({ kind: 'vmap', graph: 'g', axes: [0] }, [f32(5)], "no graph is called 'g'"),
    ],
  },
};

const infer = <K extends OpName>(op: K, attrs: Attrs[K], of: readonly TensorType[]) => inferTypes(op, attrs, of, (name) => graphs[name]);
const typed = <K extends OpName>(op: K, { attrs, of }: { readonly attrs: Attrs[K]; readonly of: readonly TensorType[] }): string => {
  const result = infer(op, attrs, of);
  return isRight(result) ? result.right.map(showType).join(', ') : `refused: ${result.left}`;
};

// SAFETY: the keys of the table are the names
describe.each(Object.keys(cases) as readonly OpName[])('%s', (op) => {
  const { accepts, refuses } = cases[op] as Cases<OpName>;
  for (const c of accepts) it(`(${c.of.map(showType).join(', ')}) gives ${c.gives}`, () => expect(typed(op, c)).toBe(c.gives));
  for (const c of refuses) it(c.says, () => expect(typed(op, c)).toBe(`refused: ${c.says}`));
});

describe('dtypes', () => {
  const dtypes = ['f32', 'f64', 'i32', 'u32', 'bool'] as const;
  const takes: { readonly [T in ReturnType<typeof scalarRow>['takes']]: string } = { float: 'f32 f64', number: 'f32 f64 i32 u32', integer: 'i32 u32', bool: 'bool', integerOrBool: 'i32 u32 bool', any: 'f32 f64 i32 u32 bool' };
  // SAFETY: the keys of the table are the names
  it.each(Object.keys(scalars) as readonly ScalarName[])('%s takes those of its row', (fn) => {
    const { arity } = scalarRow(fn);
    const taken = dtypes.filter((dtype) => {
      const of = Array.from({ length: arity }, (_, i): TensorType => ({ dtype: fn === 'select' && i === 0 ? 'bool' : dtype, shape: [2] }));
      return isRight(infer('map', { fn, dtype: resultDtype(fn, dtype, 'f64') }, of));
    });
    expect(taken.join(' ')).toBe(takes[scalarRow(fn).takes]);
  });
  it.each(Object.entries(monoids))('%s reduces those of its row', (monoid, row) => {
    const taken = dtypes.filter((dtype) => isRight(infer('reduce', { monoid: monoid as keyof typeof monoids, axes: [0] }, [{ dtype, shape: [2] }])));
    expect(taken.join(' ')).toBe(takes[row.takes]);
  });
  it('a graph is looked up nowhere unless the caller says where', () => expect(isLeft(inferTypes('call', { graph: 'f' }, [f32(2), i32()]))).toBe(true));
});
