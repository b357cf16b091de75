/** A broken promise of the compiler itself: never the user's fault, always a bug report. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** States what must hold here; a false condition is a bug of the compiler, not bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(`internal error: ${message}`);
}
