import { expect } from 'vitest';
import type { TypedArray } from '../../src/core/dtype.ts';
import { boundedResults, compare, type BoundOptions } from '../../src/ir/graph/bounds.ts';
import { interpret } from '../../src/ir/graph/interpret.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { inlineCalls, inlineComposites } from '../../src/passes/graph/clean.ts';
import { expandTransforms } from '../../src/passes/graph/expandTransforms.ts';
import { runPasses } from '../../src/passes/run.ts';

/** how many elements were judged, and how many a rounding error could have tripped */
export interface Tally { judged: number; skipped: number; refused: number }
export const tally = (): Tally => ({ judged: 0, skipped: 0, refused: 0 });
export const fewSkipped = (t: Tally, { least = 1000, most = 0.02 } = {}): void => {
  expect(t.judged).toBeGreaterThan(least);
  expect(t.skipped / t.judged, `${t.skipped} of ${t.judged} elements skipped`).toBeLessThan(most);
};

/** what a module means: its derivatives expanded, its calls and composites written out */
export const expanded = (module: Module): Module => runPasses(module, [expandTransforms, inlineCalls, inlineComposites]);

/** every element within its bound of the module's meaning in doubles */
export const expectWithin = (module: Module, args: readonly TypedArray[], results: readonly ArrayLike<number>[], options: BoundOptions, t: Tally, what = ''): void => {
  for (const [i, wanted] of boundedResults(expanded(module), args, options).entries()) {
    const { beyond, skipped } = compare(results[i], wanted);
    t.judged += wanted.value.length;
    t.skipped += skipped;
    expect(beyond, `${what} result ${i}`).toBeUndefined();
  }
};
/** the same of what a backend gave, or did not */
export const judge = (module: Module, args: readonly TypedArray[], results: readonly ArrayLike<number>[] | undefined, ulps: number, t: Tally): void => {
  if (results === undefined) t.refused++;
  else expectWithin(module, args, results, { ulps }, t);
};
/** in doubles, rewriting may change the last digits only */
export const lastDigits: BoundOptions = { epsilon: 2 ** -50, ulps: 8 };
/** the same bits, node by node in the precision of each dtype */
export const expectSameBits = (before: Module, after: Module, args: readonly TypedArray[], what: string): void => {
  const [wanted, got] = [before, after].map((m) => interpret(expanded(m), args));
  wanted.forEach((values, i) => values.forEach((x, k) => expect(Object.is(x, got[i][k]), `${what}: result ${i}, element ${k}: ${x} became ${got[i][k]}`).toBe(true)));
};
