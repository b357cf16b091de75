/** Exact types of operations: checked by tsc, never run. */
import * as t from 'fluxion';
import type { Dim, F32, Tensor } from 'fluxion';
import { is } from './exact.ts';

const rows = t.f32(['batch', 784]), w = t.f32([784, 256]), b = t.f32([256]);
is<F32<['batch', 784]>>()(rows);
is<F32<['batch', 256]>>()(t.relu(t.add(t.matmul(rows, w), b)));
// a shape that is already constant, and its readonly, are taken as they are
const sizes = [3, 4] as const;
is<F32<[3, 4]>>()(t.f32(sizes));

// matmul
is<F32<['b', 12, 128, 64]>>()(t.matmul(t.f32(['b', 12, 128, 32]), t.f32(['b', 12, 32, 64])));
is<F32<['b', 12, 128, 64]>>()(t.matmul(t.f32(['b', 12, 128, 32]), t.f32([1, 12, 32, 64])));
// @ts-expect-error inner sizes
t.matmul(rows, t.f32([512, 10]));
// @ts-expect-error rank
t.matmul(t.f32([3]), w);
// @ts-expect-error dtype
t.matmul(rows, t.i32([784, 3]));

// broadcasting
is<F32<['b', 5, 7]>>()(t.add(t.f32(['b', 1, 7]), t.f32([5, 1])));
is<F32<[3, 4]>>()(t.mul(t.f32([]), t.f32([3, 4])));
is<F32<[3, 4]>>()(t.sub(1, t.f32([3, 4])));
is<Tensor<['b', 5], 'bool'>>()(t.less(t.f32(['b', 1]), t.f32([5])));
is<Tensor<[2], 'i32'>>()(t.add(t.i32([2]), 1));
// @ts-expect-error sizes
t.add(t.f32([3, 4]), t.f32([3]));
// @ts-expect-error two names
t.add(t.f32(['batch', 4]), t.f32(['seq', 4]));
// @ts-expect-error a name against a literal
t.add(t.f32(['batch', 4]), t.f32([32, 4]));
// @ts-expect-error dtype
t.add(rows, t.i32(['batch', 784]));
// @ts-expect-error exp takes floats
t.exp(t.i32([3]));
is<F32<[2, 3, 4]>>()(t.where(t.bool([2, 1, 1]), t.f32([3, 1]), t.f32([4])));
is<F32<[2, 4]>>()(t.where(t.bool([2, 1]), t.f32([4]), 0));
// @ts-expect-error sizes
t.where(t.bool([2, 1]), t.f32([3]), t.f32([4]));
is<Tensor<[3], 'i32'>>()(t.convert(t.f32([3]), 'i32'));

// reshape and its kin
is<F32<['batch', 28, 28, 1]>>()(t.reshape(rows, ['batch', 28, 28, 1]));
is<F32<['batch', 28, 28]>>()(t.reshape(rows, ['batch', 28, -1]));
is<F32<['batch', 25088]>>()(t.reshape(t.f32(['batch', 7, 7, 512]), ['batch', -1]));
is<F32<['b', 'seq', 768]>>()(t.reshape(t.f32(['b', 'seq', 12, 64]), ['b', 'seq', 768]));
is<F32<['batch*seq', 768]>>()(t.reshape(t.f32(['batch', 'seq', 768]), [-1, 768]));
// @ts-expect-error count
t.reshape(rows, ['batch', 28, 27]);
// @ts-expect-error does not divide
t.reshape(rows, ['batch', 27, -1]);
// @ts-expect-error loses the batch
t.reshape(rows, [28, 28]);
is<F32<['b', 12, 'seq', 64]>>()(t.permute(t.f32(['b', 'seq', 12, 64]), [0, 2, 1, 3]));
is<F32<['b', 64, 'seq']>>()(t.transpose(t.f32(['b', 'seq', 64])));
is<F32<[5, 3, 4]>>()(t.permute(t.f32([3, 4, 5]), [-1, 0, 1]));
// @ts-expect-error an axis twice
t.permute(t.f32([3, 4, 5]), [0, 1, 1]);
// @ts-expect-error too few
t.permute(t.f32([3, 4, 5]), [0, 1]);
is<F32<['batch', 10]>>()(t.broadcastTo(t.f32([10]), ['batch', 10]));
// @ts-expect-error 3 is not 10
t.broadcastTo(t.f32([3]), ['batch', 10]);
// @ts-expect-error the target is smaller
t.broadcastTo(t.f32([2, 10]), [10]);
is<F32<[3, 4, 1]>>()(t.expandDims(t.f32([3, 4]), -1));
is<F32<[1, 3, 4]>>()(t.expandDims(t.f32([3, 4]), 0));
is<F32<[1]>>()(t.expandDims(t.f32([]), 0));
// @ts-expect-error axis
t.expandDims(t.f32([3, 4]), 3);
is<F32<[3, 4]>>()(t.squeeze(t.f32([3, 1, 4]), 1));

