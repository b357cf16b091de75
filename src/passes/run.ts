import { invariant } from '../core/invariant.ts';
import { verify } from '../ir/graph/verify.ts';
import type { Module } from '../ir/graph/syntax.ts';
import type { Pass, PassTrace } from './pass.ts';

export interface RunOptions {
  /** check the module after every pass */
  readonly verify?: boolean;
  readonly trace?: (t: PassTrace) => void;
  /** milliseconds, for traces */
  readonly clock?: () => number;
}

/**
 * Runs passes one after the other: the one function that names, times, traces and verifies them.
 * @throws InternalError naming the pass, where what it gives is not well-formed
 */
export const runPasses = (module: Module, passes: readonly Pass[], options: RunOptions = {}): Module => {
  let current = module;
  for (const pass of passes) current = runPass(current, pass, options);
  return current;
};

const runPass = (before: Module, pass: Pass, options: RunOptions): Module => {
  const clock = options.clock ?? ((): number => 0);
  const fired = new Map<string, number>();
  const start = clock();
  const after = pass.run(before, (rule) => { fired.set(rule, (fired.get(rule) ?? 0) + 1); });
  const ms = clock() - start;
  if (options.verify === true) {
    const wrong = verify(after);
    invariant(wrong.length === 0, `after the pass '${pass.name}': ${wrong.join('; ')}`);
  }
  options.trace?.({ pass: pass.name, ms, before, after, fired });
  return after;
};
