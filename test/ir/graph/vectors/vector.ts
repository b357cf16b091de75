import type { DType } from '../../../../src/core/dtype.ts';

export type AtLeastThree<V> = readonly [V, V, V, ...V[]];

/** Where a vector comes from: a section of a text that others wrote, or arithmetic that a reader can redo. */
export const stablehlo = (section: string): string => `StableHLO specification, ${section}`;
/** IEEE 754-2019 */
export const ieee = (clause: string): string => `IEEE 754, ${clause}`;
export const numpy = (what: string): string => `NumPy, ${what}`;
export const wraps = 'two\'s complement: modulo 2³²';
export const byHand = 'plain arithmetic';
/** correctly rounded from fifty digits, by a library that shares no code with this one */
export const digits = 'mpmath 1.3 at fifty digits, rounded to double';
/** where the texts leave the choice to us */
export const ours = (why: string): string => `our own choice: ${why}`;

/** A function over arrays, element by element. */
export interface ScalarVector {
  readonly of: readonly (readonly number[])[];
  readonly gives: readonly number[];
  readonly from: string;
  /** of the operands; f64 unless told */
  readonly dtype: DType;
  /** of the result of convert */
  readonly to?: DType;
  /** units in the last place that a library's function may be off by; 0 unless told */
  readonly ulps?: number;
}
type Details = Omit<Partial<ScalarVector>, 'of' | 'gives' | 'from'>;
export const unary = (of: readonly number[], gives: readonly number[], from: string, details: Details = {}): ScalarVector => ({ dtype: 'f64', of: [of], gives, from, ...details });
export const binary = (x: readonly number[], y: readonly number[], gives: readonly number[], from: string, details: Details = {}): ScalarVector => ({ dtype: 'f64', of: [x, y], gives, from, ...details });
