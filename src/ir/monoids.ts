import type { DType } from '../core/dtype.ts';

/**
 * The monoids of reductions: plain data, in terms of the scalar vocabulary, so that interpreters, derivative rules
 * and emitters read one table. `fold` and `reduce` are the only places where order may change.
 */
export interface MonoidRow {
  /** how many numbers a running state holds */
  readonly state: 1 | 2 | 3;
  /** the operand's elements a graph-level `reduce` takes, and what it gives */
  readonly takes: 'number' | 'float' | 'bool' | 'any';
  readonly gives: 'same' | 'i32';
  /** the empty reduction; ±Infinity on integers means the dtype's extreme */
  readonly identity: readonly number[];
  /** from an element (and its position along the reduced axes) to a state */
  readonly lift: (x: number, position: number) => readonly number[];
  readonly merge: (a: readonly number[], b: readonly number[]) => readonly number[];
}

const one = (merge: (a: number, b: number) => number, identity: number, takes: MonoidRow['takes']): MonoidRow => ({
  state: 1, takes, gives: 'same', identity: [identity], lift: (x) => [x], merge: ([a], [b]) => [merge(a, b)],
});
/** the first extreme wins; a NaN beats every number, the first NaN the later ones */
const arg = (before: (a: number, b: number) => boolean, identity: number): MonoidRow => ({
  state: 2, takes: 'number', gives: 'i32', identity: [identity, -1], lift: (x, position) => [x, position],
  merge: (a, b) => {
    if (a[1] < 0) return b;
    if (b[1] < 0) return a;
    if (Number.isNaN(a[0]) !== Number.isNaN(b[0])) return Number.isNaN(a[0]) ? a : b;
    if (before(a[0], b[0])) return a;
    if (before(b[0], a[0])) return b;
    return a[1] <= b[1] ? a : b;
  },
});

export const monoids = {
  add: one((a, b) => a + b, 0, 'number'),
  mul: one((a, b) => a * b, 1, 'number'),
  max: one(Math.max, -Infinity, 'any'),
  min: one(Math.min, Infinity, 'any'),
  and: one((a, b) => a & b, 1, 'bool'),
  or: one((a, b) => a | b, 0, 'bool'),
  argMax: arg((a, b) => a > b, -Infinity),
  argMin: arg((a, b) => a < b, Infinity),
  /** (running maximum, sum of exponentials relative to it) */
  maxExpSum: {
    state: 2, takes: 'float', gives: 'same', identity: [-Infinity, 0], lift: (x) => [x, 1],
    merge: ([m, s], [n, t]) => {
      const top = Math.max(m, n);
      const scaled = (max: number, sum: number): number => (sum === 0 ? 0 : sum * (max === top ? 1 : Math.exp(max - top)));
      return [top, scaled(m, s) + scaled(n, t)];
    },
  },
  /** (count, mean, sum of squared deviations): Chan, Golub and LeVeque 1979 */
  welford: {
    state: 3, takes: 'float', gives: 'same', identity: [0, 0, 0], lift: (x) => [1, x, 0],
    merge: ([n, mean, m2], [k, other, o2]) => {
      if (k === 0) return [n, mean, m2];
      const total = n + k, delta = other - mean;
      return [total, mean + (delta * k) / total, m2 + o2 + (delta * delta * n * k) / total];
    },
  },
} as const satisfies Record<string, MonoidRow>;

export type MonoidName = keyof typeof monoids;
export const monoidRow = (name: MonoidName): MonoidRow => monoids[name];

const extremes: { readonly [D in DType]: readonly [number, number] } = {
  f32: [-Infinity, Infinity], f64: [-Infinity, Infinity], f16: [-Infinity, Infinity], bf16: [-Infinity, Infinity], i32: [-2147483648, 2147483647], u32: [0, 4294967295], bool: [0, 1],
};
/** a number of an identity as the dtype has it */
export const identityIn = (dtype: DType, value: number): number =>
  value === -Infinity ? extremes[dtype][0] : value === Infinity ? extremes[dtype][1] : value;
