import { constantOf } from '../../core/affine.ts';
import type { Expr, Place } from '../../ir/loop/syntax.ts';
import type { Local } from './code.ts';
import { vectorCell } from './values.ts';
import { heldOf, standing, type Held, type Scope, type Writer } from './writer.ts';

/*
 * Which number the lanes of a register hold, while that is known: a search for the first extreme that is written out meets
 * positions in their order, and need not ask which of two comes first.
 */
type Register = Extract<Held, { at: 'register' }>;
const cellAt = (w: Writer, place: Place): { readonly given: Register['given']; readonly cell: Local } | undefined => {
  const held = heldOf(w, place.buffer), cell = held.at === 'register' ? vectorCell(w, held, place) : undefined;
  return held.at === 'register' && cell !== undefined ? { given: held.given, cell } : undefined;
};
const here = (w: Writer): Scope => w.scopes[w.scopes.length - 1];

/** all lanes have just been given the number; whatever else is written to them makes it unknown again */
export const give = (w: Writer, place: Place, number: number): void => {
  const found = cellAt(w, place);
  found?.given.set(found.cell, { scope: here(w), number });
};
/** the number that all lanes have: what was given to them in this scope, for another may run more or less often */
export const givenTo = (w: Writer, place: Place): number | undefined => {
  const found = cellAt(w, place), last = found?.given.get(found.cell);
  return last?.scope === here(w) ? last.number : undefined;
};
/** a position that is the same in all lanes and known while the code is written */
export const knownPosition = (w: Writer, e: Expr): number | undefined => {
  const stands = e.kind === 'index' ? standing(w, e.index) : undefined;
  return stands?.step === 0 ? constantOf(stands.index) : undefined;
};
