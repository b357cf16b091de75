import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Diagnostics, Result, Task } from './diagnostic.ts';

const renderOne = (d: Diagnostic): string => [
  `${d.severity} ${d.code}: ${d.message}`,
  ...(d.place ? [`  at ${d.place.file}:${d.place.line}:${d.place.column}`] : []),
  ...(d.shapes && d.shapes.length > 0 ? [`  shapes: ${d.shapes.join(', ')}`] : []),
  ...(d.hint === undefined ? [] : [`  hint: ${d.hint}`]),
].join('\n');

/** Diagnostics as text for a terminal: code and sentence, the place, the shapes, a hint. */
export const render = (diagnostics: Diagnostics): string => diagnostics.map(renderOne).join('\n');

/** Diagnostics as an error whose message is their text. */
export const diagnosticError = (diagnostics: Diagnostics): Error & { readonly diagnostics: Diagnostics } =>
  Object.assign(new Error(render(diagnostics)), { diagnostics });

/** The diagnostics behind an error that `diagnosticError` made. */
export const diagnosticsOf = (error: unknown): Diagnostics | undefined => {
  // SAFETY: only `diagnosticError` gives an error this field
  return error instanceof Error && 'diagnostics' in error ? error.diagnostics as Diagnostics : undefined;
};

/** What `run` gives, or the diagnostics behind what it throws; whatever else it throws goes on. */
export const attempt = <A>(run: () => A): Result<A> => {
  try {
    return E.right(run());
  } catch (error) {
    const said = diagnosticsOf(error);
    if (said === undefined) throw error;
    return E.left(said);
  }
};

/**
 * The value of a result, or an error whose message is the rendered diagnostics; of a task, a promise of it.
 * @example const run = orThrow(compile(f));
 */
export function orThrow<A>(result: Result<A>): A;
export function orThrow<A>(task: Task<A>): Promise<A>;
export function orThrow<A>(x: Result<A> | Task<A>): A | Promise<A> {
  const value = (r: Result<A>): A => {
    if (E.isLeft(r)) throw diagnosticError(r.left);
    return r.right;
  };
  return typeof x === 'function' ? x().then(value) : value(x);
}
