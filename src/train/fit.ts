import * as E from 'fp-ts/lib/Either.js';
import type { Backend } from '../backends/index.ts';
import { defaultBackend } from '../backends/index.ts';
import type { Diagnostic, Result, Task } from '../core/diagnostic.ts';
import { render } from '../core/render.ts';
import { batchProblem, sizesOf, splitAt, type ArrayDataset, type Dataset } from '../data/dataset.ts';
import { array, arrayOf, compileAsync, compute, isSpoiled, key as keyFrom, split, treeLeaves, treeMap, type CompileOptions, type Dim, type DType, type Key, type NDArray, type Shape, type Tensor } from '../index.ts';
import { declared, shapeOf } from '../nn/layer.ts';
import { init, type Model } from '../nn/model.ts';
import type { LayerType } from '../nn/types.ts';
import type { Callback } from './callbacks.ts';
import { dataProblems, divergence, finiteProblems, notData, weightProblems } from './checks.ts';
import { saveTrained } from './checkpoint.ts';
import { problem } from './codes.ts';
import { evaluator, logsOf, type Evaluator } from './evaluate.ts';
import { feedOf } from './feed.ts';
import { interruption, pause } from './interrupt.ts';
import { progressOn, silent, type Progress } from './progress.ts';
import { stepOf, totalNames } from './steps.ts';
import { isTrained, type LiveState, type Logs, type Position, type Trained } from './trained.ts';
import type { AnyModel, Trainer } from './trainer.ts';

type Rest<S> = S extends readonly [Dim, ...infer R extends Shape] ? readonly [number, ...R] : Shape;
/** The data that a trainer takes: examples of its model's input, and labels of its loss's dtype. */
export type DataOf<M extends AnyModel, Y extends DType> = M extends Model<infer S extends Shape, infer D, LayerType> ? Dataset<NDArray<Rest<S>, D>, NDArray<Shape, Y>> : ArrayDataset;

export interface FitOptions<D extends ArrayDataset = ArrayDataset> {
  /** 32 unless told otherwise, or all examples where there are fewer; the last batch of an epoch holds what is left */
  readonly batchSize?: number;
  /** until so many epochs are done in all, those of a training that is continued included; 1 unless told otherwise */
  readonly epochs?: number;
  /** a data set, or the share of the examples that is kept back from the end */
  readonly validation?: number | D;
  /** another order in every epoch, which the trainer's seed decides; it does, by default */
  readonly shuffle?: boolean;
  /** one number for each example, by which its loss is multiplied: f32 [examples] */
  readonly sampleWeights?: NDArray<unknown>;
  /** `defaultBackend` unless told otherwise */
  readonly backend?: Backend;
  /** more for the compiler: rules, passes, validate */
  readonly compile?: Pick<CompileOptions, 'rules' | 'passes' | 'validate' | 'fastMath'>;
  readonly callbacks?: readonly Callback[];
  /** show how far it is, on standard error; it does, by default */
  readonly progress?: boolean;
  /** an AbortSignal: ends the training at a step's boundary; so does Ctrl-C, once */
  readonly signal?: { readonly aborted: boolean };
  /** where the whole state is saved after every epoch and at the end */
  readonly saveTo?: string;
  /** look for NaN and infinities in the data first */
  readonly checkData?: boolean;
}

/**
 * Trains. It gives the trained state, also where a signal, Ctrl-C or a callback ended it early: then calling it again
 * with what it gave and the same options goes on, and ends with the same bits as a training that was never stopped.
 * A trainer's own mistakes come first (FX6401, FX1nnn, FX62nn), then those of data and options (FX6402 to FX6406,
 * FX6007 to FX6009); a place where the state cannot be saved is FX6101. A loss that is NaN or infinite ends nothing: it is told
 * while it trains, and stands in the result's `warnings` (FX6408).
 *
 * @example const trained = await orThrow(fit(mnistTrainer, train, { batchSize: 128, epochs: 10 }));
 */
export const fit = <M extends AnyModel, Y extends DType, N extends string>(t: Trainer<M, Y, N>, data: NoInfer<DataOf<M, Y>>, options: FitOptions<NoInfer<DataOf<M, Y>>> = {}): Task<Trained<M, Y, N>> => async () => {
  // SAFETY: a data set of the types that DataOf names is one of arrays
  const result = await run(t, data as ArrayDataset, options as FitOptions);
  // SAFETY: the variables and slots are like those of the trainer's own model
  return result as unknown as Result<Trained<M, Y, N>>;
};

