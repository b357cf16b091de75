import type { DType } from '../../core/dtype.ts';
import { monoidRow, type MonoidName } from '../../ir/monoids.ts';

/** Lines that merge values into a state, whose numbers are names or elements; values are names. */
type Fold = (state: readonly string[], values: readonly string[], dtype: DType) => readonly string[];
interface Row { readonly lifted: Fold; readonly merged: Fold }

const whole = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32';
const wrapped = (text: string, dtype: DType): string => (dtype === 'i32' ? `${text} | 0` : `(${text}) >>> 0`);
const both = (fold: Fold): Row => ({ lifted: fold, merged: fold });
const sum = (op: string, integers: (s: string, v: string) => string): Row => both(([s], [v], dtype) =>
  [whole(dtype) ? `${s} = ${wrapped(integers(s, v), dtype)};` : `${s} ${op}= ${v};`]);

/** the first extreme wins, and the first NaN over every number; a negative position is no candidate yet */
const arg = (better: string): Row => {
  const wins = (best: string, at: string, v: string, p: string): string =>
    `${at} < 0 || ${v} ${better} ${best} || (${v} !== ${v} ? ${best} === ${best} || ${p} < ${at} : ${v} === ${best} && ${p} < ${at})`;
  const take = (best: string, at: string, v: string, p: string): string => `{ ${best} = ${v}; ${at} = ${p}; }`;
  return {
    lifted: ([best, at], [v, p]) => [`if (${wins(best, at, v, p)}) ${take(best, at, v, p)}`],
    merged: ([best, at], [v, p]) => [`if (${p} >= 0 && (${wins(best, at, v, p)})) ${take(best, at, v, p)}`],
  };
};
const relative = (value: string, top: string): string => `(${value} === ${top} ? 1 : Math.exp(${value} - ${top}))`;
const rescaled = (max: string, sumOf: string, top: string): string => `(${sumOf} === 0 ? 0 : ${sumOf} * ${relative(max, top)})`;

const rows: { readonly [M in MonoidName]: Row } = {
  add: sum('+', (s, v) => `${s} + ${v}`),
  mul: sum('*', (s, v) => `Math.imul(${s}, ${v})`),
  max: both(([s], [v]) => [`${s} = Math.max(${s}, ${v});`]),
  min: both(([s], [v]) => [`${s} = Math.min(${s}, ${v});`]),
  and: both(([s], [v]) => [`${s} &= ${v};`]),
  or: both(([s], [v]) => [`${s} |= ${v};`]),
  argMax: arg('>'),
  argMin: arg('<'),
  maxExpSum: {
    lifted: ([max, total], [v]) => [`const top = Math.max(${max}, ${v});`, `${total} = ${rescaled(max, total, 'top')} + ${relative(v, 'top')};`, `${max} = top;`],
    merged: ([max, total], [v, t]) => [`const top = Math.max(${max}, ${v});`, `${total} = ${rescaled(max, total, 'top')} + ${rescaled(v, t, 'top')};`, `${max} = top;`],
  },
  welford: {
    lifted: ([n, mean, m2], [v]) => [`const delta = ${v} - ${mean};`, `${n} += 1;`, `${mean} += delta / ${n};`, `${m2} += delta * (${v} - ${mean});`],
    merged: ([n, mean, m2], [k, other, o2]) => [
      `if (${k} !== 0) {`, `  const total = ${n} + ${k}, delta = ${other} - ${mean};`, `  ${m2} += ${o2} + delta * delta * ${n} * ${k} / total;`,
      `  ${mean} += delta * ${k} / total;`, `  ${n} = total;`, '}'],
  },
};

/** Merges one element (with its position) or, with as many values as the state holds, another state. */
export const foldText = (monoid: MonoidName, state: readonly string[], values: readonly string[], dtype: DType, positionsKnown: boolean): readonly string[] =>
  rows[monoid][values.length === monoidRow(monoid).state && !positionsKnown ? 'merged' : 'lifted'](state, values, dtype);
/** whether the lines of this monoid mention a value more than once, or declare names: they need a scope and named values */
export const isPlain = (monoid: MonoidName): boolean => monoidRow(monoid).state === 1;
