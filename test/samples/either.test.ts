import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { compile, compileAsync, f32, fn, key, matmul, orThrow, relu, render, softmax } from 'fluxion';
import { firstAvailable, js } from 'fluxion/backends';
import { gpujs } from 'fluxion/gpujs';
import { loadWeights, saveWeights } from 'fluxion/interop';
import { dense, init, input, sequential, sparseCategoricalCrossentropy } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, trainer } from 'fluxion/train';
import { digits } from './digits.ts';

const f = fn([f32(['batch', 784]), f32([784, 10])], (x, w) => pipe(matmul(x, w), relu, (y) => softmax(y)));
const x = new Float32Array(784).fill(1), w = Float32Array.from({ length: 7840 }, (_, i) => (i % 10 === 3 ? Math.log(9) / 784 : 0));
const rightly = (y: ArrayLike<number>): void => { expect(Array.from(y, (p) => Math.round(1e4 * p) / 1e4)).toEqual([0.0556, 0.0556, 0.0556, 0.5, 0.0556, 0.0556, 0.0556, 0.0556, 0.0556, 0.0556]); };

it('Either all the way, or throwing all the way', () => {
  rightly(pipe(compile(f), E.chain((run) => run.safe(x, w)), E.map((y) => y.data), E.getOrElseW(() => [])));
  expect(pipe(compile(f), E.chain((run) => run.safe(x, new Float32Array(5))), E.match(render, () => 'nothing'))).toBe('error FX7001: arg1: wanted [784, 10], but got 5 elements');
  rightly(orThrow(compile(f))(x, w).data);
  expect(() => orThrow(compile(f))(x, new Float32Array(5))).toThrow('FX7001');
});
it('TaskEither where a device is waited for', async () => {
  const none = await pipe(compileAsync(f, { backend: gpujs({ mode: 'webgpu' }) }), TE.chain((run) => () => run.safe(x, w)))();
  expect(E.isLeft(none) && none.left[0].code).toBe('FX5102');
  // @ts-expect-error an asynchronous backend does not go with the synchronous compile
  const refused = compile(f, { backend: gpujs({ mode: 'webgpu' }) });
  expect(E.isLeft(refused) ? render(refused.left) : 'nothing').toBe('error FX7007: compile: gpujs is asynchronous here: its results have to be waited for\n  hint: use compileAsync');
  using run = await orThrow(compileAsync(f, { backend: firstAvailable([gpujs({ mode: 'webgl2' }), js()]) }));
  rightly((await run(x, w)).data);
});
it('the whole tutorial as one TaskEither', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sample-')), path = join(folder, 'mnist.safetensors');
  const model = sequential(input([784]), dense(32, 'relu'), dense(10, 'softmax'));
  const program = pipe(
    TE.fromTask(digits),
    TE.bindTo('data'),
    TE.let('task', () => trainer({ model, optimizer: adam({ learningRate: 0.01 }), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] })),
    TE.bind('trained', ({ data, task }) => fit(task, data.train, { epochs: 3, progress: false })),
    TE.chainFirst(({ trained }) => saveWeights(path, trained.variables)),
    TE.bind('scores', ({ data, trained }) => evaluate(trained, data.test)));
  const { scores, trained } = await orThrow(program), loaded = await orThrow(loadWeights(path, init(model, key(0))));
  expect(scores.accuracy).toBeGreaterThan(0.7);
  expect(loaded.params[0].kernel.data).toEqual(trained.variables.params[0].kernel.data);
  await rm(folder, { recursive: true });
});
