/**
 * Where in the user's source something was written: a stack captured unformatted, which costs next to nothing,
 * and resolved to a file and a line only when a diagnostic needs it.
 */
export interface Origin { readonly trace: { readonly stack?: string } }

/** Captures the caller's stack; `below` is the function whose callers are the user's. */
export const captureOrigin = (below: (...args: never[]) => unknown): Origin => {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, below);
  return { trace };
};
