import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as affine from '../../src/core/affine.ts';
import type { Bounds, Index, Leaf } from '../../src/core/affine.ts';
import { runs } from '../laws/runs.ts';

const axes = { i: 6, j: 10, k: 1, n: 40 } as const;
const bounds: Bounds = (leaf) => {
  if (leaf.kind === 'data') return affine.unbounded(leaf);
  return leaf.kind === 'axis' ? { lo: 0, hi: axes[leaf.axis as keyof typeof axes] - 1 } : { lo: 1, hi: 16 };
};

const leafIndex = fc.oneof(
  fc.constantFrom('i', 'j', 'k', 'n').map(affine.axis),
  fc.constant(affine.size('batch')),
  fc.integer({ min: 0, max: 3 }).map((lo) => affine.data('ids', lo, lo + 5)),
);
const factor = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(4, 8, 14, 28));
const { index } = fc.letrec<{ index: Index; divided: Index }>((tie) => ({
  index: fc.tuple(fc.array(fc.tuple(factor, fc.oneof({ depthSize: 'small' }, leafIndex, tie('divided'))), { maxLength: 3 }), fc.integer({ min: -20, max: 20 }))
    .map(([terms, bias]) => affine.add(affine.constant(bias), ...terms.map(([by, of]) => affine.scale(of, by)))),
  divided: fc.tuple(fc.constantFrom<'floorDiv' | 'mod'>('floorDiv', 'mod'), tie('index'), fc.integer({ min: 1, max: 16 }))
    .map(([kind, num, den]) => affine.ofAtom({ kind, num, den })),
}));
const point = fc.record({
  i: fc.integer({ min: 0, max: 5 }), j: fc.integer({ min: 0, max: 9 }), k: fc.constant(0), n: fc.integer({ min: 0, max: 39 }),
  batch: fc.integer({ min: 1, max: 16 }), ids: fc.integer({ min: -20, max: 20 }),
});
type Point = typeof point extends fc.Arbitrary<infer P> ? P : never;
const at = (p: Point) => (leaf: Leaf): number =>
  p[(leaf.kind === 'axis' ? leaf.axis : leaf.kind === 'size' ? leaf.sym : leaf.local) as keyof Point];
const guard = fc.array(fc.record({ is: fc.constantFrom<'ge0' | 'eq0'>('ge0', 'eq0'), of: index }), { maxLength: 4 });
const i = affine.axis('i'), j = affine.axis('j'), n = affine.axis('n');
const show = affine.showIndex;

describe('normal form', () => {
  it('sorts terms by their printed atom, merges them and drops zeros', () => {
    expect(show(affine.add(j, affine.scale(i, 3), affine.constant(-2), j))).toBe('3*i + 2*j - 2');
    expect(affine.sub(i, i)).toEqual({ bias: 0, terms: [] });
    expect(Object.is(affine.scale(affine.constant(0), -1).bias, 0)).toBe(true);
  });
  it('is kept by every operation', () => fc.assert(fc.property(index, index, factor, fc.integer({ min: 1, max: 16 }), (a, b, c, den) => {
    for (const x of [affine.add(a, b), affine.sub(a, b), affine.scale(a, c), affine.floorDiv(a, den, bounds), affine.mod(a, den, bounds), affine.simplify(a, bounds)]) {
      const keys = x.terms.map((t) => affine.showAtom(t.of));
      expect(keys).toEqual([...new Set(keys)].sort());
      expect(x.terms.every((t) => t.by !== 0 && Number.isInteger(t.by))).toBe(true);
    }
  })));
  it('makes sums associative and commutative', () => fc.assert(fc.property(index, index, index, (a, b, c) => {
    expect(affine.equalIndex(affine.add(affine.add(a, b), c), affine.add(a, affine.add(c, b)))).toBe(true);
  })));
});

describe('meaning', () => {
  it('of sums, differences and multiples', () => fc.assert(fc.property(index, index, factor, point, (a, b, c, p) => {
    const [x, y] = [affine.evaluate(a, at(p)), affine.evaluate(b, at(p))];
    expect(affine.evaluate(affine.add(a, b), at(p))).toBe(x + y);
    expect(affine.evaluate(affine.sub(a, b), at(p))).toBe(x - y);
    expect(affine.evaluate(affine.scale(a, c), at(p)) + 0).toBe(x * c + 0);
  })));
  it('of simplified division and remainder', () => fc.assert(fc.property(index, fc.integer({ min: 1, max: 60 }), point, (a, den, p) => {
    const x = affine.evaluate(a, at(p));
    expect(affine.evaluate(affine.floorDiv(a, den, bounds), at(p))).toBe(Math.floor(x / den));
    expect(affine.evaluate(affine.mod(a, den, bounds), at(p))).toBe(x - den * Math.floor(x / den));
  }), runs(1000, 86)));
  it('of simplify and substitute', () => fc.assert(fc.property(index, index, point, (a, b, p) => {
    expect(affine.evaluate(affine.simplify(a, bounds), at(p))).toBe(affine.evaluate(a, at(p)));
    const replaced = affine.substitute(a, (name) => (name === 'i' ? b : undefined));
    expect(affine.evaluate(replaced, at(p))).toBe(affine.evaluate(a, (leaf) =>
      (leaf.kind === 'axis' && leaf.axis === 'i' ? affine.evaluate(b, at(p)) : at(p)(leaf))));
  }), runs(500, 87)));
  it('range holds every value', () => fc.assert(fc.property(index, point, (a, p) => {
    const { lo, hi } = affine.range(a, bounds), x = affine.evaluate(a, at(p));
    expect(lo <= x && x <= hi).toBe(true);
  })));
  it('data clamps', () => expect(affine.evaluate(affine.data('ids', 0, 9), () => 12)).toBe(9));
});

