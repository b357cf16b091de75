import { describe, expect, it } from 'vitest';
import { typedArray, type DType } from '../../../src/core/dtype.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { monoidRow, monoids, type MonoidName } from '../../../src/ir/monoids.ts';
import { scalars, type ScalarName } from '../../../src/ir/scalars.ts';
import { moduleOf } from './modules.ts';
import { monoidVectors, type MonoidVector } from './vectors/monoids.ts';
import { scalarVectors } from './vectors/scalars.ts';
import type { ScalarVector } from './vectors/vector.ts';

/** the same bits (one NaN for all), or at most so many doubles apart */
const apart = (a: number, b: number): number => {
  if (Object.is(a, b)) return 0;
  if (!Object.is(Math.sign(a), Math.sign(b)) || !Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  const order = (x: number): bigint => new BigInt64Array(Float64Array.of(Math.abs(x)).buffer)[0];
  return Math.abs(Number(order(a) - order(b)));
};
const expectNear = (got: ArrayLike<number>, wanted: readonly number[], ulps: number): void => {
  const off = wanted.flatMap((w, i) => (apart(got[i], w) <= ulps ? [] : [`${i}: ${Object.is(got[i], -0) ? '-0' : got[i]}, not ${Object.is(w, -0) ? '-0' : w}`]));
  expect([off, got.length]).toEqual([[], wanted.length]);
};

const applied = (fn: ScalarName, { of, dtype, to }: ScalarVector): ArrayLike<number> => {
  const dtypes = of.map((_, i): DType => (fn === 'select' && i === 0 ? 'bool' : dtype));
  const module = moduleOf(of.map((x, i) => ({ dtype: dtypes[i], shape: [x.length] })), (b, ...xs) => [b.map(fn, xs, to)]);
  return interpret(module, of.map((x, i) => typedArray(dtypes[i], x)))[0];
};

// SAFETY: the keys of the tables are the names
describe.each(Object.keys(scalars) as readonly ScalarName[])('%s', (fn) => {
  it.each(scalarVectors[fn].map((v) => [`${v.dtype}: ${v.from}`, v] as const))('%s', (_, v) => expectNear(applied(fn, v), v.gives, v.ulps ?? 0));
});

const folded = (monoid: MonoidName, of: readonly number[], from = 0): readonly number[] => {
  const { identity, lift, merge } = monoidRow(monoid);
  return of.reduce((state, x, i) => merge(state, lift(x, from + i)), identity);
};
const reduced = (monoid: MonoidName, { of, dtype }: MonoidVector): ArrayLike<number> =>
  interpret(moduleOf([{ dtype, shape: [of.length, 1] }], (b, x) => [b.reduce(monoid, x, [0])]), [typedArray(dtype, of)])[0];

// SAFETY: as above
describe.each(Object.keys(monoids) as readonly MonoidName[])('reduce %s', (monoid) => {
  it.each(monoidVectors[monoid].map((v) => [`${v.dtype} ${v.of.join()}: ${v.from}`, v] as const))('%s', (_, v) => expectNear(reduced(monoid, v), [v.gives], 1));

  const doubles = monoidVectors[monoid].filter((v) => v.dtype === 'f64' || v.dtype === 'bool');
  it('ends in the states of the table', () => { for (const v of doubles) expectNear(folded(monoid, v.of), v.state, 1); });
  it('gives the same wherever it is split', () => {
    const { merge } = monoidRow(monoid);
    for (const { of, state } of doubles) for (let n = 0; n <= of.length; n++) {
      expectNear(merge(folded(monoid, of.slice(0, n)), folded(monoid, of.slice(n), n)), state, 2);
    }
  });
});

describe('the tables', () => {
  it('hold every name, each at least three times', () => {
    expect(Object.keys(scalarVectors).sort()).toEqual(Object.keys(scalars).sort());
    expect(Object.keys(monoidVectors).sort()).toEqual(Object.keys(monoids).sort());
    for (const rows of [...Object.values(scalarVectors), ...Object.values(monoidVectors)]) expect(rows.length).toBeGreaterThanOrEqual(3);
  });
  it('are of the dtypes that the functions take, and take two of them where they can', () => {
    for (const [fn, rows] of Object.entries(scalarVectors)) {
      const of = new Set(rows.map((v) => v.dtype)), { takes } = scalars[fn as ScalarName];
      if (takes === 'any' || takes === 'number') expect(of.size, fn).toBeGreaterThan(1);
    }
  });
});