const optionProblems = (t: Trainer, { epochs = 1, validation, callbacks = [] }: FitOptions, size: number): readonly Diagnostic[] => [
  ...(Number.isInteger(epochs) && epochs >= 0 ? [] : [problem('option', `fit: ${epochs} is not a count of epochs`, { hint: 'a whole number' })]),
  ...(typeof validation !== 'number' || (validation > 0 && validation < 1 && Math.floor((1 - validation) * size) > 0) ? [] : [problem('option', `fit: a validation share of ${validation} leaves nothing`, { hint: 'between 0 and 1, such as 0.1' })]),
  ...callbacks.flatMap((c) => { const wrong = c.problem?.(numberNames(t, validation !== undefined)); return wrong === undefined ? [] : [problem('option', `fit: ${c.name}: ${wrong.message}`, wrong.hint === undefined ? {} : { hint: wrong.hint })]; }),
];
/** what the numbers of an epoch are called */
const numberNames = (t: Trainer, validated: boolean): readonly string[] => [...totalNames(t), ...(validated ? totalNames(t).map(valName) : [])];
const valName = (name: string): string => `val${name[0].toUpperCase()}${name.slice(1)}`;

interface Parts { readonly training: ArrayDataset; readonly validation: ArrayDataset | undefined; readonly weights: NDArray<unknown> | undefined }
const partsOf = (data: ArrayDataset, { validation, sampleWeights }: FitOptions): Parts => {
  if (typeof validation !== 'number') return { training: data, validation, weights: sampleWeights };
  const [training, kept] = splitAt(data, Math.floor((1 - validation) * data.size));
  return { training, validation: kept, weights: sampleWeights && array(Float32Array.from(sampleWeights.data.subarray(0, training.size)), [training.size]) };
};

const run = async (t: Trainer, data: ArrayDataset, options: FitOptions): Promise<Result<Trained>> => {
  // what is wrong with the model is told by the compiler: sizes are then guesses, and data are not measured by them
  const measured = !isSpoiled(t.model.output);
  const { validation } = options, absent = [...notData('fit', data), ...(typeof validation === 'object' ? notData('fit: validation', validation) : [])];
  const wrong = absent.length > 0 ? [...t.problems, ...absent] : [...t.problems, ...(measured ? dataProblems('fit', t, data) : []), ...weightProblems(data.size, options.sampleWeights), ...optionProblems(t, options, data.size),
    ...(options.checkData === true ? finiteProblems('fit', { 'data.x': data.x, 'data.y': data.y, ...(options.sampleWeights && { sampleWeights: options.sampleWeights }) }) : []),
    ...(typeof validation === 'object' && measured ? dataProblems('fit: validation', t, validation) : [])];
  const [first, ...more] = wrong;
  if (first !== undefined) return E.left([first, ...more]);
  const parts = partsOf(data, options), { batchSize = Math.min(32, parts.training.size), backend = defaultBackend() } = options;
  const sized = batchProblem('fit', parts.training.size, batchSize);
  if (E.isLeft(sized)) return sized;
  // the first numbers are drawn while nothing else is compiled; what is wrong is told of the step, which says more
  const started = await beginning(t);
  const step = await compileAsync(stepOf(t, { target: sizesOf(data.y).slice(1), weighted: parts.weights !== undefined }), { ...options.compile, backend, donate: [0], dims: { batch: { max: batchSize } } })();
  if (E.isLeft(step)) return step;
  const judged = parts.validation === undefined ? E.right(undefined) : await evaluator('fit: validation', t, parts.validation, { batchSize: Math.min(batchSize, parts.validation.size), backend });
  if (E.isLeft(judged)) return judged;
  if (E.isLeft(started)) return started;
  const progress = options.progress === false ? silent : await progressOn();
  // SAFETY: the executable's types are those of any trainer's step
  return training({ t, parts, options, batchSize, step: step.right as unknown as Step, validate: judged.right, progress }, started.right);
};

type Step = { (...args: readonly unknown[]): Promise<{ readonly state: LiveState; readonly loss: NDArray<[], 'f32'> }>; readonly report: Trained['report'] } & Disposable;
interface Session {
  readonly t: Trainer; readonly parts: Parts; readonly options: FitOptions; readonly batchSize: number;
  readonly step: Step; readonly validate: Evaluator | undefined; readonly progress: Progress;
}
interface Begun { readonly state: LiveState; readonly key: Key; readonly position: Position; readonly history: readonly Logs[] }

const totalsFrom = (t: Trainer, totals: Readonly<Record<string, number>>): LiveState['totals'] =>
  Object.fromEntries(totalNames(t).map((name) => [name, array(Float32Array.of(totals[name] ?? 0), [])]));