describe('division', () => {
  it.each([
    ['a multiple', affine.floorDiv(affine.add(affine.scale(i, 784), affine.constant(785)), 784), 'i + 1'],
    ['a row and its column', affine.floorDiv(affine.add(affine.scale(i, 10), j), 10, bounds), 'i'],
    ['the column', affine.mod(affine.add(affine.scale(i, 10), j), 10, bounds), 'j'],
    ['part of it', affine.floorDiv(affine.add(affine.scale(n, 10), j), 40, bounds), 'floorDiv(n, 4)'],
    ['rest of part', affine.mod(affine.add(affine.scale(n, 10), j), 40, bounds), 'j + 10*mod(n, 4)'],
    ['twice', affine.floorDiv(affine.floorDiv(n, 3), 4), 'floorDiv(n, 12)'],
    ['a shared factor', affine.floorDiv(affine.scale(n, 6), 9), 'floorDiv(2*n, 3)'],
    ['a remainder of a remainder', affine.mod(affine.mod(affine.add(n, affine.constant(3)), 8), 4), 'mod(n + 3, 4)'],
    ['negative', affine.floorDiv(affine.constant(-1), 4), '-1'],
  ])('%s', (_, actual, expected) => expect(show(actual)).toBe(expected));
  it('puts a quotient and its remainder together', () => {
    const parts = affine.add(affine.scale(affine.floorDiv(n, 7), 7), affine.mod(n, 7), j);
    expect(show(affine.simplify(parts, bounds))).toBe('j + n');
  });
});

describe('guards', () => {
  it('simplifying keeps the meaning', () => fc.assert(fc.property(guard, point, (g, p) => {
    expect(affine.evaluateGuard(affine.simplifyGuard(g, bounds), at(p))).toBe(affine.evaluateGuard(g, at(p)));
  }), runs(500, 88)));
  it('narrowed bounds hold every value that the guard admits', () => fc.assert(fc.property(guard, point, (g, p) => {
    fc.pre(affine.evaluateGuard(g, at(p)));
    const inside = affine.narrow(bounds, g);
    for (const leaf of g.flatMap((c) => affine.leaves(c.of))) {
      if (leaf.kind === 'data') continue;
      const { lo, hi } = inside(leaf), x = at(p)(leaf);
      expect(lo <= x && x <= hi).toBe(true);
    }
  })));
  it('an interval under a guard holds every value that the guard admits', () => fc.assert(fc.property(index, guard, point, (a, g, p) => {
    fc.pre(affine.evaluateGuard(g, at(p)));
    const { lo, hi } = affine.rangeUnder(a, g, bounds), x = affine.evaluate(a, at(p));
    expect(lo <= x && x <= hi).toBe(true);
  })));
  it('an interval under a guard uses sums of axes', () => {
    const row = affine.add(i, j, affine.constant(-1)), place = affine.add(affine.scale(row, 16), affine.axis('k'));
    expect(affine.range(place, bounds)).toEqual({ lo: -16, hi: 208 });
    expect(affine.rangeUnder(place, affine.within(row, affine.zero, affine.constant(8)), bounds)).toEqual({ lo: 0, hi: 112 });
  });
  it('drops what always holds and finds what never does', () => {
    expect(affine.simplifyGuard([...affine.ge0(i), ...affine.ge0(affine.sub(i, affine.constant(2)))], bounds)).toEqual(affine.ge0(affine.shift(i, -2)));
    expect(affine.simplifyGuard(affine.ge0(affine.shift(i, -6)), bounds)).toBe(affine.never);
    expect(affine.simplifyGuard(affine.eq0(affine.shift(affine.scale(i, 2), -3)), bounds)).toBe(affine.never);
    expect(affine.showGuard(affine.simplifyGuard(affine.ge0(affine.shift(affine.scale(i, 2), -3)), bounds))).toBe('i - 2 >= 0');
  });
  it('keeps the stronger of two that differ by a constant', () => {
    expect(affine.showGuard(affine.simplifyGuard([...affine.ge0(affine.shift(i, -2)), ...affine.ge0(affine.shift(i, -1))], bounds))).toBe('i - 2 >= 0');
  });
});

// a load under such a guard was verified as if it could be reached
describe('guards that contradict each other', () => {
  const { axis, floorDiv, ge0, never, scale, shift, simplifyGuard } = affine, i = axis('i'), quotient = floorDiv(shift(i, 1), 2, bounds);
  it('never hold together', () => {
    expect(simplifyGuard([...ge0(scale(i, -1)), ...ge0(shift(quotient, -1))], bounds)).toBe(never);
    expect(simplifyGuard([...ge0(shift(i, -5)), ...ge0(shift(scale(quotient, -1), 2))], bounds)).toBe(never);
  });
  it('stay where a value satisfies both', () => {
    expect(simplifyGuard([...ge0(shift(scale(i, -1), 1)), ...ge0(shift(quotient, -1))], bounds)).not.toBe(never);
    expect(simplifyGuard([...ge0(shift(i, -4)), ...ge0(shift(scale(quotient, -1), 2))], bounds)).not.toBe(never);
  });
});
