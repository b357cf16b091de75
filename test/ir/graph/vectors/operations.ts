import type { OpName } from '../../../../src/ir/graph/syntax.ts';
import { byHand, ieee, numpy, ours, stablehlo, wraps, type AtLeastThree } from './vector.ts';

/** A program as text: parameters, lines and what is returned (%0 unless told), with arguments and results. */
export interface OperationVector {
  readonly of: string;
  readonly lines: string;
  readonly returns?: string;
  /** graphs that the lines name */
  readonly graphs?: string;
  readonly args: readonly (readonly number[])[];
  readonly gives: readonly (readonly number[])[];
  readonly from: string;
  /** native unless told */
  readonly precision?: 'f64';
  readonly bindings?: { readonly [name: string]: number };
}
type Details = Partial<Pick<OperationVector, 'returns' | 'graphs' | 'precision' | 'bindings'>>;
const v = (of: string, lines: string, args: OperationVector['args'], gives: OperationVector['gives'], from: string, details: Details = {}): OperationVector => ({ of, lines, args, gives, from, ...details });
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const six = [1, 2, 3, 4, 5, 6];
const square = 'graph square(x: f64[]) { %0 = mul(x, x) %1: i32[] = convert(x) return %0, %1 }';
const product = 'graph product(x: f64[], y: f64[]) { %0 = mul(x, y) return %0 }';

const doubling = 'graph below(x: f64[], top: f64[]) { %0: bool[] = lt(x, top) return %0 } graph doubled(x: f64[], top: f64[]) { %0 = add(x, x) return %0 }';
const branches = 'graph plus(x: f64[]) { %0 = add(x, 2) return %0 } graph times(x: f64[]) { %0 = mul(x, 2) return %0 }';
const running = 'graph running(c: f64[], x: f64[]) { %0 = add(c, x) return %0, c }';