/** Fresh variables from the trainer's seed, or those of a training that goes on: copied, since steps consume what they are given. */
const beginning = async (t: Trainer): Promise<Result<Begun>> => {
  if (isTrained(t)) {
    const { variables, slots } = await copied({ variables: t.variables, slots: t.slots });
    return E.right({ state: { variables, slots, totals: totalsFrom(t, t.totals) }, key: t.key, position: t.position, history: t.history });
  }
  const [forWeights, key] = split(keyFrom(t.seed));
  // SAFETY: a trainer's model is a model
  const variables = init(t.model as unknown as Model, forWeights);
  const made = compute({ variables, slots: t.optimizer.init(variables.params) });
  return E.isLeft(made) ? made : E.right({ state: { ...made.right, totals: totalsFrom(t, {}) }, key, position: { epoch: 0, step: 0 }, history: [] });
};
const copied = async <P>(tree: P): Promise<P> => {
  const numbers = await Promise.all(treeLeaves(tree).map(({ value }) => numbersOf(value))), next = numbers.values();
  return treeMap((x) => arrayOf(x.dtype, declared(next.next().value), [...shapeOf(x)]), tree);
};
const numbersOf = (x: Tensor<unknown>): Promise<unknown> => {
  // SAFETY: the leaves of what has been trained are arrays
  return (x as NDArray<unknown>).read();
};

/** milliseconds of work between two pauses */
const turn = 25;

const training = async (s: Session, begun: Begun): Promise<Result<Trained>> => {
  const { t, parts, options, batchSize, progress } = s, { epochs = 1, shuffle = true } = options;
  const feed = feedOf(parts.training, batchSize, { ...(shuffle && { seed: t.seed }), ...(parts.weights && { weights: parts.weights }) });
  const interrupt = interruption(options.signal);
  let { state, position, history } = begun, stopped: Trained['stopped'], paused = performance.now();
  const trained = async (): Promise<Trained> => {
    const totals = position.step === 0 ? {} : await numbersIn(state.totals), warnings = divergence(history);
    return { ...plainTrainer(t), variables: declared(state.variables), slots: declared(state.slots), history, key: begun.key, position, totals, ...(stopped && { stopped }), ...(warnings && { warnings }), ...(s.step.report && { report: s.step.report }) };
  };
  const save = async (): Promise<Result<void>> => (options.saveTo === undefined ? E.right(undefined) : saveTrained(options.saveTo, await trained())());
  try {
    while (position.epoch < epochs && stopped === undefined) {
      const { epoch } = position, order = feed.orderOf(epoch);
      progress.epoch(epoch, epochs, feed.steps, position.step);
      while (position.step < feed.steps && stopped === undefined) {
        const { step } = position, done = await s.step(state, ...batchWithKey(feed.batch(order, step), begun.key));
        state = done.state;
        done.loss[Symbol.dispose]();
        position = { epoch, step: step + 1 };
        if (progress.due()) progress.step(step + 1, logsOf(await numbersIn(state.totals), Math.min((step + 1) * batchSize, parts.training.size)));
        if (options.callbacks?.some((c) => c.onStepEnd?.(epoch, step) === 'stop')) stopped = 'callback';
        if (performance.now() - paused > turn) { await pause(); paused = performance.now(); }
        if (interrupt.wanted()) stopped = 'signal';
      }
      if (position.step < feed.steps) break;
      const logs = { ...logsOf(await numbersIn(state.totals), parts.training.size), ...(await validated(s, state)) };
      state = { ...state, totals: totalsFrom(t, {}) };
      const known = divergence(history);
      history = [...history, logs];
      position = { epoch: epoch + 1, step: 0 };
      progress.epochEnd(logs);
      const warnings = known === undefined ? divergence(history) : undefined;
      if (warnings !== undefined) progress.warn(render(warnings));
      for (const c of options.callbacks ?? []) if (await c.onEpochEnd?.(epoch, logs, history) === 'stop') stopped ??= 'callback';
      const saved = await save();
      if (E.isLeft(saved)) return saved;
    }
    if (position.step > 0) {
      const saved = await save();
      if (E.isLeft(saved)) return saved;
    }
    return E.right(await trained());
  } finally {
    progress.end();
    interrupt.end();
    s.step[Symbol.dispose]();
    s.validate?.dispose();
  }
};
const batchWithKey = ([x, y, ...weights]: readonly NDArray<unknown>[], key: Key): readonly unknown[] => [x, y, key, ...weights];
const numbersIn = async (totals: LiveState['totals']): Promise<Readonly<Record<string, number>>> => {
  const names = Object.keys(totals), values = await Promise.all(names.map((n) => totals[n].read()));
  return Object.fromEntries(names.map((n, i) => [n, values[i][0]]));
};
const validated = async ({ validate }: Session, state: LiveState): Promise<Logs> => {
  if (validate === undefined) return {};
  const logs = await validate.run(state.variables);
  return Object.fromEntries(Object.entries(logs).map(([name, x]) => [valName(name), x]));
};
/** a trainer without what an earlier training added */
const plainTrainer = ({ kind, model, optimizer, loss, metrics, seed, problems }: Trainer): Trainer => ({ kind, model, optimizer, loss, metrics, seed, problems });