// functions of one dtype or another, and what they give
is<F32<['b', 5]>>()(t.atan2(t.f32(['b', 1]), t.f32([5])));
is<F32<[3]>>()(t.hypot(3, t.f32([3])));
is<Tensor<[3], 'f64'>>()(t.erfInv(t.f64([3])));
is<Tensor<[3], 'bool'>>()(t.isFinite(t.f64([3])));
is<Tensor<[3], 'i32'>>()(t.remainder(t.i32([3]), -2));
is<Tensor<[2, 3], 'u32'>>()(t.shiftLeft(t.u32([2, 1]), t.u32([3])));
is<Tensor<[3], 'i32'>>()(t.popcount(t.i32([3])));
// @ts-expect-error atan2 takes floats
t.atan2(t.i32([3]), 1);
// @ts-expect-error bits are of integers
t.bitwiseAnd(t.f32([3]), 1);
// @ts-expect-error asinh takes floats
t.asinh(t.i32([3]));
// @ts-expect-error sizes
t.logaddexp(t.f32([3]), t.f32([4]));

// random numbers
is<F32<['batch', 3]>>()(t.truncatedNormal(t.key(0), -2, 2, ['batch', 3]));
is<Tensor<[6], 'i32'>>()(t.randint(t.key(0), [6], 1, 7));
is<Tensor<['batch'], 'i32'>>()(t.categorical(t.key(0), t.f32(['batch', 10])));

// reductions
const cube = t.f32([2, 3, 4]);
is<F32<[2, 3]>>()(t.sum(cube, -1));
is<F32<[2, 1, 4]>>()(t.mean(cube, 1, { keepdims: true }));
is<F32<[]>>()(t.sum(cube));
is<F32<[3]>>()(t.max(cube, [0, -1]));
is<F32<[1, 3, 1]>>()(t.max(cube, [0, 2], { keepdims: true }));
is<F32<['seq']>>()(t.sum(t.f32(['batch', 'seq']), 'batch'));
is<Tensor<['batch'], 'i32'>>()(t.argmax(t.f32(['batch', 10]), -1));
is<F32<['batch', 10]>>()(t.softmax(t.f32(['batch', 10])));
is<F32<['batch']>>()(t.logSumExp(t.f32(['batch', 10]), -1));
// @ts-expect-error axis
t.sum(cube, 3);
// @ts-expect-error axis
t.softmax(t.f32(['b', 10]), 2);

// joining and cutting
is<F32<[2, 10]>>()(t.concat([t.f32([2, 3]), t.f32([2, 3]), t.f32([2, 4])], 1));
is<F32<['b', 'past+seq', 64]>>()(t.concat([t.f32(['b', 'past', 64]), t.f32(['b', 'seq', 64])], 1));
// @ts-expect-error the other axis
t.concat([t.f32([2, 3]), t.f32([3, 3])], 1);
is<F32<[3, 2, 4]>>()(t.stack([t.f32([2, 4]), t.f32([2, 4]), t.f32([2, 4])]));
is<F32<[2, 2, 4]>>()(t.stack([t.f32([2, 4]), t.f32([2, 4])], 1));
// @ts-expect-error sizes
t.stack([t.f32([2, 4]), t.f32([2, 5])]);
is<F32<[2, 100]>>()(t.slice(t.f32([2, 1000]), 1, 900, 1000));
is<F32<[2, 999]>>()(t.slice(t.f32([2, 1000]), 1, 0, -1));
// @ts-expect-error outside
t.slice(t.f32([2, 1000]), 1, 900, 1001);

// einsum, rows
is<F32<['i', 'k']>>()(t.einsum('ij,jk->ik', t.f32(['i', 'j']), t.f32(['j', 'k'])));
is<F32<['b', 12, 128, 256]>>()(t.einsum('bhqd,bhkd->bhqk', t.f32(['b', 12, 128, 64]), t.f32(['b', 12, 256, 64])));
is<F32<[3]>>()(t.einsum('ii->i', t.f32([3, 3])));
is<F32<[2, 5]>>()(t.einsum('ij, jk, kl -> il', t.f32([2, 3]), t.f32([3, 4]), t.f32([4, 5])));
// @ts-expect-error sizes
t.einsum('ij,jk->ik', t.f32([2, 3]), t.f32([4, 5]));
// @ts-expect-error an output that is nowhere
t.einsum('ij,jk->iz', t.f32([2, 3]), t.f32([3, 5]));
is<F32<['b', 'seq', 768]>>()(t.take(t.f32([50257, 768]), t.i32(['b', 'seq'])));
// @ts-expect-error float indices
t.take(t.f32([50257, 768]), t.f32(['b', 'seq']));
is<F32<['batch', 10]>>()(t.oneHot(t.i32(['batch']), 10));

