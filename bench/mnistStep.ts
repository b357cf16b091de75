import type { LoopBackend } from '../src/backends/backend.ts';
import { js } from '../src/backends/js/js.ts';
import { wasm } from '../src/backends/wasm/wasm.ts';
import { array, compile, intArray, orThrow, type NDArray } from '../src/index.ts';
import { dense, input, sequential, sparseCategoricalCrossentropy } from '../src/nn/index.ts';
import { adam } from '../src/optim/index.ts';
import { generator } from '../src/testing/graphs.ts';
import { stepOf, trainer } from '../src/train/index.ts';
import { handStep, type Sizes } from './hand/mlp.ts';
import type { Lane } from './measure.ts';

/** One step of training a perceptron of three layers: forward, loss, backward, Adam, metrics, on a fresh batch. */
export interface StepSizes { readonly sizes: Sizes; readonly batch: number }
export const tutorial: StepSizes = { sizes: [784, 128, 128, 10], batch: 128 };

/** sizes that nothing was tuned for: layers of 20 to 400, a batch of 20 to 200 */
export const drawn = (seed: number): StepSizes => {
  const random = generator(seed), between = (lo: number, hi: number): number => lo + Math.floor(random() * (hi - lo + 1));
  return { sizes: [between(50, 400), between(20, 300), between(20, 300), between(3, 40)], batch: between(20, 200) };
};

interface Batch { readonly x: Float32Array; readonly labels: Int32Array }
const problem = ({ sizes, batch }: StepSizes): { readonly initial: readonly Float32Array[]; readonly batches: readonly Batch[] } => {
  const random = generator(7);
  const lengths = [0, 1, 2].flatMap((i) => [sizes[i] * sizes[i + 1], sizes[i + 1]]);
  return {
    initial: lengths.map((n, i) => Float32Array.from({ length: n }, () => (i % 2 === 1 ? 0 : (random() - 0.5) * 0.15))),
    batches: Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: batch * sizes[0] }, random), labels: Int32Array.from({ length: batch }, () => Math.floor(random() * sizes[3])) })),
  };
};

/** the step as users get it: a trainer's own, compiled */
const fluxion = (s: StepSizes, backend: LoopBackend<'sync'>): Lane => {
  const { initial, batches } = problem(s), [d0, d1, d2, d3] = s.sizes, shapes = [[d0, d1], [d1], [d1, d2], [d2], [d2, d3], [d3]];
  const model = sequential(input([d0]), dense(d1, 'relu'), dense(d2, 'relu'), dense(d3, 'softmax'));
  const step = stepOf(trainer({ model, optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] }));
  const run = orThrow(compile(step, { backend, donate: [0], dims: { batch: { max: s.batch } } }));
  const weights = initial.map((w, i) => array(w, shapes[i])), zeros = (): readonly NDArray<unknown>[] => initial.map((w, i) => array(new Float32Array(w.length), shapes[i]));
  const layers = (of: readonly NDArray<unknown>[]): unknown => [0, 2, 4].map((i) => ({ kernel: of[i], bias: of[i + 1] }));
  const none = (): NDArray<[], 'f32'> => array(new Float32Array(1), []);
  let state: unknown = {
    variables: { params: layers(weights), state: [{}, {}, {}] }, totals: { loss: none(), accuracy: none() },
    slots: { step: intArray(new Int32Array(1), []), trees: [layers(zeros()), layers(zeros())] },
  };
  const arrays = batches.map(({ x, labels }) => ({ x: array(x, [s.batch, d0]), y: intArray(labels, [s.batch]) }));
  const key = step.example[3];
  // SAFETY: the state is like the step's own, of which only the types were read
  const call = run as unknown as (...args: readonly unknown[]) => { readonly state: unknown; readonly loss: NDArray<[], 'f32'> };
  return {
    subject: 'fluxion', backend: backend.name, threads: 1, close: () => run[Symbol.dispose](),
    run: (i) => {
      const { x, y } = arrays[i % arrays.length], result = call(state, x, y, key);
      state = result.state;
      const loss = result.loss.item();
      result.loss[Symbol.dispose]();
      return loss;
    },
  };
};
/** the same step fused by hand */
const hand = (s: StepSizes): Lane => {
  const { initial, batches } = problem(s), h = handStep(s.sizes, s.batch, Float32Array.from(initial.flatMap((w) => [...w])));
  return {
    subject: 'hand', backend: 'js', threads: 1,
    run: (i) => {
      const { x, labels } = batches[i % batches.length];
      h.x.set(x);
      h.labels.set(labels);
      return h.step().loss;
    },
  };
};
export const stepLanes = (s: StepSizes): readonly Lane[] => [fluxion(s, js()), fluxion(s, wasm()), hand(s)];
/** how far two losses may lie apart, after some steps in another order of sums */
export const stepTolerance = 1e-4;
