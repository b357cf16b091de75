/** Wrong on purpose: mistakes.txt holds what tsc says. Not part of the type check of the whole. The same is said at run time: test/expr/shapes.test.ts */
import {
  add, bool, cholesky, concat, convert, dynamicSlice, einsum, f32, fft, fn, grad, hessian, i32, matmul, mean, permute, poly, reshape, scatterAdd, slice, softmax, solve, sum, take, topK, valueAndGrad, where, type F32,
} from 'fluxion';

const x = f32(['batch', 784]), words = f32(['batch', 'seq', 768]);
export const innerSizes = matmul(x, f32([512, 10]));
export const broadcasting = add(words, f32([3072]));
export const names = add(x, f32(['n', 784]));
export const dtypes = add(x, i32(['batch', 784]));
export const count = reshape(words, ['batch', 'seq', 12, 63]);
export const axis = sum(x, 2);
export const axisOfSoftmax = softmax(x, 2);
export const axisTwice = permute(words, [0, 1, 1]);
export const joined = concat([x, f32(['batch', 16]), f32(['seq', 16])], 1);
export const outside = slice(x, 1, 700, 800);
export const letters = einsum('bhqd,bhkd->bhqk', f32(['b', 12, 128, 64]), f32(['b', 12, 256, 32]));
export const table = take(f32([]), i32([3]));
export const condition = where(bool([3]), f32([4]), 0);
export const loss = grad((p: { w: F32<[784, 10]> }, v: typeof x) => matmul(v, p.w))({ w: f32([784, 10]) }, x);
export const lossToo = valueAndGrad((v: typeof x) => v)(x);
const attend = fn([f32(['b', 'k', 64]), f32(['b', 'k', 32])], (k, _) => mean(k));
export const unified = poly(attend)(f32(['n', 256, 64]), f32(['n', 255, 32]));
export const unifiedDtype = poly(attend)(f32(['n', 256, 64]), i32(['n', 256, 32]));
export const curvature = hessian((a: F32<[8]>) => softmax(a))(f32([8]));
export const transform = fft(x);
export const part = dynamicSlice(words, [0, 0, 0], ['batch', 'seq', 769]);
export const most = topK(x, 785);
export const updates = scatterAdd(x, i32([3]), f32([3, 783]));
export const square = cholesky(x);
export const side = solve(f32([3, 3]), f32([2, 1]));
// one mistake is told once: nothing is said of what is built on it
export const followed = convert(sum(matmul(innerSizes, f32([10, 3])), -1), 'f64');
