/** Wrong on purpose: networks, training and running. mistakes.txt holds what tsc says. Not part of the type check of the whole. */
import { pipe } from 'fp-ts/lib/function.js';
import { compile, f32, fn, key, mean, mul, ones, orThrow, relu, reshape } from 'fluxion';
import { mnist } from 'fluxion/data';
import { gpujs } from 'fluxion/gpujs';
import * as nn from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { fit, trainer } from 'fluxion/train';

const x = f32(['batch', 784]), attend = fn([f32(['b', 'k', 64]), f32(['b', 'k', 32])], (k, _) => mean(k));
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