/** What each operation is, by example: `tsc` names an operation without a row. */
export const operationVectors: { readonly [K in OpName]: AtLeastThree<OperationVector> } = {
  parameter: [
    v('x: f32[2]', '', [[0.1, 1e40]], [[0.10000000149011612, inf]], `${ieee('4.3.1')}: an argument is rounded to its dtype`, { returns: 'x' }),
    v('x: f32[2]', '', [[0.1, -0]], [[0.1, -0]], 'double precision keeps it as it is', { returns: 'x', precision: 'f64' }),
    v('x: i32[1], y: i32[1]', '', [[3], [4]], [[4], [3]], 'in the order of the head', { returns: 'y, x' }),
  ],
  constant: [
    v('', '%0: f64[2, 2] = constant [1, 2, 3, 4]', [], [[1, 2, 3, 4]], stablehlo('constant')),
    v('', '%0: i32[3] = constant 7', [], [[7, 7, 7]], 'one number for every element'),
    v('', '%0: f32[] = constant 0.1', [], [[0.10000000149011612]], ieee('4.3.1 ties to even')),
    v('', '%0: f64[n<=4] = constant -0', [], [[-0, -0]], 'as many as the dimension is bound to', { bindings: { n: 2 } }),
    v('', '%0: f64[0] = constant []', [], [[]], 'none'),
  ],
  iota: [
    v('', '%0: i32[4, 5] = iota axis 0', [], [[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]], stablehlo('iota, the example')),
    v('', '%0: i32[4, 5] = iota axis 1', [], [[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]], stablehlo('iota, the example')),
    v('', '%0: f32[3] = iota axis 0', [], [[0, 1, 2]], stablehlo('iota')),
    v('', '%0: u32[n<=4, 2] = iota axis 0', [], [[0, 0, 1, 1, 2, 2]], 'the real size', { bindings: { n: 3 } }),
  ],
  map: [
    v('x: i32[2, 2], y: i32[2, 2]', '%0 = mul(x, y)', [[0, 1, 2, 3], [4, 5, 6, 7]], [[0, 5, 12, 21]], stablehlo('map, the example')),
    v('x: f32[1]', '%0 = add(x, 1) %1 = sub(%0, 16777216)', [[16777216]], [[0]], 'native: 2²⁴ + 1 is rounded to 2²⁴ before it is read', { returns: '%1' }),
    v('x: f32[1]', '%0 = add(x, 1) %1 = sub(%0, 16777216)', [[16777216]], [[1]], 'double precision does not round in between', { returns: '%1', precision: 'f64' }),
    v('x: i32[1]', '%0 = add(x, 1) %1 = sub(%0, 1)', [[2147483647]], [[-2147483648], [2147483647]], `${wraps}, in double precision too`, { returns: '%0, %1', precision: 'f64' }),
    v('c: bool[2], x: f64[2]', '%0 = select(c, x, 9)', [[1, 0], [nan, nan]], [[nan, 9]], stablehlo('select')),
  ],
  broadcastInDim: [
    v('x: i32[1, 3]', '%0: i32[2, 3, 2] = broadcastInDim(x) dims [0, 1]', [[1, 2, 3]], [[1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3]], `${stablehlo('broadcast_in_dim')}, [1, 3] to [2, 3, 2]`),
    v('x: f64[]', '%0: f64[2, 2] = broadcastInDim(x) dims []', [[5]], [[5, 5, 5, 5]], numpy('broadcasting of a scalar')),
    v('x: f64[2]', '%0: f64[3, 2] = broadcastInDim(x) dims [1]', [[1, 2]], [[1, 2, 1, 2, 1, 2]], numpy('broadcasting: a row')),
    v('x: f64[2]', '%0: f64[2, 3] = broadcastInDim(x) dims [0]', [[1, 2]], [[1, 1, 1, 2, 2, 2]], numpy('broadcasting: a column')),
    v('x: f64[2]', '%0: f64[0, 2] = broadcastInDim(x) dims [1]', [[1, 2]], [[]], 'no rows'),
    v('x: f64[n<=4]', '%0: f64[2, n<=4] = broadcastInDim(x) dims [1]', [[1, 2, 3]], [[1, 2, 3, 1, 2, 3]], 'the real size', { bindings: { n: 3 } }),
  ],
  reshape: [
    v('x: i32[2, 3]', '%0: i32[3, 2] = reshape(x)', [six], [six], stablehlo('reshape, the example')),
    v('x: f64[1, 2, 1]', '%0: f64[2] = reshape(x)', [[1, -0]], [[1, -0]], numpy('reshape keeps row-major order')),
    v('x: f64[0, 3]', '%0: f64[3, 0, 2] = reshape(x)', [[]], [[]], 'none'),
    v('x: f64[n<=4, 2]', '%0: f64[2*n<=4] = reshape(x)', [six], [six], 'merged with the real size', { bindings: { n: 3 } }),
  ],
  transpose: [
    v('x: i32[2, 3, 2]', '%0 = transpose(x) perm [2, 1, 0]', [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]], [[1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12]], stablehlo('transpose, the example')),
    v('x: f64[2, 3]', '%0 = transpose(x) perm [1, 0]', [six], [[1, 4, 2, 5, 3, 6]], byHand),
    v('x: f64[2, 1, 3]', '%0 = transpose(x) perm [2, 0, 1]', [six], [[1, 4, 2, 5, 3, 6]], numpy('transpose: result axis i is operand axis perm[i]')),
    v('x: f64[]', '%0 = transpose(x) perm []', [[3]], [[3]], 'a scalar has no axes'),
  ],
  slice: [
    v('x: i32[3, 4]', '%0 = slice(x) [1..3, 2..4]', [[0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]], [[1, 1, 1, 1]], stablehlo('slice, the example')),
    v('x: f64[6]', '%0 = slice(x) [1..6 by 2]', [six], [[2, 4, 6]], numpy('x[1:6:2]')),
    v('x: f64[6]', '%0 = slice(x) [0..5 by 3]', [six], [[1, 4]], numpy('x[0:5:3]')),
    v('x: f64[2, 3]', '%0 = slice(x) [2..2, 0..3]', [six], [[]], numpy('x[2:2]')),
    v('x: f64[n<=4, 2]', '%0 = slice(x) [all, 1..2]', [six], [[2, 4, 6]], 'the real size', { bindings: { n: 3 } }),
  ],
  pad: [
    v('x: i32[2, 3]', '%0 = pad(x, 0) low [0, 1] high [2, 1] interior [1, 2]', [six],
      [[0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 5, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], stablehlo('pad, the example')),
    v('x: f64[3], p: f64[]', '%0 = pad(x, p) low [-1] high [2]', [[1, 2, 3], [9]], [[2, 3, 9, 9]], stablehlo('pad: negative amounts remove')),
    v('x: f64[3]', '%0 = pad(x, 9) low [-1] high [-1] interior [1]', [[1, 2, 3]], [[9, 2, 9]], stablehlo('pad: interior padding comes first')),
    v('x: f64[0]', '%0 = pad(x, -1) low [1] high [1] interior [3]', [[]], [[-1, -1]], stablehlo('pad: nothing lies between no elements')),
  ],
  reverse: [
    v('x: i32[3, 2]', '%0 = reverse(x) axes [1]', [six], [[2, 1, 4, 3, 6, 5]], stablehlo('reverse, the example')),
    v('x: f64[2, 3]', '%0 = reverse(x) axes [0, 1]', [six], [[6, 5, 4, 3, 2, 1]], numpy('flip of both axes')),
    v('x: f64[2, 3]', '%0 = reverse(x) axes []', [six], [six], numpy('flip of no axis')),
  ],
  concatenate: [
    v('x: i32[3, 2], y: i32[1, 2]', '%0 = concatenate(x, y) axis 0', [six, [7, 8]], [[1, 2, 3, 4, 5, 6, 7, 8]], stablehlo('concatenate, the example')),
    v('x: f64[2, 1], y: f64[2, 2], z: f64[2, 0]', '%0 = concatenate(z, y, x) axis 1', [[1, 2], [3, 4, 5, 6], []], [[3, 4, 1, 5, 6, 2]], numpy('concatenate along axis 1')),
    v('x: f64[2]', '%0 = concatenate(x, x, x) axis 0', [[1, 2]], [[1, 2, 1, 2, 1, 2]], numpy('concatenate')),
  ],
  window: [
    v('x: i32[5]', '%0 = window(x) axis 0 size 3', [[1, 2, 3, 4, 5]], [[1, 2, 3, 2, 3, 4, 3, 4, 5]], 'three neighbours at each place'),
    v('x: i32[7]', '%0 = window(x) axis 0 size 2 stride 2 dilation 3', [[0, 1, 2, 3, 4, 5, 6]], [[0, 3, 2, 5]], '2 windows of elements 3 apart: the third would end at 7'),
    v('x: i32[2, 3]', '%0 = window(x) axis 1 size 2', [six], [[1, 2, 2, 3, 4, 5, 5, 6]], 'along each row'),
    v('x: i32[2]', '%0 = window(x) axis 0 size 3', [[1, 2]], [[]], 'nothing fits'),
  ],
  overlapAdd: [
    v('y: i32[3, 3]', '%0 = overlapAdd(y) axis 0 length 5', [[1, 1, 1, 1, 1, 1, 1, 1, 1]], [[1, 2, 3, 2, 1]], 'how many windows hold each element'),
    v('y: i32[2, 2]', '%0 = overlapAdd(y) axis 0 length 7 stride 2 dilation 3', [[1, 10, 2, 20]], [[1, 0, 2, 10, 0, 20, 0]], 'element (o, k) goes to 2o + 3k'),
    v('y: f32[2, 1, 2]', '%0 = overlapAdd(y) axis 1 length 3 stride 2', [[1, 2, 3, 4]], [[1, 2, 0, 3, 4, 0]], 'what no window reaches is 0'),
    v('y: i32[2, 2]', '%0 = overlapAdd(y) axis 0 length 3', [[0, 2147483647, 1, 0]], [[0, -2147483648, 0]], wraps),
  ],
  dotGeneral: [
    v('x: i32[2, 2, 2], y: i32[2, 2, 2]', '%0 = dotGeneral(x, y) batch [0] [0] contract [2] [1]', [[1, 2, 3, 4, 5, 6, 7, 8], [1, 0, 0, 1, 1, 0, 0, 1]], [[1, 2, 3, 4, 5, 6, 7, 8]], stablehlo('dot_general, the example')),
    v('x: f64[2, 3], y: f64[3, 2]', '%0 = dotGeneral(x, y) contract [1] [0]', [six, six], [[22, 28, 49, 64]], '1·1 + 2·3 + 3·5, 1·2 + 2·4 + 3·6; 4·1 + 5·3 + 6·5, 4·2 + 5·4 + 6·6'),
    v('x: f64[2, 3], y: f64[2, 3]', '%0 = dotGeneral(x, y) contract [0, 1] [0, 1]', [six, six], [[91]], '1 + 4 + 9 + 16 + 25 + 36'),
    v('x: f64[2], y: f64[3]', '%0 = dotGeneral(x, y) contract [] []', [[1, 2], [3, 4, 5]], [[3, 4, 5, 6, 8, 10]], 'the outer product'),
    v('x: f64[2, 0], y: f64[0, 1]', '%0 = dotGeneral(x, y) contract [1] [0]', [[], []], [[0, 0]], 'the empty sum'),
    v('x: f64[2], y: f64[2]', '%0 = dotGeneral(x, y) contract [0] [0]', [[0, 1], [inf, 1]], [[nan]], ieee('7.2: 0 × ∞')),
    v('x: f32[3], y: f32[3]', '%0 = dotGeneral(x, y) contract [0] [0]', [[16777216, 1, 1], [1, 1, 1]], [[16777218]], 'rounded once, at the end'),
    v('x: u32[2], y: u32[2]', '%0 = dotGeneral(x, y) contract [0] [0]', [[4294967295, 65536], [4294967295, 65536]], [[1]], wraps),
  ],
  reduce: [
    v('x: i32[1, 6]', '%0 = reduce add(x) axes [1]', [[0, 1, 2, 3, 4, 5]], [[15]], stablehlo('reduce, the example')),
    v('x: f64[2, 3]', '%0 = reduce add(x) axes [0]', [six], [[5, 7, 9]], numpy('sum over axis 0')),
    v('x: f64[2, 3]', '%0 = reduce max(x) axes [0, 1]', [six], [[6]], numpy('max')),
    v('x: f64[2, 0]', '%0 = reduce mul(x) axes [1]', [[]], [[1, 1]], 'the empty product'),
    v('x: f64[2]', '%0 = reduce add(x) axes []', [[1, -0]], [[1, 0]], 'over no axis each element is added to 0'),
    v('x: f64[2, 3]', '%0 = reduce argMax(x) axes [0, 1]', [[1, 5, 2, 5, 0, 0]], [[1]], numpy('argmax of the flattened array')),
    v('x: f32[3]', '%0 = reduce add(x) axes [0]', [[16777216, 1, 1]], [[16777218]], 'rounded once, at the end'),
    v('x: i32[2], y: f64[2]', '%0: i32[2] = add(x, 0) %1 = reduce add(%0, x) axes [0]', [[2, 3], [0, 0]], [[5], [5]], 'several operands, one result each', { returns: '%1[0], %1[1]' }),
  ],
  gather: [
    v('x: f64[3, 2], i: i32[2]', '%0 = gather(x, i)', [six, [2, 0]], [[5, 6, 1, 2]], numpy('take along axis 0')),
    v('x: f64[3], i: i32[3]', '%0 = gather(x, i)', [[7, 8, 9], [-1, 3, 2147483647]], [[7, 9, 9]], stablehlo('gather: start indices are clamped')),
    v('x: f64[2], i: i32[]', '%0 = gather(x, i)', [[7, 8], [1]], [[8]], numpy('take of one index')),
    v('x: f64[2], i: u32[1, 2]', '%0 = gather(x, i)', [[7, 8], [4294967295, 0]], [[8, 7]], stablehlo('gather: start indices are clamped')),
    v('x: f64[2, 2], i: i32[0]', '%0 = gather(x, i)', [[1, 2, 3, 4], []], [[]], 'no rows'),
  ],
  scatter: [
    v('x: f64[3], i: i32[3], u: f64[3]', '%0 = scatter add(x, i, u)', [[1, 1, 1], [0, 2, 0], [10, 20, 30]], [[41, 1, 21]], numpy('add.at: equal indices add up')),
    v('x: f64[2, 2], i: i32[2], u: f64[2, 2]', '%0 = scatter add(x, i, u)', [[0, 0, 0, 0], [1, 1], [1, 2, 3, 4]], [[0, 0, 4, 6]], numpy('add.at')),
    v('x: f64[2], i: i32[3], u: f64[3]', '%0 = scatter add(x, i, u)', [[0, 0], [-1, 2, 1], [5, 6, 7]], [[0, 7]], stablehlo('scatter: what is out of bounds is left out')),
    v('x: f64[2], i: i32[2], u: f64[2]', '%0 = scatter max(x, i, u)', [[1, 1], [0, 0], [nan, 5]], [[nan, 1]], ieee('9.6 maximum')),
    v('x: f64[2], i: i32[2], u: f64[2]', '%0 = scatter min(x, i, u)', [[1, 1], [0, 1], [0, 5]], [[0, 1]], numpy('minimum.at')),
    v('x: f64[3], i: i32[4], u: f64[4]', '%0 = scatter set(x, i, u)', [[7, 8, 9], [0, 2, 0, 3], [1, 2, 3, 4]], [[3, 8, 2]], numpy('x[i] = u: the last of equal indices; 3 is out of bounds')),
    v('x: bool[2, 2], i: i32[2], u: bool[2, 2]', '%0 = scatter set(x, i, u)', [[1, 1, 0, 0], [1, 1], [1, 1, 0, 1]], [[1, 1, 0, 1]], 'the last row'),
    v('x: i32[1], i: i32[2], u: i32[2]', '%0 = scatter mul(x, i, u)', [[65536], [0, 0], [65536, 3]], [[0]], wraps),
    v('x: f64[2], i: i32[0], u: f64[0]', '%0 = scatter add(x, i, u)', [[1, -0], [], []], [[1, -0]], 'nothing is added'),
  ],
  dynamicSlice: [
    v('x: f64[2, 3], i: i32[], j: i32[]', '%0 = dynamicSlice(x, i, j) sizes [1, 2]', [six, [1], [0]], [[4, 5]], 'row 1 from column 0'),
    v('x: i32[5], i: i32[]', '%0 = dynamicSlice(x, i) sizes [3]', [[1, 2, 3, 4, 5], [4]], [[3, 4, 5]], stablehlo('dynamic_slice: starts are clamped to what fits')),
    v('x: i32[5], i: i32[]', '%0 = dynamicSlice(x, i) sizes [3]', [[1, 2, 3, 4, 5], [-2147483648]], [[1, 2, 3]], stablehlo('dynamic_slice: starts are clamped to what fits')),
    v('x: bool[2], i: i32[]', '%0 = dynamicSlice(x, i) sizes [0]', [[1, 0], [1]], [[]], 'nothing'),
  ],
  dynamicUpdateSlice: [
    v('x: f64[2, 3], u: f64[1, 2], i: i32[], j: i32[]', '%0 = dynamicUpdateSlice(x, u, i, j)', [six, [8, 9], [1], [0]], [[1, 2, 3, 8, 9, 6]], 'row 1 from column 0'),
    v('x: i32[4], u: i32[2], i: i32[]', '%0 = dynamicUpdateSlice(x, u, i)', [[1, 2, 3, 4], [8, 9], [3]], [[1, 2, 8, 9]], stablehlo('dynamic_update_slice: starts are clamped to what fits')),
    v('x: i32[4], u: i32[2], i: i32[]', '%0 = dynamicUpdateSlice(x, u, i)', [[1, 2, 3, 4], [8, 9], [-7]], [[8, 9, 3, 4]], stablehlo('dynamic_update_slice: starts are clamped to what fits')),
    v('x: i32[2], u: i32[0], i: i32[]', '%0 = dynamicUpdateSlice(x, u, i)', [[1, 2], [], [1]], [[1, 2]], 'nothing is put in'),
  ],
  argsort: [
    v('x: f64[5]', '%0 = argsort(x) axis 0', [[3, 1, 2, 1, 0]], [[4, 1, 3, 2, 0]], numpy('argsort, stable')),
    v('x: f64[5]', '%0 = argsort(x) axis 0 descending', [[1, nan, 3, 1, Infinity]], [[4, 2, 0, 3, 1]], 'equal ones in the order of their places, NaN last'),
    v('x: f64[4]', '%0 = argsort(x) axis 0', [[0, nan, -0, -Infinity]], [[3, 0, 2, 1]], '0 and -0 are equal'),
    v('x: i32[2, 3]', '%0 = argsort(x) axis 1', [[3, 1, 2, 0, 0, -1]], [[1, 2, 0, 2, 0, 1]], numpy('argsort along axis 1')),
    v('x: i32[2, 3]', '%0 = argsort(x) axis 0', [[3, 1, 2, 0, 1, 7]], [[1, 0, 0, 0, 1, 1]], numpy('argsort along axis 0')),
    v('x: i32[4], y: f64[4]', '%0 = argsort(x, y) axis 0', [[1, 0, 1, 0], [5, 9, 4, 8]], [[3, 1, 2, 0]], 'the second key where the first is equal'),
    v('x: u32[0]', '%0 = argsort(x) axis 0', [[]], [[]], 'nothing'),
  ],
  getDimensionSize: [
    v('x: f64[2, 3]', '%0 = getDimensionSize(x) axis 0', [six], [[2]], stablehlo('get_dimension_size')),
    v('x: f64[2, 3]', '%0 = getDimensionSize(x) axis 1', [six], [[3]], stablehlo('get_dimension_size')),
    v('x: f64[n<=128, 2]', '%0 = getDimensionSize(x) axis 0', [six], [[3]], 'the real size, not the largest', { bindings: { n: 3 } }),
    v('x: f64[2*n<=128]', '%0 = getDimensionSize(x) axis 0', [six], [[6]], 'twice what n stands for', { bindings: { n: 3 } }),
  ],
  get: [
    v('x: f64[]', '%0 = call square(x)', [[3]], [[9]], 'the first result', { graphs: square, returns: '%0[0]' }),
    v('x: f64[]', '%0 = call square(x)', [[3.5]], [[3]], 'the second result', { graphs: square, returns: '%0[1]' }),
    v('x: f64[]', '%0 = call square(x)', [[-2]], [[-2], [4]], 'both, in another order', { graphs: square, returns: '%0[1], %0[0]' }),
  ],
  scan: [
    v('c: f64[], x: f64[4]', '%0: (f64[], f64[4]) = scan running(c, x) carries 1 slices 1 length 4', [[10], [1, 2, 3, 4]], [[20], [10, 11, 13, 16]], 'sums, and the sum before each row', { graphs: running, returns: '%0[0], %0[1]' }),
    v('c: f64[], x: f64[4]', '%0: (f64[], f64[4]) = scan running(c, x) carries 1 slices 1 length 4 reverse', [[10], [1, 2, 3, 4]], [[20], [19, 17, 14, 10]], 'from the last row to the first', { graphs: running, returns: '%0[0], %0[1]' }),
    v('c: f64[], x: f64[]', '%0: (f64[], f64[3]) = scan running(c, x) carries 1 slices 0 length 3', [[1], [2]], [[7], [1, 3, 5]], 'what all runs share is no row', { graphs: running, returns: '%0[0], %0[1]' }),
    v('c: f64[], x: f64[0]', '%0: (f64[], f64[0]) = scan running(c, x) carries 1 slices 1 length 0', [[5], []], [[5], []], 'no runs leave the carry as it is', { graphs: running, returns: '%0[0], %0[1]' }),
  ],
  while: [
    v('x: f64[], top: f64[]', '%0 = while below doubled(x, top) carries 1', [[3], [20]], [[24]], '3, 6, 12, 24', { graphs: doubling }),
    v('x: f64[], top: f64[]', '%0 = while below doubled(x, top) carries 1', [[30], [20]], [[30]], 'the test comes first', { graphs: doubling }),
    v('x: f32[], top: f32[]', '%0 = while below doubled(x, top) carries 1', [[16777215], [16777216]], [[33554430]], 'in the precision of its dtype', { graphs: doubling.replaceAll('f64', 'f32') }),
  ],
  case: [
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times]', [[0], [5]], [[7]], 'the first', { graphs: branches }),
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times]', [[1], [5]], [[10]], 'the second', { graphs: branches }),
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times]', [[-1], [5]], [[10]], 'a number that names none takes the last', { graphs: branches }),
  ],
  call: [
    v('x: f64[]', '%0 = call product(x, x)', [[5]], [[25]], 'the body at the arguments', { graphs: product }),
    v('x: f64[], y: f64[]', '%0 = call product(x, y) %1 = call product(%0, %0)', [[2], [3]], [[36]], '(2 · 3)²', { graphs: product, returns: '%1' }),
    v('x: f64[]', '%0 = call square(x)', [[4]], [[16], [4]], 'all results', { graphs: square, returns: '%0[0], %0[1]' }),
    v('x: f64[n<=4]', '%0 = call size(x)', [[1, 2, 3]], [[3]], 'sizes are bound inside too', { graphs: 'graph size(x: f64[n<=4]) { %0 = getDimensionSize(x) axis 0 return %0 }', bindings: { n: 3 } }),
  ],
  composite: [
    v('x: f64[]', '%0 = composite twice(x) body double', [[5]], [[10]], 'the body at the arguments', { graphs: 'graph double(x: f64[]) { %0 = add(x, x) return %0 }' }),
    v('x: f64[]', '%0 = composite c(x) { scale: 7 } body square', [[3]], [[9], [3]], 'attributes are names only', { graphs: square, returns: '%0[0], %0[1]' }),
    v('x: f64[]', '%0 = composite c(x) body double vjp triple', [[5]], [[10]], ours('rules of its own do not change what it is'), { graphs: 'graph double(x: f64[]) { %0 = add(x, x) return %0 } graph triple(x: f64[], y: f64[], ct: f64[]) { %0 = mul(ct, 3) return %0 }' }),
  ],
  transform: [
    v('x: f64[], y: f64[], ct: f64[]', '%0 = transform vjp product(x, y, ct) wrt [0, 1]', [[3], [5], [2]], [[15], [10], [6]], 'd(xy) = y dx + x dy, times 2', { graphs: product, returns: '%0[0], %0[1], %0[2]' }),
    v('x: f64[], y: f64[], t: f64[]', '%0 = transform jvp product(x, y, t) wrt [1]', [[3], [5], [2]], [[15], [6]], 'x · dy at dy = 2', { graphs: product, returns: '%0[0], %0[1]' }),
    v('x: f64[], ct: f64[]', '%0 = transform vjp square(x, ct) wrt [0]', [[3.5], [1]], [[12.25], [3], [7]], 'd(x²) = 2x; an integer result takes no cotangent', { graphs: square, returns: '%0[0], %0[1], %0[2]' }),
    v('x: f64[]', '%0: f64[] = constant 1 %1 = transform vjp slope(x, %0) wrt [0]', [[2]], [[12], [12]], 'of 3x²: 6x, by differentiating x³ twice', {
      graphs: 'graph cube(x: f64[]) { %0 = mul(x, x) %1 = mul(%0, x) return %1 } graph slope(x: f64[]) { %0: f64[] = constant 1 %1 = transform vjp cube(x, %0) wrt [0] return %1[1] }', returns: '%1[0], %1[1]',
    }),
    v('x: f64[3], y: f64[3]', '%0 = transform vmap product(x, y) axes [0, 0]', [[1, 2, 3], [4, 5, 6]], [[4, 10, 18]], 'the product of each pair', { graphs: product }),
    v('x: f64[3], y: f64[]', '%0 = transform vmap product(x, y) axes [0, none]', [[1, 2, 3], [4]], [[4, 8, 12]], 'y for all', { graphs: product }),
    v('x: f64[2, 3]', '%0 = transform vmap total(x) axes [1]', [six], [[5, 7, 9], [2, 2, 2]], 'of each column; a constant for each', {
      graphs: 'graph total(x: f64[2]) { %0 = reduce add(x) axes [0] %1: f64[] = constant 2 return %0, %1 }', returns: '%0[0], %0[1]',
    }),
  ],
};
