import * as E from 'fp-ts/lib/Either.js';
import type { Task } from '../core/diagnostic.ts';
import { problem } from '../interop/codes.ts';
import { writeWhole } from '../interop/files.ts';
import { encode } from '../interop/safetensors.ts';
import { asTask, readTensors, refused, storedTensors, treeFrom } from '../interop/weights.ts';
import { key, type DType } from '../index.ts';
import type { Logs, Trained } from './trained.ts';
import type { AnyModel, Trainer } from './trainer.ts';

/** under which name of the file's metadata the rest of the state stands, as JSON */
const name = 'fluxion.training';
interface Rest { readonly position: Trained['position']; readonly totals: Readonly<Record<string, number>>; readonly history: readonly Logs[]; readonly seed: number }

/**
 * Writes the whole state of a training as a safetensors file, whole or not at all: variables, the optimiser's slots, the
 * key, where it stands and its history. A place that cannot be written is FX6101.
 * @example await orThrow(saveTrained('run.safetensors', trained));
 */
export const saveTrained = (path: string, t: Trained): Task<void> => async () => {
  const tensors = await storedTensors('saveTrained', { variables: t.variables, slots: t.slots, key: t.key });
  if (E.isLeft(tensors)) return refused(tensors.left);
  const rest: Rest = { position: t.position, totals: t.totals, history: t.history, seed: t.seed };
  return asTask(await writeWhole(path, encode({ tensors: tensors.right, metadata: { [name]: JSON.stringify(rest, exact) } })));
};
/** JSON has no NaN and no infinities: they are written as texts */
const exact = (_: string, x: unknown): unknown => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x);

/**
 * Reads the state of a training back, for the trainer that made it; `fit` goes on from it. A file of another model is
 * refused with every name and shape that differs (FX6108), one that holds no training with FX6110, an unreadable, cut or
 * damaged one with FX6102 to FX6107.
 * @example const trained = await orThrow(loadTrained('run.safetensors', mnistTrainer));
 */
export const loadTrained = <M extends AnyModel, Y extends DType, N extends string>(path: string, t: Trainer<M, Y, N>): Task<Trained<M, Y, N>> => async () => {
  const stored = await readTensors(path);
  if (E.isLeft(stored)) return refused(stored.left);
  const rest = restOf(stored.right.metadata[name]);
  if (rest === undefined) return refused([problem('notTrained', `${path}: holds no state of a training`, { hint: 'loadWeights reads files of weights' })]);
  const { params, state } = t.model;
  const tree = treeFrom(path, stored.right.tensors, { variables: { params, state }, slots: t.optimizer.init(params), key: key(0) });
  if (E.isLeft(tree)) return refused(tree.left);
  const { kind, model, optimizer, loss, metrics, problems } = t;
  // SAFETY: every leaf has been compared with the model's own
  return E.right({ kind, model, optimizer, loss, metrics, problems, ...rest, ...tree.right } as unknown as Trained<M, Y, N>);
};

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);
const numbered = (x: unknown): number | undefined => (typeof x === 'number' ? x : x === 'NaN' ? NaN : x === 'Infinity' ? Infinity : x === '-Infinity' ? -Infinity : undefined);
const numbersOf = (x: unknown): Readonly<Record<string, number>> | undefined => {
  if (!isRecord(x)) return undefined;
  const entries = Object.entries(x).map(([k, v]) => [k, numbered(v)] as const), good = entries.filter((e): e is readonly [string, number] => e[1] !== undefined);
  return good.length === entries.length ? Object.fromEntries(good) : undefined;
};
const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && Number(x) >= 0;
/** the metadata, where it is what `saveTrained` writes */
const restOf = (text: string | undefined): Rest | undefined => {
  const parsed = text === undefined ? undefined : parsedJson(text);
  if (!isRecord(parsed) || !isRecord(parsed['position']) || !Array.isArray(parsed['history'])) return undefined;
  const { epoch, step } = parsed['position'], totals = numbersOf(parsed['totals']), history = parsed['history'].map(numbersOf), seed = numbered(parsed['seed']);
  if (!isCount(epoch) || !isCount(step) || totals === undefined || seed === undefined) return undefined;
  const logs = history.filter((l) => l !== undefined);
  return logs.length === history.length ? { position: { epoch, step }, totals, history: logs, seed } : undefined;
};
const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
