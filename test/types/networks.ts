/** Exact types of networks and training: checked by tsc, never run. */
import { array, compile, f32, fn, i32, intArray, key, matmul, mul, normal, ones, orThrow, relu, sigmoid, split, type F32, type Fn, type NDArray, type Tensor } from 'fluxion';
import { batches, mnist } from 'fluxion/data';
import { gpujs } from 'fluxion/gpujs';
import { loadWeights } from 'fluxion/interop';
import * as nn from 'fluxion/nn';
import { adam, chain, clipByGlobalNorm, type Slots } from 'fluxion/optim';
import { evaluate, fit, predict, trainer } from 'fluxion/train';
import { is } from './exact.ts';

// the tutorial's program
const { train, test } = await orThrow(mnist({ flat: true }));
is<NDArray<readonly [number, 784], 'f32'>>()(train.x);
is<NDArray<[number], 'i32'>>()(train.y);
const model = nn.sequential(nn.input([784]), nn.dense(128, 'relu'), nn.dense(128, 'relu'), nn.dense(10, 'softmax'));
is<F32<['batch', 10]>>()(model.output);
is<F32<[784, 128]>>()(model.params[0].kernel);
is<F32<[10]>>()(model.params[2].bias);
const training = trainer({ model, optimizer: adam(), loss: nn.sparseCategoricalCrossentropy, metrics: ['accuracy'] });
const trained = await orThrow(fit(training, train, { batchSize: 128, epochs: 10 }));
is<NDArray<[128, 10], 'f32'>>()(trained.variables.params[2].kernel);
is<NDArray<[], 'i32'>>()(trained.slots.step);
is<Readonly<Record<'loss' | 'accuracy', number>>>()(await orThrow(evaluate(trained, test)));
is<NDArray<['batch', 10], 'f32'>>()(await orThrow(predict(trained, test.x)));
// @ts-expect-error a metric that was not asked for
is<number>()((await orThrow(evaluate(trained, test))).precision);
// the images that the flat rows come from
is<NDArray<readonly [number, 28, 28, 1], 'f32'>>()((await orThrow(mnist())).train.x);
for (const { x, y } of batches(train, 128)) { is<NDArray<readonly [number, 784], 'f32'>>()(x); is<NDArray<[number], 'i32'>>()(y); }
is<NDArray<[784, 128], 'f32'>>()((await orThrow(loadWeights('w.safetensors', nn.init(model, key(0))))).params[0].kernel);

// layers of one's own, composition
const rmsNorm = nn.layer('rmsNorm', f32(['b', 'seq', 64]), () => ({ scale: ones([64]) }), (p, x) => mul(x, p.scale));
const glu = <const I extends number, const O extends number>(i: I, o: O) =>
  nn.layer('glu', f32(['b', i]), (k) => { const [a, b] = split(k); return { gate: normal(a, [i, o]), value: normal(b, [i, o]) }; }, (p, x) => mul(sigmoid(matmul(x, p.gate)), matmul(x, p.value)));
const own = nn.sequential(nn.input([784]), nn.dense(64), glu(64, 32), sigmoid, nn.dense(10));
is<F32<['batch', 10]>>()(own.output);
is<F32<[64, 32]>>()(own.params[1].gate);
is<F32<[32, 10]>>()(own.params[3].kernel);
is<F32<['batch', 16, 3]>>()(nn.sequential(nn.input([16, 64]), rmsNorm, nn.dense(3)).output);
// @ts-expect-error it is made for a width of 64
nn.sequential(nn.input([16, 32]), rmsNorm);
const deep = nn.sequential(nn.input([28, 28, 1]), nn.flatten(), nn.residual(nn.chain(nn.dense(784), relu, nn.dense(784))), nn.dense(10));
is<F32<['batch', 10]>>()(deep.output);
is<F32<[784, 784]>>()(deep.params[1][2].kernel);

// optimisers keep the parameters' own type
const vars = nn.init(model, key(0));
const clipped = chain(clipByGlobalNorm(1), adam());
is<Slots<typeof vars.params>>()(clipped.init(vars.params));
is<readonly [params: typeof vars.params, slots: Slots<typeof vars.params>]>()(clipped.update(vars.params, clipped.init(vars.params), vars.params));

// running
const step = fn([f32(['n', 3]), i32()], (x, _) => ({ y: x }));
is<Fn<[F32<['n', 3]>, Tensor<[], 'i32'>], { y: F32<['n', 3]> }>>()(step);
using run = orThrow(compile(step));
is<{ readonly y: NDArray<['n', 3], 'f32'> }>()(run(new Float32Array(6), 1));
run([[1, 2, 3]], 1);
run(array([1, 2, 3], [1, 3]), 1);
// @ts-expect-error i32 where f32 is declared
run(intArray([1, 2, 3], [1, 3]), 1);
compile(step, { backend: gpujs({ mode: 'cpu' }) });
// @ts-expect-error an asynchronous backend does not go with the synchronous compile
compile(step, { backend: gpujs({ mode: 'webgpu' }) });
// @ts-expect-error class numbers, where the loss wants targets of the prediction's own shape
fit(trainer({ model, optimizer: adam(), loss: nn.meanSquaredError }), train);
