/**
 * Where in the user's source something was written: a stack captured unformatted, which costs next to nothing,
 * and resolved to a file and a line only when a diagnostic needs it.
 */
export interface Origin { readonly trace: { readonly stack?: string } }

/** deep enough for a layer that calls layers: the user's frame is what is looked for */
const depth = 32;

/** Captures the caller's stack; `below` is the function whose callers are the user's. */
export const captureOrigin = (below: (...args: never[]) => unknown): Origin => {
  const trace: { stack?: string } = {}, limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  Error.captureStackTrace(trace, below);
  Error.stackTraceLimit = limit;
  return { trace };
};
