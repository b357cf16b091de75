import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { add, bool, convert, equal, exp, expandDims, f32, fn, greater, greaterEqual, iota, less, lessEqual, logicalAnd, logicalNot, logicalOr, matmul, max, mul, notEqual, permute, softmax, sub, sum, vjp, where, type F32, type Tensor } from '../../../src/index.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

type X = F32<number[]>;
type Mask = Tensor<number[], 'bool'>;
/** what a query at a row sees of a key at a column */
type Sees = (rows: number, cols: number) => Mask;
const rowsOf = (n: number) => expandDims(iota(n), 1);
// SAFETY: only the types of sizes are forgotten
const mask = (m: unknown): Mask => m as Mask;
const causal: Sees = (rows, cols) => mask(greaterEqual(rowsOf(rows), iota(cols)));

const scoresOf = (sees: Mask, q: X, k: X, fill: number): X => where(sees, mul(matmul(q, permute(k, [0, 2, 1])), 0.5), fill) as unknown as X;
const attend = (sees: Sees, rows: number, cols: number) => (q: X, k: X, v: X): X => matmul(softmax(scoresOf(sees(rows, cols), q, k, -Infinity)), v) as unknown as X;
const width = 3, of = (n: number) => f32([2, n, width]);
const forward = (sees: Sees, rows: number, cols = rows) => fn([of(rows), of(cols), of(cols)], (q, k, v) => attend(sees, rows, cols)(q, k, v));
const backward = (sees: Sees, rows: number, cols = rows) => fn([of(rows), of(cols), of(cols), of(rows)], (q, k, v, ct) => vjp(attend(sees, rows, cols))(q, k, v)[1](ct as never));

const reaches = (f: unknown) => staged(moduleOf(f), wasm()).plan.groups.map(({ nest }) => (nest.kind === 'blocks' ? nest.reach?.by : nest.kind));

describe('a block of rows reaches as far along the columns as its mask', () => {
  const masks: readonly (readonly [string, Sees, number])[] = [
    ['up to the row', causal, 0],
    ['spelled from the column', (r, c) => mask(lessEqual(iota(c), rowsOf(r))), 0],
    ['spelled as what is not seen', (r, c) => mask(logicalNot(greater(iota(c), rowsOf(r)))), 0],
    // in whole vectors
    ['before the row', (r, c) => mask(less(iota(c), rowsOf(r))), 0],
    ['and under another mask', (r, c) => mask(logicalAnd(causal(r, c), less(sub(rowsOf(r), iota(c)), 4))), 0],
  ];
  it.each(masks)('%s', (_, sees, by) => { for (const f of [forward(sees, 64), backward(sees, 64)]) expect(reaches(f)).toEqual([by]); });
  it('with more keys than queries, which come before them', () => {
    const after: Sees = (r, c) => mask(greaterEqual(add(rowsOf(r), c - r), iota(c)));
    expect(reaches(forward(after, 32, 64))).toEqual([32]);
    // whole vectors would reach beyond the last
    expect(reaches(forward(after, 32, 61))).toEqual([29]);
  });
  // whole vectors would reach beyond the last of 61
  const ahead = (r: number) => add(rowsOf(r), 29), beyond = (r: number) => add(rowsOf(r), 30);
  it.each<readonly [string, Sees]>([
    ['less', (r, c) => mask(less(iota(c), beyond(r)))],
    ['less or equal', (r, c) => mask(lessEqual(iota(c), ahead(r)))],
    ['greater', (r, c) => mask(greater(beyond(r), iota(c)))],
    ['greater or equal', (r, c) => mask(greaterEqual(ahead(r), iota(c)))],
    ['not less', (r, c) => mask(logicalNot(less(ahead(r), iota(c))))],
    ['not less or equal', (r, c) => mask(logicalNot(lessEqual(beyond(r), iota(c))))],
    ['not greater', (r, c) => mask(logicalNot(greater(iota(c), ahead(r))))],
    ['not greater or equal', (r, c) => mask(logicalNot(greaterEqual(iota(c), beyond(r))))],
    ['twice each place', (r, c) => mask(lessEqual(add(iota(c), iota(c)), add(ahead(r), ahead(r))))],
    ['equal', (r, c) => mask(equal(iota(c), ahead(r)))],
    ['not unequal', (r, c) => mask(logicalNot(notEqual(iota(c), ahead(r))))],
  ])('to the last column that it lets through, spelled with %s', (_, sees) => expect(reaches(forward(sees, 32, 61))).toEqual([29]));
  it.each<readonly [string, (seen: Mask, later: Mask, data: Mask) => Mask, number | undefined]>([
    ['seen by both', (seen, _, data) => mask(logicalAnd(seen, data)), 0],
    ['not later, nor hidden', (_, later, data) => mask(logicalNot(logicalOr(later, data))), 0],
    ['seen by either', (seen, _, data) => mask(logicalOr(seen, data)), undefined],
    ['not both later and hidden', (_, later, data) => mask(logicalNot(logicalAnd(later, data))), undefined],
  ])('beside a mask from outside: %s', (_, both, by) => {
    const sees = (data: Mask): Mask => both(causal(64, 64), mask(less(rowsOf(64), iota(64))), data);
    expect(reaches(fn([of(64), of(64), of(64), bool([64, 64])], (q, k, v, data) => matmul(softmax(scoresOf(sees(mask(data)), q, k, -Infinity)), v)))).toEqual([by]);
  });
  it('which halves the work', () => {
    const [whole, half] = [(_: number, c: number) => mask(lessEqual(iota(c), c)), causal].map((sees) => count(staged(moduleOf(forward(sees, 512)), wasm()).program).operations);
    expect(half / whole).toBeLessThan(0.56);
    expect(half / whole).toBeGreaterThan(0.5);
  });
});

