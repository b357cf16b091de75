import { describe, expect, it } from 'vitest';
import { mnistTrainer } from '../../../examples/mnist.ts';
import { gpujs } from '../../../src/backends/gpujs/gpujs.ts';
import { reference } from '../../../src/backends/reference/reference.ts';
import type { Backend } from '../../../src/backends/backend.ts';
import { array, compile, compute, intArray, key, orThrow, type NDArray } from '../../../src/index.ts';
import { mnist } from '../../../src/data/index.ts';
import { init } from '../../../src/nn/index.ts';
import { evaluate, fit, stepOf } from '../../../src/train/index.ts';
import { classifier, sectors } from '../../train/problems.ts';
import { inEveryMode, inMode, kernelClass } from './gl.ts';

const batch = 16;
/** one step after another on a backend; gives each batch's loss */
const training = (backend: Backend<'sync'>) => {
  const t = classifier(), vars = init(t.model, key(0)), made = orThrow(compute({ variables: vars, slots: t.optimizer.init(vars.params) }));
  const run = orThrow(compile(stepOf(t), { backend, donate: [0], dims: { batch: { max: batch } } }));
  const none = (): NDArray<[], 'f32'> => array(new Float32Array(1), []);
  // SAFETY: the state is like the step's own, of which only the types were read
  const call = run as unknown as (...args: readonly unknown[]) => { readonly state: unknown; readonly loss: NDArray<[], 'f32'> };
  let state: unknown = { ...made, totals: { loss: none(), accuracy: none() } };
  const k = key(1);
  return {
    run, step: (i: number, examples = batch): number => {
      const from = (i * batch) % (sectors.size - batch + 1);
      const x = array(Float32Array.from(sectors.x.data.subarray(2 * from, 2 * (from + examples))), [examples, 2]), y = intArray(Int32Array.from(sectors.y.data.subarray(from, from + examples)), [examples]);
      const result = call(state, x, y, k);
      state = result.state;
      const loss = result.loss.item();
      result.loss[Symbol.dispose]();
      return loss;
    },
  };
};

describe('training on gpu.js', () => {
  inEveryMode('twenty losses within 1e-3 of the reference, a batch that is not whole among them', (mode) => {
    const backend = gpujs({ mode }), here = training(backend), there = training(reference({ precision: 'f64' }));
    for (let i = 0; i < 20; i++) {
      const examples = i % 5 === 4 ? 7 : batch;
      expect(Math.abs(here.step(i, examples) - there.step(i, examples))).toBeLessThan(1e-3);
    }
    expect(backend.device()).toMatchObject({ mode, kernel: kernelClass[mode], fallback: 'none' });
  });
  inEveryMode('the state stays on the device, handles are freed, only the loss is read', (mode) => {
    const backend = gpujs({ mode }), { step } = training(backend);
    step(0);
    step(1);
    const before = backend.memory.stats();
    for (let i = 2; i < 32; i++) step(i);
    const after = backend.memory.stats();
    expect(after.liveBytes).toBe(before.liveBytes);
    // one f32 a step
    expect(after.readBytes - before.readBytes).toBe(30 * 4);
    // what goes over is the batch and its labels, where there is a device to go to
    expect(after.uploadedBytes - before.uploadedBytes).toBe(mode === 'headlessgl' ? 30 * (batch * 2 * 4 + batch * 4) : 0);
  });
  inMode('headlessgl', 'two epochs of ten thousand digits, and nine of ten others are read', async () => {
    const backend = gpujs({ mode: 'headlessgl' }), { train, test } = await orThrow(mnist({ flat: true, limit: 10_000 }));
    const trained = await orThrow(fit(mnistTrainer, train, { batchSize: 128, epochs: 2, backend, progress: false }));
    const { accuracy } = await orThrow(evaluate(trained, test, { backend }));
    expect(accuracy).toBeGreaterThanOrEqual(0.9);
    expect(trained.report?.device).toMatchObject({ mode: 'headlessgl', kernel: 'HeadlessGLKernel', fallback: 'none' });
  }, 300_000);
  it('the tutorial’s step is forty launches', () => {
    const run = orThrow(compile(stepOf(mnistTrainer), { backend: gpujs({ mode: 'cpu' }), donate: [0], dims: { batch: { max: 128 } } }));
    expect(run.report?.launches).toBe(40);
  });
});
