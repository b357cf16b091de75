import { reference, type Backend, type LoopBackend } from 'fluxion/backends';
import { add, array, compile, conv2d, f32, fn, i32, intArray, matmul, maxPool, mean, orThrow, relu, reshape, valueAndGrad, type Dyn, type F32, type NDArray } from 'fluxion';
import { sparseCategoricalCrossentropyFromLogits } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { fluxionLanes, functionLane, meaning, type Numbers } from '../fluxion.ts';
import { handConvForward } from '../hand/convForward.ts';
import { handConvStep, type HandConvStep } from '../hand/convStep.ts';
import { handLanes } from '../hand/lanes.ts';
import { local, type Lane, type Results, type Running, type Workload } from '../measure.ts';
import { convFeatures, convProblem, rowsOf, spread, type ConvProblem } from '../problems.ts';

/** so many images the interpreter takes a few seconds for */
const referenceImages = 8;

/**
 * One step of training a convolutional network on a fresh batch: forward, loss, backward, Adam. The reference has the same
 * network with fewer images; besides the losses of some steps it gives the slopes of the first, as Adam's means keep them.
 */
export const convStepWorkload = (name: string, padding: ConvProblem['padding'], batch: number, checkedSteps = 3): Workload => {
  const problem = convProblem(padding, batch);
  return {
    name, tolerance: 1e-4,
    reference: () => { const own = stepper(problem, reference({ precision: 'f64' })), results = resultsOf(own, checkedSteps); own.close(); return results; },
    lanes: [
      ...fluxionLanes((backend: LoopBackend<'sync'>) => running(stepper(problem, backend), checkedSteps)),
      ...[1, 2].map((threads): Lane => ({ subject: 'hand', backend: 'wasm', threads, start: async () => running(byHand(problem, await handConvStep(problem, threads)), checkedSteps) })),
    ],
    ...(referenceImages < batch && { fewer: convStepWorkload(`batches of ${referenceImages}`, padding, referenceImages, checkedSteps) }),
  };
};
/** The logits of images that stay in memory. The reference computes some of the images, evenly spread. */
export const convForwardWorkload = (name: string, padding: ConvProblem['padding'], batch: number): Workload => {
  const problem = convProblem(padding, batch), some = spread(batch, referenceImages), [{ x }] = problem.batches;
  const inputs = (images: number, data: Float32Array): readonly Numbers[] => [{ data, shape: [images, 28, 28, 1] }, ...problem.weights.map((w, i) => ({ data: w, shape: shapesOf(padding)[i] }))];
  return {
    name, tolerance: 2e-5, sample: ({ logits }) => ({ logits: rowsOf(logits, 10, some) }),
    reference: () => meaning(forward(padding, some.length), inputs(some.length, rowsOf(x, 784, some))),
    lanes: [...fluxionLanes(functionLane(forward(padding, batch), inputs(batch, x))), ...handLanes((threads) => handConvForward(problem, threads))],
  };
};

type X = F32<Dyn>;
type Layers<T> = readonly [w1: T, b1: T, w2: T, b2: T, w3: T, b3: T];
const shapesOf = (padding: ConvProblem['padding']): Layers<readonly number[]> => [[3, 3, 1, 16], [16], [3, 3, 16, 32], [32], [convFeatures(padding), 10], [10]];
const leavesOf = (padding: ConvProblem['padding']): Layers<X> => {
  const [w1, b1, w2, b2, w3, b3] = shapesOf(padding).map((shape): X => f32([...shape]));
  return [w1, b1, w2, b2, w3, b3];
};
const logitsOf = (padding: ConvProblem['padding'], images: number) => ([w1, b1, w2, b2, w3, b3]: Layers<X>, x: X): F32<[number, number]> => {
  const block = (h: X, w: X, b: X): X => maxPool(relu(add(conv2d(h, w, { padding }), b)), 2);
  // SAFETY: a row for each image
  return add(matmul(reshape(block(block(x, w1, b1), w2, b2), [images, convFeatures(padding)]), w3), b3) as F32<[number, number]>;
};
const forward = (padding: ConvProblem['padding'], images: number) => {
  const [w1, b1, w2, b2, w3, b3] = leavesOf(padding);
  return fn([f32([images, 28, 28, 1]), w1, b1, w2, b2, w3, b3], (x, ...layers) => ({ logits: logitsOf(padding, images)(layers, x) }), { name: 'convForward', args: ['x', 'w1', 'b1', 'w2', 'b2', 'w3', 'b3'] });
};

