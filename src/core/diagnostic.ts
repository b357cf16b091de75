import type { Either } from 'fp-ts/lib/Either.js';
import type { ReadonlyNonEmptyArray } from 'fp-ts/lib/ReadonlyNonEmptyArray.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

export type Code = `FX${number}`;
export interface Place { readonly file: string; readonly line: number; readonly column: number }

/** What the user is told: a stable code, one sentence, where, the shapes that matter, and a hint. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly place?: Place;
  readonly shapes?: readonly string[];
  readonly hint?: string;
}
export type Diagnostics = ReadonlyNonEmptyArray<Diagnostic>;
export type Result<A> = Either<Diagnostics, A>;
export type Task<A> = TaskEither<Diagnostics, A>;

export type DiagnosticDetails = Pick<Diagnostic, 'place' | 'shapes' | 'hint'>;
export const diagnostic = (code: Code, message: string, details: DiagnosticDetails = {}): Diagnostic =>
  ({ code, severity: 'error', message, ...details });
