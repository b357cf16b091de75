import { describe, expect, it } from 'vitest';
import { bernoulli, fn, foldIn, i32, key, normal, randomBits, split, uniform, type Key } from 'fluxion';
import { here, typeOf } from '../../src/expr/expr.ts';
import { keyWords } from '../../src/expr/keys.ts';
import { filled } from '../../src/expr/primitives.ts';
import { threefryNumbers, threefryRounds } from '../../src/expr/threefry.ts';
import { run, valueOf } from './run.ts';

// threefry2x32 with 20 rounds: kat_vectors of the Random123 distribution (D. E. Shaw Research)
const published = [
  { key: [0, 0], counter: [0, 0], bits: [0x6b200159, 0x99ba4efe] },
  { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], bits: [0x1cb996fc, 0xbb002be7] },
  { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], bits: [0xc4923a9c, 0x483df7a0] },
] as const;

describe('Threefry-2x32', () => {
  for (const v of published) {
    const name = v.key.map((w) => w.toString(16)).join(' ');
    it(`gives the published bits for key ${name} on numbers`, () => { expect(threefryNumbers([v.key[0], v.key[1]], [v.counter[0], v.counter[1]])).toEqual(v.bits); });
    it(`gives the published bits for key ${name} as expressions`, () => {
      const at = here(), word = (n: number) => filled(at, n, typeOf('u32', [1]));
      const pair = () => threefryRounds(at, [word(v.key[0]), word(v.key[1])], [word(v.counter[0]), word(v.counter[1])]);
      expect(run(fn([], () => [...pair()])).map((r) => r.data[0])).toEqual(v.bits);
    });
  }
});

describe('keys', () => {
  const bitsOf = (k: Key): readonly number[] => valueOf(() => randomBits(k, [4]));
  it('known at once and computed in a program give the same bits', () => {
    const inside = fn([key(0)], (k) => { const [a, b] = split(k); return [randomBits(a, [4]), randomBits(foldIn(b, 3), [4])]; });
    const [a, b] = split(key(5)), got = run(inside, [Uint32Array.of(0, 5)]);
    expect(got.map((r) => Array.from(r.data))).toEqual([bitsOf(a), bitsOf(foldIn(b, 3))]);
  });
  it('differ from each other, from their parts and from what is drawn', () => {
    const k = key(1), all = [k, ...split(k, 3), foldIn(k, 0), foldIn(k, 1), key(2)].map((x) => String(keyWords(x)));
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toContain(String(bitsOf(k).slice(0, 2)));
  });
  it('take seeds beyond 32 bits', () => { expect(keyWords(key(2 ** 32 + 1))).toEqual([1, 1]); });
  it('hand on a step that is a tensor', () => {
    const f = fn([key(0), i32()], (k, i) => randomBits(foldIn(k, i), [2]));
    expect(Array.from(run(f, [Uint32Array.of(0, 9), Int32Array.of(7)])[0].data)).toEqual(Array.from(run(fn([], () => randomBits(foldIn(key(9), 7), [2])))[0].data));
  });
});

describe('distributions', () => {
  const n = 8000;
  const moments = (xs: readonly number[]): readonly [number, number] => {
    const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
    return [mean, xs.reduce((a, x) => a + (x - mean) ** 2, 0) / xs.length];
  };
  it('uniform numbers lie in [0, 1), mean 1/2, variance 1/12', () => {
    const xs = valueOf(() => uniform(key(0), [n])), [mean, variance] = moments(xs);
    expect(Math.min(...xs) >= 0 && Math.max(...xs) < 1).toBe(true);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.003);
  });
  it('uniform takes bounds', () => {
    const xs = valueOf(() => uniform(key(0), [n], { low: -2, high: 2 }));
    expect([Math.min(...xs) >= -2, Math.max(...xs) < 2, Math.min(...xs) < -1.99]).toEqual([true, true, true]);
  });
  it('normal numbers have mean 0, variance 1 and the normal tails', () => {
    const xs = valueOf(() => normal(key(3), [n])), [mean, variance] = moments(xs);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    expect(xs.filter((x) => Math.abs(x) > 1.959964).length / n).toBeCloseTo(0.05, 2);
  });
  it('bernoulli is true with its probability', () => {
    const hits = valueOf(() => bernoulli(key(4), 0.3, [n])).reduce((a, b) => a + b, 0);
    expect(Math.abs(hits / n - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / n));
  });
});