describe('it reaches all columns', () => {
  it.each<readonly [string, unknown]>([
    ['without a mask', fn([of(64), of(64), of(64)], (q, k, v) => matmul(softmax(matmul(q, permute(k, [0, 2, 1]))), v))],
    ['where what comes later is seen', forward((r, c) => mask(lessEqual(rowsOf(r), iota(c))), 64)],
    ['where one of two masks lets it through', forward((r, c) => mask(logicalOr(causal(r, c), less(iota(c), 40))), 64)],
    ['where there are fewer keys than queries', forward(causal, 64, 32)],
    ['where masked scores are a number', fn([of(64), of(64), of(64)], (q, k, v) => matmul(softmax(scoresOf(causal(64, 64), q, k, -4)), v))],
    ['where masked values count in a sum', fn([of(64), of(64), of(64)], (q, k, v) => {
      const s = scoresOf(causal(64, 64), q, k, -Infinity), e = exp(sub(s, max(s, -1, { keepdims: true })));
      return add(matmul(e, v), sum(add(e, 1), -1, { keepdims: true }));
    })],
  ])('%s', (_, f) => expect(reaches(f).filter((x) => typeof x === 'number')).toEqual([]));
  it('where a difference of unsigned places wraps', () => {
    const sees: Sees = (r, c) => mask(logicalNot(less(sub(convert(rowsOf(r), 'u32'), convert(iota(c), 'u32')), 5)));
    expect(reaches(forward(sees, 64))).toEqual([undefined]);
    expectMeaning(moduleOf(forward(sees, 20)), 1 << 16);
  });
  it('where the scores are a result too', () => {
    const f = fn([of(64), of(64), of(64)], (q, k, v) => { const s = softmax(scoresOf(causal(64, 64), q, k, -Infinity)); return { s, out: matmul(s, v) }; });
    expect(reaches(f).filter((x) => typeof x === 'number')).toEqual([]);
    expectMeaning(moduleOf(f), 1 << 16);
  });
});

const comparisons = { greaterEqual, greater, lessEqual, less } as const;
// SAFETY: only the types of sizes are forgotten
const pick = (name: keyof typeof comparisons) => comparisons[name] as (a: unknown, b: unknown) => Mask;

describe('the meaning of programs with masks over places', () => {
  const random = fc.record({
    rows: fc.integer({ min: 1, max: 40 }), more: fc.integer({ min: -6, max: 24 }), by: fc.integer({ min: -3, max: 24 }),
    compare: fc.constantFrom(...(Object.keys(comparisons) as readonly (keyof typeof comparisons)[])), flip: fc.boolean(), window: fc.option(fc.integer({ min: 1, max: 12 })),
    back: fc.boolean(), scratchBytes: fc.constantFrom(1 << 16, 4000, 600),
  });
  it('is that of the graph', () => {
    let reached = 0;
    fc.assert(fc.property(random, ({ rows, more, by, compare, flip, window, back, scratchBytes }) => {
      const cols = Math.max(1, rows + more);
      const sees: Sees = (r, c) => {
        const place = add(rowsOf(r), by), columns = iota(c), first = flip ? pick(compare)(columns, place) : pick(compare)(place, columns);
        const all = window === null ? first : logicalAnd(first, less(sub(place, iota(c)), window));
        // the first key is seen by all: a row of nothing is no number, and what it is multiplied by neither
        return mask(logicalOr(all, lessEqual(iota(c), 0)));
      };
      const module = moduleOf((back ? backward : forward)(sees, rows, cols));
      if (staged(module, wasm(), scratchBytes).plan.groups.some(({ nest }) => nest.kind === 'blocks' && nest.reach !== undefined)) reached++;
      expectMeaning(module, scratchBytes);
    }), { numRuns: 30, seed: 4 });
    expect(reached).toBeGreaterThan(5);
  });
});
