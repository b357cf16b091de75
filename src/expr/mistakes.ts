import type { Origin } from '../core/origin.ts';
import { unifyShapes } from './dims.ts';
import { define, exprOf, here, invalid, typed, type Problem } from './expr.ts';
import { isKey as isKeyExpr } from './functions.ts';
import type { Dim, Dyn } from './types/shape.ts';
import type { Key, Tensor } from './types/tensor.ts';

/**
 * What libraries of layers and optimisers say their own mistakes with. Building an expression never throws: a mistake is
 * carried by the tensors that it spoils, and all of them are reported when the program is lowered, each where it was made.
 */

/** What is wrong: a stable code, one sentence, the shapes that matter, a hint. Its place is found by itself. */
export type Mistake = Problem;
/** Where in the user's source something was written; a file and a line only once a diagnostic asks for them. */
export type { Origin };

/**
 * Where the caller's own caller wrote what is being made: kept by a value whose mistakes show only when it is used.
 * @example const at = origin(); // later: spoil([x], mistake, at)
 */
export const origin = (): Origin => here();

/**
 * What becomes of tensors that a mistake spoils: of the first one's type, so that building goes on. Nothing is said where
 * one of them is spoiled already. One mistake (the same object) on several tensors is told once. `at` is where it was
 * made, where that is not here.
 * @example spoil([x], { code: 'FX9001', message: 'swish: needs a matrix', hint: 'reshape(x, [n, m])' })
 */
export const spoil = (operands: readonly (Tensor<unknown> | Key)[], mistake: Mistake, at?: Origin): never => {
  const e = define(operands.map(exprOf), () => mistake);
  return typed(at === undefined || e.problem === undefined ? e : invalid(at, e.inputs, e.type, e.problem));
};

/** Whether a mistake was made on the way to this tensor or key. */
export const isSpoiled = (x: Tensor<unknown> | Key): boolean => exprOf(x).poisoned;

/**
 * The same tensor; where it is the first that a mistake spoils (`before` is not spoiled), the message is put in other
 * words, and told of another place if one is given.
 * @example reword(x, y, (message) => `layer 3: ${message}`)
 */
export const reword = (before: Tensor<unknown>, x: Tensor<Dyn>, words: (message: string) => string, at?: Origin): Tensor<Dyn> => {
  const e = exprOf(x);
  if (e.problem === undefined || isSpoiled(before)) return x;
  return typed(invalid(at ?? e.origin, e.inputs, e.type, { ...e.problem, message: words(e.problem.message) }));
};

/** Whether a leaf of a tree is a random key. */
export const isKey = (leaf: Tensor<unknown> | Key): leaf is Key => isKeyExpr(exprOf(leaf));

/** Whether two shapes can be the same: sizes and names are equal; sizes computed from names may turn out to be. */
export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean => unifyShapes(a, b) !== undefined;
