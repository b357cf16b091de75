import * as E from 'fp-ts/lib/Either.js';
import { defaultBackend, type Backend } from '../backends/index.ts';
import type { Diagnostic, Result, Task } from '../core/diagnostic.ts';
import { typedArray } from '../core/dtype.ts';
import { batchProblem, sizesOf, type ArrayDataset } from '../data/dataset.ts';
import { array, arrayOf, compileAsync, type Arrays, type DType, type Dyn, type F32, type NDArray, type Shape } from '../index.ts';
import { declared } from '../nn/layer.ts';
import type { Model } from '../nn/model.ts';
import { dataProblems, inputProblems, notArray, notData } from './checks.ts';
import { problem } from './codes.ts';
import { feedOf } from './feed.ts';
import type { DataOf } from './fit.ts';
import { pause } from './interrupt.ts';
import { evaluationOf, inferenceOf, totalNames, type Totals, type Variables } from './steps.ts';
import type { Logs, Trained } from './trained.ts';
import type { AnyModel, Trainer } from './trainer.ts';

/** means from sums */
export const logsOf = (sums: Readonly<Record<string, number>>, examples: number): Logs =>
  Object.fromEntries(Object.entries(sums).map(([name, total]) => [name, total / examples]));

/** Loss and metrics of variables on a data set, compiled once. */
export interface Evaluator { readonly run: (variables: Arrays<Variables>) => Promise<Logs>; readonly dispose: () => void }

export const evaluator = async (what: string, t: Trainer, data: ArrayDataset, { batchSize, backend }: { readonly batchSize: number; readonly backend: Backend }): Promise<Result<Evaluator>> => {
  const sized = batchProblem(what, data.size, batchSize);
  if (E.isLeft(sized)) return sized;
  const compiled = await compileAsync(evaluationOf(t, sizesOf(data.y).slice(1)), { backend, donate: [1], dims: { batch: { max: batchSize } } })();
  if (E.isLeft(compiled)) return compiled;
  const feed = feedOf(data, batchSize), names = totalNames(t), order = feed.orderOf(0);
  const run = async (variables: Arrays<Variables>): Promise<Logs> => {
    let totals: Arrays<Totals> = Object.fromEntries(names.map((name) => [name, array(new Float32Array(1), [])]));
    for (let step = 0; step < feed.steps; step++) {
      const [x, y] = feed.batch(order, step);
      totals = await compiled.right(declared(variables), declared(totals), declared(x), declared(y));
      if (step % 8 === 7) await pause();
    }
    const sums = await Promise.all(names.map(async (name) => [name, (await totals[name].read())[0]] as const));
    return logsOf(Object.fromEntries(sums), data.size);
  };
  return E.right({ run, dispose: () => compiled.right[Symbol.dispose]() });
};

export interface EvaluateOptions {
  /** 128 unless told otherwise, or all examples where there are fewer */
  readonly batchSize?: number;
  /** `defaultBackend` unless told otherwise */
  readonly backend?: Backend;
}
const firstOf = ([first, ...more]: readonly Diagnostic[]): Result<never> | undefined => (first === undefined ? undefined : E.left([first, ...more]));

/**
 * The mean loss and metrics on a data set, at inference. Data that do not fit are FX6402 and FX6403, no examples FX6007.
 * @example const { loss, accuracy } = await orThrow(evaluate(trained, test));
 */
export const evaluate = <M extends AnyModel, Y extends DType, N extends string>(t: Trained<M, Y, N>, data: NoInfer<DataOf<M, Y>>, options: EvaluateOptions = {}): Task<Readonly<Record<'loss' | N, number>>> => async () => {
  // SAFETY: a data set of the types that DataOf names is one of arrays
  const given = data as ArrayDataset, { backend = defaultBackend() } = options;
  const absent = notData('evaluate', given), wrong = firstOf([...t.problems, ...(absent.length > 0 ? absent : dataProblems('evaluate', t, given))]);
  if (wrong !== undefined) return wrong;
  const made = await evaluator('evaluate', t, given, { batchSize: options.batchSize ?? Math.min(128, given.size), backend });
  if (E.isLeft(made)) return made;
  const logs = await made.right.run(t.variables);
  made.right.dispose();
  // SAFETY: the sums are those of the loss and of the metrics' names
  return E.right(logs as Readonly<Record<'loss' | N, number>>);
};

type InputOf<M extends AnyModel> = M extends Model<infer S extends Shape, infer D> ? NDArray<S extends readonly [unknown, ...infer R extends Shape] ? readonly [number, ...R] : Shape, D> : NDArray<unknown>;
/**
 * The model's outputs for examples, at inference, on the host: f32 [examples, …]. Inputs that do not fit are FX6402.
 * @example const probabilities = await orThrow(predict(trained, test.x));
 */
export const predict = <M extends AnyModel, Y extends DType, N extends string>(t: Trained<M, Y, N>, x: NoInfer<InputOf<M>>, options: EvaluateOptions = {}): Task<Arrays<M['output']>> => async () => {
  // SAFETY: an array of the types that InputOf names is an array
  const given = x as NDArray<unknown>, absent = firstOf([...t.problems, ...notArray('predict', given)]);
  if (absent !== undefined) return absent;
  const [size] = sizesOf(given), { backend = defaultBackend() } = options;
  const wrong = firstOf([...inputProblems('predict', t, given), ...(size === 0 ? [problem('data', 'predict: there are no examples')] : [])]);
  if (wrong !== undefined) return wrong;
  const batchSize = options.batchSize ?? Math.min(128, size), sized = batchProblem('predict', size, batchSize);
  if (E.isLeft(sized)) return sized;
  const run = await compileAsync(inferenceOf(t), { backend, dims: { batch: { max: batchSize } } })();
  if (E.isLeft(run)) return run;
  const feed = feedOf({ x: given, y: given, size }, batchSize), order = feed.orderOf(0), parts: NDArray<Dyn, 'f32'>[] = [];
  for (let step = 0; step < feed.steps; step++) {
    const y = await run.right(declared(t.variables), declared(feed.batch(order, step)[0]));
    const data = await y.read();
    parts.push(arrayOf('f32', data, [...sizesOf(y)]));
    y[Symbol.dispose]();
  }
  run.right[Symbol.dispose]();
  return E.right(declared(joined(parts, size)));
};
const joined = (parts: readonly NDArray<Dyn, 'f32'>[], size: number): F32<Dyn> => {
  const shape = sizesOf(parts[0]).slice(1), row = shape.reduce((n, d) => n * d, 1), data = typedArray('f32', size * row);
  let at = 0;
  for (const part of parts) { data.set(part.data, at); at += part.size; }
  return arrayOf('f32', data, [size, ...shape]);
};
