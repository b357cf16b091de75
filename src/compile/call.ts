import * as E from 'fp-ts/lib/Either.js';
import type { Handle, Timing } from '../backends/backend.ts';
import type { Bindings } from '../core/dim.ts';
import { diagnostic, type Diagnostic, type Result } from '../core/diagnostic.ts';
import { diagnosticsOf } from '../core/render.ts';
import { keyOf } from '../expr/keys.ts';
import { consume, watchYoung } from './arrays.ts';
import { asDiagnostics, bindSizes, given, handleFor, type Given, type Leaf, type Lent } from './arguments.ts';
import type { Prepared, Ready } from './prepare.ts';
import { extraArgument } from './takes.ts';

/** A call under way: its program chosen, its numbers where the program reads them. */
interface Started<K extends Timing> { readonly ready: Ready<K>; readonly bindings: Bindings; readonly lent: readonly Lent[] }

const start = <K extends Timing>(prepared: Prepared<K>, args: readonly unknown[]): Result<Started<K>> => {
  const extra = extraArgument(prepared.takes, args);
  if (extra !== undefined) return E.left([extra]);
  const wrong: Diagnostic[] = [], good: Given[] = [];
  prepared.taken(args).forEach((value, i) => { const v = given(prepared.open[i], value); if ('code' in v) wrong.push(v); else good.push(v); });
  if (wrong.length > 0) return E.left(asDiagnostics(wrong));
  const twice = sharedDonation(prepared.open, good);
  if (twice !== undefined) return E.left([twice]);
  const bound = bindSizes(prepared.open, good);
  if (E.isLeft(bound)) return E.left(asDiagnostics(bound.left));
  const ready = prepared.readyFor(bound.right);
  if (E.isLeft(ready)) return ready;
  const { leaves, room } = ready.right, bindings = bound.right;
  return E.right({ ready: ready.right, bindings, lent: leaves.map((leaf, i) => handleFor(prepared.backend, leaf, good[i], bindings, room)) });
};

/** an array that a call overwrites may not be another of its arguments too */
const sharedDonation = (leaves: readonly Leaf[], values: readonly Given[]): Diagnostic | undefined => {
  const call = {};
  for (let i = 0; i < values.length; i++) {
    const { device } = values[i];
    if (device === undefined) continue;
    if (device.call !== call) { device.call = call; continue; }
    const before = values.findIndex((v) => v.device === device);
    if (leaves[before].donated || leaves[i].donated) return diagnostic('FX7003', `${leaves[before].name} and ${leaves[i].name} are one array, which this call would overwrite`, { hint: 'a donated array may stand in one place only' });
  }
  return undefined;
};

/** What the run was lent goes back, donated arrays are spent, and the results become arrays in the function's own tree. */
const finish = <K extends Timing>({ backend }: Prepared<K>, { ready, bindings, lent }: Started<K>, handles: readonly Handle[]): unknown => {
  lent.forEach(({ handle, device }, i) => {
    if (device !== undefined && !ready.leaves[i].donated) return;
    if (device !== undefined) consume(device);
    backend.memory.free(handle);
  });
  watchYoung();
  const { lowered: { outputs }, arrays, results } = ready;
  return results((i) => (outputs[i].isKey ? handles[i] : arrays[i](handles[i], bindings)));
};

/** a run that failed has changed nothing: donated arrays are live again, copies that were made for it are freed */
const undo = <K extends Timing>({ backend }: Prepared<K>, { lent }: Started<K>): void => lent.forEach(({ handle, device }) => {
  if (device === undefined) backend.memory.free(handle);
  else if (device.state === 'lent') device.state = 'live';
});

/** what a run says by throwing, of the data that it was given */
const saidBy = (error: unknown): Result<never> => {
  const diagnostics = diagnosticsOf(error);
  if (diagnostics === undefined) throw error;
  return E.left(diagnostics);
};

export const callSync = (prepared: Prepared<'sync'>, args: readonly unknown[]): Result<unknown> => {
  try {
    return runSync(prepared, args);
  } catch (error) {
    return saidBy(error);
  }
};
export const callAsync = async (prepared: Prepared<Timing>, args: readonly unknown[]): Promise<Result<unknown>> => {
  try {
    return await runAsync(prepared, args);
  } catch (error) {
    return saidBy(error);
  }
};

const runSync = (prepared: Prepared<'sync'>, args: readonly unknown[]): Result<unknown> => {
  const started = start(prepared, args);
  if (E.isLeft(started)) return started;
  const { executed, lowered } = started.right.ready, { memory } = prepared.backend;
  let handles: readonly Handle[];
  try { handles = executed.loaded.run(started.right.lent.map((l) => l.handle), started.right.bindings); } catch (error) { undo(prepared, started.right); throw error; }
  const filled = finish(prepared, started.right, handles);
  if (!lowered.outputs.some((o) => o.isKey)) return E.right(filled);
  return E.right(withKeys(filled, new Map(lowered.outputs.flatMap((o, i) => {
    if (!o.isKey) return [];
    const words = memory.read(handles[i]);
    memory.free(handles[i]);
    return [[handles[i], keyOf(words)]];
  }))));
};

const runAsync = async (prepared: Prepared<Timing>, args: readonly unknown[]): Promise<Result<unknown>> => {
  const started = start(prepared, args);
  if (E.isLeft(started)) return started;
  const { executed, lowered, leaves } = started.right.ready, { memory } = prepared.backend;
  // others that are called before this one ends may not have them too
  started.right.lent.forEach(({ device }, i) => { if (device !== undefined && leaves[i].donated) device.state = 'lent'; });
  let handles: readonly Handle[];
  try { handles = await executed.loaded.run(started.right.lent.map((l) => l.handle), started.right.bindings); } catch (error) { undo(prepared, started.right); throw error; }
  const filled = finish(prepared, started.right, handles), keys = new Map<unknown, unknown>();
  for (const [i, o] of lowered.outputs.entries()) {
    if (!o.isKey) continue;
    keys.set(handles[i], keyOf(await memory.read(handles[i])));
    memory.free(handles[i]);
  }
  return E.right(keys.size === 0 ? filled : withKeys(filled, keys));
};

/** handles of keys, which `finish` left in the tree, become keys */
const withKeys = (tree: unknown, keys: ReadonlyMap<unknown, unknown>): unknown => {
  if (keys.has(tree)) return keys.get(tree);
  if (Array.isArray(tree)) return tree.map((x) => withKeys(x, keys));
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype || 'toNested' in tree) return tree;
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, withKeys(v, keys)]));
};
