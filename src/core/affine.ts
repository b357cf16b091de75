/** Names of the atoms that indices are made of. */
export type AxisId = string;
export type LocalId = string;
export type SymId = string;

/** An integer in normal form: terms sorted by their printed atom, no zero coefficients, no atom twice. */
export interface Index { readonly bias: number; readonly terms: readonly Term[] }
export interface Term { readonly by: number; readonly of: Atom }
export type Atom =
  /** 0 ≤ axis < extent of the loop that binds it */
  | { readonly kind: 'axis'; readonly axis: AxisId }
  /** the value of a bounded dimension's symbol */
  | { readonly kind: 'size'; readonly sym: SymId }
  /** an i32 read from memory by a `let`, clamped to lo … hi (inclusive) when used as an index */
  | { readonly kind: 'data'; readonly local: LocalId; readonly lo: number; readonly hi: number }
  /** floor division and its remainder; den > 0 */
  | { readonly kind: 'floorDiv' | 'mod'; readonly num: Index; readonly den: number };

/** A conjunction; [] is true. */
export type Guard = readonly { readonly is: 'ge0' | 'eq0'; readonly of: Index }[];

