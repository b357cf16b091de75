import { define, exprOf, invalid, typed } from '../expr/expr.ts';
import type { Origin } from '../core/origin.ts';
import type { Dyn, Key, Tensor } from '../index.ts';
import { codes } from './codes.ts';

/**
 * Mistakes in networks are carried by the tensors they spoil, as those of operations are: reported when the program is
 * lowered, all of them, each where it was written.
 */
export interface Mistake { readonly what: keyof typeof codes; readonly message: string; readonly shapes?: readonly string[]; readonly hint?: string }
export const mistake = (what: keyof typeof codes, message: string, details: Pick<Mistake, 'shapes' | 'hint'> = {}): Mistake => ({ what, message, ...details });

/** What a tensor that comes of a mistake is; nothing is said where an operand is spoiled already. */
export const spoiled = (operands: readonly (Tensor<unknown> | Key)[], { what, ...said }: Mistake): never =>
  typed(define(operands.map(exprOf), () => ({ code: codes[what], ...said })));

/** whether a mistake has been made on the way to this tensor */
export const isSpoiled = (x: Tensor<unknown>): boolean => exprOf(x).poisoned;

/** The same tensor; where it is the first that a mistake spoils, the message is put in other words. */
export const reworded = (before: Tensor<unknown>, x: Tensor<Dyn>, words: (message: string) => string, written?: Origin): Tensor<Dyn> => {
  const e = exprOf(x);
  if (e.problem === undefined || isSpoiled(before)) return x;
  return typed(invalid(written ?? e.origin, e.inputs, e.type, { ...e.problem, message: words(e.problem.message) }));
};
