import * as E from 'fp-ts/lib/Either.js';
import type { Backend } from './backends/backend.ts';
import { js } from './backends/js/js.ts';
import { isSym, type Bindings } from './core/dim.ts';
import type { Diagnostic, Result } from './core/diagnostic.ts';
import { diagnosticError } from './core/render.ts';
import { arrayOfHandle, consume } from './compile/arrays.ts';
import { asDiagnostics, bindSizes, given, handleFor, type Given, type Leaf } from './compile/arguments.ts';
import { defaultStages, loadModule, type Executed } from './compile/stages.ts';
import { lower, type Lowered } from './expr/lower/lower.ts';
import { mapTree, valueAt } from './expr/tree.ts';
import type { Fn } from './expr/types/functions.ts';
import type { Arrays, Host } from './expr/types/tensor.ts';

export interface CompileOptions {
  /** sizes of named dimensions: one size, or the largest of many; those left out are taken from the arguments */
  readonly dims?: { readonly [name: string]: number | { readonly max: number } };
  /** arguments whose arrays a call may overwrite: the call consumes them */
  readonly donate?: readonly number[];
  /** verify the program after every pass */
  readonly verify?: boolean;
  readonly backend?: Backend<'sync'>;
}

/** A compiled function. Calling it throws what `safe` gives as diagnostics. */
export interface Executable<A extends readonly unknown[], R> extends Disposable {
  (...args: { [I in keyof A]: Host<A[I]> }): Arrays<R>;
  readonly safe: (...args: { [I in keyof A]: Host<A[I]> }) => Result<Arrays<R>>;
}

interface Ready { readonly lowered: Lowered; readonly leaves: readonly Leaf[]; readonly executed: Executed<'sync'> }

/**
 * Compiles a function for a backend (js unless told otherwise). Named dimensions without a size are taken from the
 * arguments, and the function is compiled once for each combination of sizes.
 *
 * @example
 * using run = orThrow(compile(fn([f32(['n', 3])], (x) => sum(x, -1)), { dims: { n: { max: 128 } } }));
 */
export const compile = <A extends readonly unknown[], R>(f: Fn<A, R>, options: CompileOptions = {}): Result<Executable<A, R>> => {
  const backend = options.backend ?? js(), dims = options.dims ?? {};
  const open = lower(f, { dims, open: true });
  if (E.isLeft(open)) return open;
  const first = ready(f, backend, options, dims);
  const cache = new Map<string, Result<Ready>>();
  const names = openNames(open.right);
  if (names.length === 0) {
    if (E.isLeft(first)) return first;
    cache.set('', first);
  }
  const readyFor = (bindings: Bindings): Result<Ready> => {
    const own = Object.fromEntries(names.map((n) => [n, bindings[n]])), key = names.map((n) => bindings[n]).join();
    const known = cache.get(key) ?? ready(f, backend, options, { ...dims, ...own });
    cache.set(key, known);
    return known;
  };
  const safe = (...args: readonly unknown[]): Result<Arrays<R>> => call(open.right, options, args, backend, readyFor);
  const run = (...args: readonly unknown[]): Arrays<R> => {
    const result = safe(...args);
    if (E.isLeft(result)) throw diagnosticError(result.left);
    return result.right;
  };
  const dispose = (): void => { for (const r of cache.values()) if (E.isRight(r)) r.right.executed.loaded.dispose(); };
  // SAFETY: the types of arguments and results are those of f, which `call` checks at run time
  return E.right(Object.assign(run, { safe, [Symbol.dispose]: dispose }) as unknown as Executable<A, R>);
};

const openNames = ({ params }: Lowered): readonly string[] =>
  [...new Set(params.flatMap((p) => p.type.shape.flatMap((d) => (isSym(d) && d.max === Infinity ? [d.name] : []))))];

const leavesOf = ({ params }: Lowered, { donate = [] }: CompileOptions): readonly Leaf[] =>
  params.map(({ name, type, path }) => ({ name, type, donated: donate.includes(Number(path[0])) }));

const ready = (f: unknown, backend: Backend<'sync'>, options: CompileOptions, dims: NonNullable<CompileOptions['dims']>): Result<Ready> => {
  const lowered = lower(f, { dims });
  if (E.isLeft(lowered)) return lowered;
  const leaves = leavesOf(lowered.right, options);
  const donated = leaves.flatMap((leaf, i) => (leaf.donated ? [i] : []));
  const executed = loadModule(lowered.right.module, backend, { ...defaultStages, verify: options.verify ?? false, donated });
  return 'loaded' in executed ? E.right({ lowered: lowered.right, leaves, executed }) : E.left(asDiagnostics(executed));
};

const call = <R>(open: Lowered, options: CompileOptions, args: readonly unknown[], backend: Backend<'sync'>, readyFor: (b: Bindings) => Result<Ready>): Result<Arrays<R>> => {
  const leaves = leavesOf(open, options);
  const values = leaves.map((leaf, i) => given(leaf, open.params[i].path.length === 1 ? args[Number(open.params[i].path[0])] : valueAt(args, open.params[i].path)));
  const wrong = values.filter((v): v is Diagnostic => 'code' in v);
  if (wrong.length > 0) return E.left(asDiagnostics(wrong));
  const good = values.filter((v): v is Given => !('code' in v));
  const bound = bindSizes(leaves, good);
  if (E.isLeft(bound)) return E.left(asDiagnostics(bound.left));
  const prepared = readyFor(bound.right);
  if (E.isLeft(prepared)) return prepared;
  const { lowered, leaves: own, executed } = prepared.right;
  const handles = executed.loaded.run(own.map((leaf, i) => handleFor(backend, leaf, leaf.type, good[i])), bound.right);
  own.forEach((leaf, i) => { const { device } = good[i]; if (leaf.donated && device !== undefined) consume(device); });
  let next = 0;
  const filled = mapTree(lowered.results, () => { const i = next++; return arrayOfHandle(backend.memory, handles[i], lowered.outputs[i].type, bound.right); });
  // SAFETY: the tree of results with an array in place of every leaf
  return E.right(filled as Arrays<R>);
};
