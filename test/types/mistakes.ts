/** Wrong on purpose: mistakes.txt holds what tsc says. Not part of the type check of the whole. */
import { pipe } from 'fp-ts/lib/function.js';
import {
  add, bool, compile, concat, convert, einsum, f32, fn, grad, i32, key, matmul, mean, mul, ones, orThrow, permute, poly, relu, reshape, slice, softmax, sum, take,
  valueAndGrad, where, type F32,
} from 'fluxion';
import { mnist } from 'fluxion/data';
import { gpujs } from 'fluxion/gpujs';
import * as nn from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { fit, trainer } from 'fluxion/train';

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
export const loss = grad((p: { w: F32<[784, 10]> }, v: typeof x) => matmul(v, p.w));
export const lossToo = valueAndGrad((v: typeof x) => v);
const attend = fn([f32(['b', 'k', 64]), f32(['b', 'k', 32])], (k, _) => mean(k));
export const unified = poly(attend)(f32(['n', 256, 64]), f32(['n', 255, 32]));
export const unifiedDtype = poly(attend)(f32(['n', 256, 64]), i32(['n', 256, 32]));
// one mistake is told once: nothing is said of what is built on it
export const followed = convert(sum(matmul(innerSizes, f32([10, 3])), -1), 'f64');

// networks and training
const rows = await orThrow(mnist({ flat: true })), images = await orThrow(mnist());
const model = nn.sequential(nn.input([784]), nn.dense(10, 'softmax')), other = nn.sequential(nn.input([784]), nn.dense(20));
export const layerTooWide = nn.sequential(nn.input([784]), nn.dense(256, 'relu'), nn.dense(64, { inputs: 128 }), nn.dense(10));
export const layerForOthers = nn.sequential(nn.input([16, 32]), nn.layer('norm', f32(['b', 'seq', 64]), () => ({ scale: ones([64]) }), (p, v) => mul(v, p.scale)));
export const residual = nn.sequential(nn.input([4]), nn.residual(nn.chain(nn.dense(3), relu)));
export const activation = nn.dense(128, 'rleu');
export const initialiser = nn.dense(128, { kernelInit: 'glorot' });
export const metric = trainer({ model, optimizer: adam(), loss: nn.sparseCategoricalCrossentropy, metrics: ['acuracy'] });
export const imagesForRows = fit(trainer({ model, optimizer: adam(), loss: nn.sparseCategoricalCrossentropy }), images.train);
export const labels = fit(trainer({ model, optimizer: adam(), loss: nn.meanSquaredError }), rows.train);
export const labelsOfLoss = nn.sparseCategoricalCrossentropy(model.output, f32(['batch']));
export const withoutKey = nn.applyTrain(model, nn.init(model, key(0)), x);
export const otherWeights = nn.apply(model, nn.init(other, key(0)), x);
export const otherWidth = nn.apply(model, nn.init(model, key(0)), f32([5, 783]));

// running
export const asynchronous = compile(attend, { backend: gpujs({ mode: 'webgpu' }) });
export const argument = orThrow(compile(attend))('abc', new Float32Array(4));
export const integers = orThrow(compile(attend))(new Int32Array(64), new Float32Array(32));
export const either = compile(attend)(1, 2);
export const piped = pipe(x, (v) => reshape(v, ['batch', 28, 27]), (v) => mean(v));
