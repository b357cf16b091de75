import { array, compile, orThrow, type NDArray } from 'fluxion';
import { reference, type Backend } from 'fluxion/backends';
import { inferenceOf } from 'fluxion/train';
import { fluxionLanes, resident } from '../fluxion.ts';
import { local, type Workload } from '../measure.ts';
import { inferenceProblem, rowsOf, spread, type InferenceProblem, type Sizes } from '../problems.ts';
import { layersOf, perceptron, shapesOf } from './step.ts';

/** The probabilities that the same network gives, of a fresh batch brought in and read back. The reference computes some of the rows, evenly spread. */
export const inferenceWorkload = (name: string, sizes: Sizes, batch: number): Workload & { readonly problem: InferenceProblem } => {
  const problem = inferenceProblem(sizes, batch), rows = spread(batch, 32), some = problem.batches.map(({ x, labels }) => ({ x: rowsOf(x, sizes[0], rows), labels }));
  return {
    name, problem, tolerance: 5e-5, sample: ({ y }) => ({ y: rowsOf(y, sizes[3], rows) }),
    reference: () => { const { predict, close } = predictor({ ...problem, batch: rows.length, batches: some }, reference({ precision: 'f64' })), y = predict(0); close(); return { y }; },
    lanes: fluxionLanes((backend) => {
      const { predict, close } = predictor(problem, backend);
      return local({ run: (i) => { predict(i); }, results: () => ({ y: predict(0) }), close });
    }),
  };
};

interface Predictor { readonly predict: (i: number) => ArrayLike<number>; readonly close: () => void }
const predictor = ({ sizes, batch, weights, batches }: InferenceProblem, backend: Backend<'sync'>): Predictor => {
  const run = orThrow(compile(inferenceOf(perceptron(sizes)), { backend, dims: { batch: { max: batch } } })), shapes = shapesOf(sizes);
  // SAFETY: a call checks its arguments
  const call = run as unknown as (...args: readonly unknown[]) => NDArray<unknown>;
  const variables = resident({ params: layersOf(weights.map((w, i) => array(w, [...shapes[i]]))), state: [{}, {}, {}] }, backend);
  return {
    predict: (i) => {
      const y = call(variables, array(batches[i % batches.length].x, [batch, sizes[0]])), numbers = y.data;
      y[Symbol.dispose]();
      return numbers;
    },
    close: () => run[Symbol.dispose](),
  };
};