// unknown sizes and ranks
declare const anything: number[]; declare const n: number;
const d = t.f32(anything);
is<F32<number[]>>()(d);
is<F32<Dim[]>>()(t.matmul(d, w));
is<F32<[]>>()(t.mean(d));
is<F32<[number, 10]>>()(t.reshape(d, [-1, 10]));
is<F32<[number, 256]>>()(t.matmul(t.f32([n, 784]), w));
is<F32<['batch', 784]>>()(t.assertShape(d, ['batch', 784]));

// generic code of users
function perceptron<B extends Dim>(v: F32<[B, 784]>) { return t.relu(t.matmul(v, w)); }
is<F32<['batch', 256]>>()(perceptron(rows));
function layer<B extends Dim, I extends number, O extends number>(v: F32<[B, I]>, k: F32<[I, O]>, bias: F32<[O]>) { return t.relu(t.add(t.matmul(v, k), bias)); }
is<F32<['batch', 4]>>()(layer(t.f32(['batch', 3]), t.f32([3, 4]), t.f32([4])));
// @ts-expect-error inside the body: I is not O
function wrong<B extends Dim, I extends number, O extends number>(v: F32<[B, I]>, k: F32<[O, I]>) { return t.matmul(v, k); }
void wrong;

// keys
const [k1, k2] = t.split(t.key(0));
is<F32<['batch', 64]>>()(t.normal(k1, ['batch', 64]));
is<F32<[2]>>()(t.uniform(k2, [2]));
is<Tensor<['b'], 'bool'>>()(t.bernoulli(k1, 0.5, t.f32(['b']).shape));
// @ts-expect-error only two
export const third = t.split(t.key(0))[2];

// options decide, not the type that is wanted
const image = t.f32([1, 9, 9, 3]), filter = t.f32([3, 3, 3, 8]);
export const convolved: F32<[1, 7, 7, 8]> = t.conv2d(image, filter), pooled: F32<[1, 4, 4, 3]> = t.maxPool(image, 2);
// @ts-expect-error the stride is 1
export const strided: F32<[1, 4, 4, 8]> = t.conv2d(image, filter);
// @ts-expect-error the stride is 2
export const unstrided: F32<[1, 8, 8, 3]> = t.avgPool(image, 2);

// parts and rows that are there
is<F32<['batch', 5]>>()(t.topK(rows, 5).values);
is<F32<['batch', number]>>()(t.topK(rows, 5 as number).values);
// @ts-expect-error more than there are
t.topK(rows, 785);
is<F32<['batch', 700]>>()(t.dynamicSlice(rows, [0, 3], ['batch', 700]));
// @ts-expect-error larger than the axis
t.dynamicSlice(t.f32([3, 4]), [0, 0], [3, 5]);
is<typeof rows>()(t.scatterAdd(rows, t.i32([2, 3]), t.f32([2, 3, 784])));
// @ts-expect-error updates of other rows
t.scatterSet(rows, t.i32([3]), t.f32([3, 783]));

// linear algebra
const square = t.f32([3, 3]);
is<F32<[3, 3]>>()(t.cholesky(square));
is<F32<[3, 2]>>()(t.triangularSolve(square, t.f32([3, 2])));
// @ts-expect-error not square
t.cholesky(t.f32([3, 2]));
// @ts-expect-error a right side of another size
t.solve(square, t.f32([2, 1]));

// loops carry tuples of tensors of several types
is<readonly [F32<[2]>, Tensor<[], 'i32'>]>()(t.foriLoop(3, (i, [p, q]) => [t.add(p, 1), t.add(q, i)], [t.f32([2]), t.i32([])]));
is<readonly [F32<[2]>, Tensor<[], 'i32'>]>()(t.whileLoop(([, q]) => t.less(q, 3), ([p, q]) => [t.add(p, 1), t.add(q, 1)], [t.f32([2]), t.i32([])]));
is<F32<[]>>()(t.scan(([p, q], v) => [[t.add(p, v), t.add(q, 1)], v], [t.f32([]), t.i32([])], t.f32([10]))[0][0]);
// @ts-expect-error exchanged
t.foriLoop(3, (_, [p, q]) => [q, p], [t.f32([2]), t.i32([])]);
