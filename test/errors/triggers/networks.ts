import { isRight } from 'fp-ts/lib/Either.js';
import { array, f32, fn, i32, intArray, key, mean, render, zeros, type Dyn, type F32 } from 'fluxion';
import * as nn from 'fluxion/nn';
import { adam, sgd } from 'fluxion/optim';
import { fit, trainer } from 'fluxion/train';
import { said, saidOf, unchecked } from '../../messages.ts';
import type { Triggers } from './trigger.ts';

const applied = (m: nn.Model): string => saidOf(fn([{ params: m.params, state: m.state }, m.input], (v, x) => nn.apply(m, unchecked(v), unchecked(x))), { dims: { batch: 2 } });
const over = (size: number, ...parts: readonly unknown[]): nn.Model => unchecked(nn.sequential(nn.input([size]), ...parts.map(unchecked)));
const params = { w: f32([2]) };
const updated = (p: unknown, grads: unknown, slots: unknown = sgd().init(p)): string => saidOf(fn([p, slots, grads], (q, s, g) => sgd().update(g, unchecked(s), q)));

const net = nn.sequential(nn.input([2]), nn.dense(3, 'softmax'));
const classes = trainer({ model: net, optimizer: sgd(), loss: nn.sparseCategoricalCrossentropy });
const points = { x: array([[0, 0], [1, 1]], [2, 2]), y: intArray([0, 2], [2]), size: 2 };
const fitted = async (options: object = {}, data: unknown = points, t: unknown = classes): Promise<string> =>
  said(await fit(unchecked(t), unchecked(data), { progress: false, batchSize: 2, ...options })());

/** layers, losses, optimisers and training */
export const networks: Triggers = {
  FX6007: () => fitted({}, { x: array(new Float32Array(0), [0, 2]), y: intArray(new Int32Array(0), [0]), size: 0 }),
  FX6009: async () => [await fitted({ batchSize: 0 }), await fitted({ batchSize: 3 })].join('\n'),
  FX6201: () => applied(over(4, nn.dense(3, unchecked('rleu')))),
  FX6202: () => applied(over(4, nn.dense(0))),
  FX6203: () => applied(over(0, nn.dense(3))),
  FX6204: () => applied(over(4, nn.dense(3), nn.dense(2, { inputs: 5 }))),
  FX6205: () => saidOf(fn([], () => nn.apply(net, unchecked(nn.init(over(2, nn.dense(4)), key(0))), zeros([1, 2])))),
  FX6206: () => saidOf(fn([], () => nn.init(over(4, nn.dense(3, { kernelInit: unchecked('glorot') })), key(0)))),
  FX6207: () => applied(over(8, nn.block('gate', f32(['n', 8]), { a: nn.dense(8), b: nn.dense(8) }, (l, x) => l.a(x)))),
  FX6208: () => saidOf(fn([f32([3, 1]), f32([3])], (p, t) => nn.meanSquaredError(p, unchecked(t)))),
  FX6209: () => applied(over(4, 'relu')),
  FX6301: () => saidOf(fn([params, params], (p, g) => adam({ learningRate: -1 }).update(g, adam().init(p), p))),
  FX6302: () => updated({ n: i32([2]) }, { n: i32([2]) }),
  FX6303: () => updated(params, { w: f32([3]) }),
  FX6304: () => updated(params, params, adam().init(params)),
  FX6401: () => fitted({}, points, trainer({ model: net, optimizer: sgd(), loss: nn.sparseCategoricalCrossentropy, metrics: [unchecked('acuracy')] })),
  FX6402: () => fitted({}, { ...points, x: array([[0, 0, 0], [1, 1, 1]], [2, 3]) }),
  FX6403: () => fitted({}, { ...points, y: intArray([0, 3], [2]) }),
  FX6404: () => fitted({ checkData: true }, { ...points, x: array([[0, 0], [NaN, 1]], [2, 2]) }),
  FX6405: () => fitted({ epochs: 1.5 }),
  FX6406: () => fitted({ sampleWeights: array([1, 2, 3], [3]) }),
  FX6407: () => fitted({}, unchecked({ ...points, y: array([0, 1], [2]) }), unchecked(trainer({ model: net, optimizer: sgd(), loss: nn.loss('f32', (p: F32<Dyn>) => mean(p), { name: 'total' }) }))),
  FX6408: async () => {
    const trained = await fit(classes, { ...points, x: array([[0, 0], [NaN, 1]], [2, 2]) }, { progress: false })();
    return isRight(trained) && trained.right.warnings ? render(trained.right.warnings) : 'nothing is wrong';
  },
};
