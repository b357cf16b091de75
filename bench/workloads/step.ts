import { reference, type Backend, type LoopBackend } from 'fluxion/backends';
import { array, compile, intArray, orThrow, type NDArray } from 'fluxion';
import { dense, input, sequential, sparseCategoricalCrossentropy } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { stepOf, trainer, type Trainer } from 'fluxion/train';
import { fluxionLanes } from '../fluxion.ts';
import { handStep, type HandStep } from '../hand/mlp.ts';
import { handWasmStep } from '../hand/step.ts';
import { local, type Lane, type Results, type Running, type Workload } from '../measure.ts';
import { stepProblem, type Sizes, type StepProblem } from '../problems.ts';

interface StepWorkload extends Workload { readonly problem: StepProblem; readonly fewer?: StepWorkload }
/** so many multiplications the interpreter does in a few seconds */
const referenceWork = 32e6, checkedSteps = 3;

/**
 * One step of training a perceptron of three layers on a fresh batch: forward, loss, backward, Adam, accuracy. Where the
 * reference would take long, it has the same network with smaller batches.
 */
export const stepWorkload = (name: string, sizes: Sizes, batch: number): StepWorkload => {
  const problem = stepProblem(sizes, batch), [d0, d1, d2, d3] = sizes, rows = Math.max(1, Math.floor(referenceWork / (3 * checkedSteps * (d0 * d1 + d1 * d2 + d2 * d3))));
  return {
    name, problem, tolerance: 1e-4,
    reference: () => resultsOf(stepper(problem, reference({ precision: 'f64' }))),
    lanes: [...fluxionLanes((backend: LoopBackend<'sync'>) => running(stepper(problem, backend))), ...handLanes(problem)],
    ...(rows < batch && { fewer: stepWorkload(`batches of ${rows}`, sizes, rows) }),
  };
};

/** steps from the first weights on; `restart` goes back to them */
interface Stepper { readonly restart: () => void; readonly step: (i: number) => { readonly loss: number; readonly correct: number }; readonly close: () => void }
/** losses of some steps from the start, and how many of each batch were right */
const resultsOf = ({ restart, step, close }: Stepper, last = true): Results => {
  restart();
  const steps = Array.from({ length: checkedSteps }, (_, i) => step(i));
  if (last) close();
  return { loss: steps.map((s) => s.loss), correct: steps.map((s) => s.correct) };
};
/** each round starts anew, for moments of a batch that is known by heart become denormal */
const running = (stepper: Stepper): Running => local({
  run: (i) => { stepper.step(i + 1); }, results: () => resultsOf(stepper, false), close: stepper.close,
  begin: () => { stepper.restart(); stepper.step(0); },
});

export const perceptron = ([d0, d1, d2, d3]: Sizes): Trainer =>
  // SAFETY: a trainer without the types of its model
  trainer({ model: sequential(input([d0]), dense(d1, 'relu'), dense(d2, 'relu'), dense(d3, 'softmax')), optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] }) as unknown as Trainer;
export const shapesOf = (sizes: Sizes): readonly (readonly number[])[] => [0, 1, 2].flatMap((i) => [[sizes[i], sizes[i + 1]], [sizes[i + 1]]]);
/** arrays of the layers' weights and biases as a model's parameters */
export const layersOf = (of: readonly NDArray<unknown>[]): unknown => [0, 2, 4].map((i) => ({ kernel: of[i], bias: of[i + 1] }));

interface State { readonly totals: { readonly accuracy: NDArray<unknown> } }
/** the step as users get it: a trainer's own, compiled */
const stepper = ({ sizes, batch, weights, batches }: StepProblem, backend: Backend<'sync'>): Stepper => {
  const step = stepOf(perceptron(sizes)), run = orThrow(compile(step, { backend, donate: [0], dims: { batch: { max: batch } } })), shapes = shapesOf(sizes), key = step.example[3];
  // SAFETY: the state is like the step's own, of which only the types were read
  const call = run as unknown as (...args: readonly unknown[]) => { readonly state: State; readonly loss: NDArray<unknown> };
  const zeros = (): unknown => layersOf(weights.map((w, i) => array(new Float32Array(w.length), [...shapes[i]]))), none = (): NDArray<[], 'f32'> => array(new Float32Array(1), []);
  let state: unknown, correct = 0;
  return {
    restart: () => {
      disposeTree(state);
      correct = 0;
      state = {
        variables: { params: layersOf(weights.map((w, i) => array(w, [...shapes[i]]))), state: [{}, {}, {}] }, totals: { loss: none(), accuracy: none() },
        slots: { step: intArray(new Int32Array(1), []), trees: [zeros(), zeros()] },
      };
    },
    step: (i) => {
      const { x, labels } = batches[i % batches.length], result = call(state, array(x, [batch, sizes[0]]), intArray(labels, [batch]), key), loss = result.loss.item(), before = correct;
      state = result.state;
      result.loss[Symbol.dispose]();
      correct = result.state.totals.accuracy.item();
      return { loss, correct: correct - before };
    },
    close: () => { disposeTree(state); run[Symbol.dispose](); },
  };
};
const disposeTree = (tree: unknown): void => {
  if (typeof tree !== 'object' || tree === null) return;
  // SAFETY: only asked whether it is there
  const own = (tree as Partial<Disposable>)[Symbol.dispose];
  if (own !== undefined) own.call(tree);
  else for (const part of Object.values(tree)) disposeTree(part);
};

/** the same step fused by hand */
const handLanes = (problem: StepProblem): readonly Lane[] => {
  const { sizes, batch, weights } = problem, initial = Float32Array.from(weights.flatMap((w) => [...w]));
  const js = (): HandStep => handStep(sizes, batch, initial);
  return [
    { subject: 'hand', backend: 'js', threads: 1, start: () => running(byHand(problem, js())) },
    ...[1, 2].map((threads): Lane => ({ subject: 'hand', backend: 'wasm', threads, start: async () => running(byHand(problem, await handWasmStep(sizes, batch, initial, threads))) })),
  ];
};
const byHand = ({ batches }: StepProblem, { x, labels, restart, step, close }: HandStep): Stepper => ({
  restart, close,
  step: (i) => {
    const batch = batches[i % batches.length];
    x.set(batch.x);
    labels.set(batch.labels);
    return step();
  },
});
