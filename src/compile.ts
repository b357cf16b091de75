import * as E from 'fp-ts/lib/Either.js';
import type { Backend, Timing } from './backends/backend.ts';
import { defaultBackend } from './backends/defaultBackend.ts';
import { diagnostic, type Diagnostic, type Result, type Task } from './core/diagnostic.ts';
import { diagnosticError, orThrow } from './core/render.ts';
import { callAsync, callSync } from './compile/call.ts';
import type { CompileOptions, Report } from './compile/options.ts';
import { prepare } from './compile/prepare.ts';
import { lower, lowerClosed } from './expr/lower/lower.ts';
import type { Fn } from './expr/types/functions.ts';
import type { Arrays, Host } from './expr/types/tensor.ts';

export type { CompileOptions, Report } from './compile/options.ts';

type Hosts<A extends readonly unknown[]> = { [I in keyof A]: Host<A[I]> };

/** A compiled function. Calling it throws what `safe` gives as diagnostics. */
export interface Executable<A extends readonly unknown[], R> extends Disposable {
  (...args: Hosts<A>): Arrays<R>;
  readonly safe: (...args: Hosts<A>) => Result<Arrays<R>>;
  /** what was compiled last; undefined while no sizes are known */
  readonly report: Report | undefined;
}
/** The same for a backend that may be asynchronous: a call gives a promise, which rejects where the other throws. */
export interface AsyncExecutable<A extends readonly unknown[], R> extends Disposable {
  (...args: Hosts<A>): Promise<Arrays<R>>;
  readonly safe: (...args: Hosts<A>) => Promise<Result<Arrays<R>>>;
  readonly report: Report | undefined;
}

const thrown = <A>(result: Result<A>): A => {
  if (E.isLeft(result)) throw diagnosticError(result.left);
  return result.right;
};
/** tsc refuses it too, where it sees the backend's type */
const timingProblem = (what: string, backend: Backend | undefined): Diagnostic | undefined => (backend?.timing === 'async'
  ? diagnostic('FX7007', `${what}: ${backend.name} is asynchronous here: its results have to be waited for`, { hint: 'use compileAsync' }) : undefined);
const asResults = <R>(x: Result<unknown>): Result<Arrays<R>> => {
  // SAFETY: the tree of the function's results with an array in place of every tensor, as `finish` fills it
  return x as Result<Arrays<R>>;
};
/** an executable's fields; the report is read when it is asked for */
const withFields = <F extends object>(run: F, fields: { readonly safe: unknown; readonly dispose: () => void; readonly report: () => Report | undefined }): F => {
  const { safe, dispose, report } = fields;
  Object.defineProperty(run, 'report', { get: report });
  return Object.assign(run, { safe, [Symbol.dispose]: dispose });
};

/**
 * Compiles a function for a backend (`defaultBackend` unless told otherwise). Named dimensions without a size are taken from the
 * arguments, and the function is compiled once for each combination of sizes. What is wrong with the function is FX1nnn,
 * with its derivatives FX4nnn, with the backend FX5nnn, with rules, passes and schedules of one's own FX32nn and FX8012; with the
 * arguments of a call FX7nnn. A backend that is waited for is FX7007.
 *
 * @example
 * using run = orThrow(compile(fn([f32(['n', 3])], (x) => sum(x, -1)), { dims: { n: { max: 128 } } }));
 */
export const compile = <A extends readonly unknown[], R>(f: Fn<A, R>, options: CompileOptions = {}): Result<Executable<A, R>> => {
  const wrong = timingProblem('compile', options.backend);
  if (wrong) return E.left([wrong]);
  const prepared = prepare((o) => lower(f, o), options.backend ?? defaultBackend(), options);
  if (E.isLeft(prepared)) return prepared;
  const { report, dispose } = prepared.right;
  const safe = (...args: readonly unknown[]): Result<Arrays<R>> => asResults(callSync(prepared.right, args));
  const run = (...args: readonly unknown[]): Arrays<R> => thrown(safe(...args));
  // SAFETY: the types of arguments and results are those of f, which a call checks at run time
  return E.right(withFields(run, { safe, dispose, report }) as unknown as Executable<A, R>);
};

/**
 * Compiles a function for any backend, an asynchronous one included.
 * @example const run = await orThrow(compileAsync(f, { backend: gpujs({ mode: 'webgpu' }) }));
 */
export const compileAsync = <A extends readonly unknown[], R>(f: Fn<A, R>, options: CompileOptions<Timing> = {}): Task<AsyncExecutable<A, R>> => () => {
  const backend: Backend = options.backend ?? defaultBackend();
  const prepared = prepare<Timing>((o) => lower(f, o), backend, options);
  if (E.isLeft(prepared)) return Promise.resolve(prepared);
  const { report, dispose } = prepared.right;
  const safe = async (...args: readonly unknown[]): Promise<Result<Arrays<R>>> => asResults(await callAsync(prepared.right, args));
  const run = async (...args: readonly unknown[]): Promise<Arrays<R>> => thrown(await safe(...args));
  // SAFETY: as in `compile`
  return Promise.resolve(E.right(withFields(run, { safe, dispose, report }) as unknown as AsyncExecutable<A, R>));
};

/**
 * The same as `compile`, for scripts: it throws. Sizes of named dimensions come from each call's arguments.
 * @example const double = jit(fn([f32(['n'])], (x) => mul(x, 2))); double([1, 2, 3]).toNested()
 */
export const jit = <A extends readonly unknown[], R>(f: Fn<A, R>, options: CompileOptions = {}): Executable<A, R> => orThrow(compile(f, options));

/**
 * The values of a tree of expressions that depend on no input, once; keys stay keys.
 * @example const params = orThrow(compute(init(model, key(0))));
 */
export const compute = <T>(tree: T, options: Pick<CompileOptions, 'backend' | 'checkKeys'> = {}): Result<Arrays<T>> => {
  const wrong = timingProblem('compute', options.backend);
  if (wrong) return E.left([wrong]);
  const prepared = prepare((o) => lowerClosed(tree, o), options.backend ?? defaultBackend(), options);
  if (E.isLeft(prepared)) return prepared;
  const result = asResults<T>(callSync(prepared.right, []));
  prepared.right.dispose();
  return result;
};
