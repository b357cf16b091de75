import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Place } from '../core/diagnostic.ts';
import { placeOf } from '../core/place.ts';
import { exprOf } from '../expr/expr.ts';
import { stepOf, type Trainer } from '../train/index.ts';
import { problem } from './codes.ts';

/** A function that a module exports, under the name that it exports it by; a trainer gives its training step. */
export interface Exported { readonly name: string; readonly fn: unknown; /** of which the function is the training step */ readonly trainer?: Trainer; /** where what it was made of was written, unless that is the function itself */ readonly place?: Place }

/** Loads a module, TypeScript included, and gives its functions and trainers; one that waits for ever is given up after `patience` milliseconds. */
export const exportedFunctions = async (file: string, patience = 60 * 1_000): Promise<E.Either<Diagnostic, readonly Exported[]>> => {
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return E.left(problem('file', `${file}: there is no such file`));
  try {
    const { tsImport } = await import('tsx/esm/api');
    const found = functionsIn(await within(patience, tsImport(pathToFileURL(path).href, import.meta.url)));
    return found.length > 0 ? E.right(found) : E.left(problem('exports', `${file}: exports no function and no trainer`, { hint: 'export const f = fn([…], …), or a trainer' }));
  } catch (error) {
    return E.left(problem('module', `${file}: cannot be loaded: ${error instanceof Error ? error.message : String(error)}`));
  }
};

const within = async (patience: number, loading: Promise<unknown>): Promise<unknown> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error(`it has not ended after ${patience / 1000} s`)); }, patience); });
  try { return await Promise.race([loading, late]); } finally { clearTimeout(timer); }
};
const functionsIn = (module: unknown): readonly Exported[] => {
  if (typeof module !== 'object' || module === null) return [];
  return Object.entries(module).flatMap(([name, value]: readonly [string, unknown]): readonly Exported[] =>
    (kindOf(value) === 'fn' ? [{ name, fn: value }] : kindOf(value) === 'trainer' ? [stepIn(name, asTrainer(value))] : []));
};
const stepIn = (name: string, trainer: Trainer): Exported => {
  const place = placeOf(exprOf(trainer.model.output).origin);
  return { name, fn: stepOf(trainer), trainer, ...(place && { place }) };
};
/** A diagnostic at the user's own place: what was made here, of what the user wrote, has none of its own. */
export const placed = ({ place }: Exported) => (d: Diagnostic): Diagnostic =>
  (place === undefined || (d.place !== undefined && !/[\\/]node_modules[\\/]/.test(d.place.file)) ? d : { ...d, place });
const kindOf = (value: unknown): unknown => ((typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, 'kind') : undefined);
const asTrainer = (value: unknown): Trainer => {
  // SAFETY: only `trainer` and `fit` make values of this kind
  return value as Trainer;
};

/** The function meant: the named one, or the only one. */
export const chosen = (file: string, all: readonly Exported[], name: string | undefined): E.Either<Diagnostic, Exported> => {
  const names = all.map((f) => f.name).join(', ');
  if (name === undefined) return all.length === 1 ? E.right(all[0]) : E.left(problem('name', `${file}: exports ${all.length} functions: ${names}`, { hint: 'name one of them after the file' }));
  const found = all.find((f) => f.name === name);
  return found === undefined ? E.left(problem('name', `${file}: exports no function '${name}'`, { hint: `it exports ${names}` })) : E.right(found);
};