/** steps from the first weights on; `restart` goes back to them, and `means` are Adam's of each parameter */
interface Stepper { readonly restart: () => void; readonly step: (i: number) => number; readonly means: () => readonly ArrayLike<number>[]; readonly close: () => void }
const resultsOf = ({ restart, step, means }: Stepper, steps: number): Results => {
  restart();
  const first = step(0), [w1, b1, w2, b2, w3, b3] = means().map((of) => Float32Array.from(of));
  return { loss: [first, ...Array.from({ length: steps - 1 }, (_, i) => step(i + 1))], w1, b1, w2, b2, w3, b3 };
};
/** each round starts anew, for moments of a batch that is known by heart become denormal */
const running = (stepper: Stepper, checkedSteps: number): Running => local({
  run: (i) => { stepper.step(i + 1); }, results: () => resultsOf(stepper, checkedSteps), close: stepper.close,
  begin: () => { stepper.restart(); stepper.step(0); },
});

const trainStep = ({ padding, batch }: ConvProblem) => {
  const optimizer = adam(), layers = leavesOf(padding), logits = logitsOf(padding, batch);
  return fn([{ params: layers, slots: optimizer.init(layers) }, f32([batch, 28, 28, 1]), i32([batch])], (state, x, labels) => {
    const [loss, slopes] = valueAndGrad((params: Layers<X>) => mean(sparseCategoricalCrossentropyFromLogits(logits(params, x), labels)))(state.params);
    const [params, slots] = optimizer.update(slopes, state.slots, state.params);
    return { state: { params, slots }, loss };
  }, { name: 'convStep', args: ['state', 'x', 'labels'] });
};
type A = NDArray<unknown>;
interface State { readonly params: Layers<A>; readonly slots: { readonly step: A; readonly trees: readonly [means: Layers<A>, squares: Layers<A>] } }
const stepper = (problem: ConvProblem, backend: Backend<'sync'>): Stepper => {
  const { padding, batch, weights, batches } = problem, run = orThrow(compile(trainStep(problem), { backend, donate: [0] })), shapes = shapesOf(padding);
  // SAFETY: a call checks its arguments, and the state is like the step's own
  const call = run as unknown as (...args: readonly unknown[]) => { readonly state: State; readonly loss: NDArray<[]> };
  const filled = (of: (i: number) => Float32Array): Layers<A> => {
    const [w1, b1, w2, b2, w3, b3] = shapes.map((shape, i): A => array(of(i), [...shape]));
    return [w1, b1, w2, b2, w3, b3];
  };
  const zeros = (): Layers<A> => filled((i) => new Float32Array(weights[i].length));
  let state: State | undefined;
  const drop = (): void => {
    if (state === undefined) return;
    const { params, slots: { step, trees: [means, squares] } } = state;
    for (const x of [...params, step, ...means, ...squares]) x[Symbol.dispose]();
    state = undefined;
  };
  return {
    restart: () => { drop(); state = { params: filled((i) => weights[i]), slots: { step: intArray(new Int32Array(1), []), trees: [zeros(), zeros()] } }; },
    step: (i) => {
      const { x, labels } = batches[i % batches.length], result = call(state, array(x, [batch, 28, 28, 1]), intArray(labels, [batch])), loss = result.loss.item();
      state = result.state;
      result.loss[Symbol.dispose]();
      return loss;
    },
    means: () => {
      if (state === undefined) throw new Error('no step was made');
      return state.slots.trees[0].map((x) => x.data);
    },
    close: () => { drop(); run[Symbol.dispose](); },
  };
};
const byHand = ({ batches }: ConvProblem, { step, ...more }: HandConvStep): Stepper => ({ ...more, step: (i) => step(batches[i % batches.length]) });
