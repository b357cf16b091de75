/**
 * A stream of 32-bit numbers from a seed: SplitMix (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators") with 32-bit words, and the output function of MurmurHash3 (Appleby 2011).
 */
const stream = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
};
/** the first number of the stream that starts where `a` and `b` say: a seed made of two */
const mix = (a: number, b: number): number => stream(stream(a)() ^ Math.imul(b + 1, 0x9e3779b1))();

/** a number below n, each equally likely: draws beyond the last whole multiple of n are thrown away */
const below = (next: () => number, n: number): number => {
  const limit = 2 ** 32 - (2 ** 32 % n);
  for (let drawn = next(); ; drawn = next()) if (drawn < limit) return drawn % n;
};

/** 0 … n−1 in an order that the seed and the epoch alone decide (Fisher and Yates). */
export const shuffledOrder = (n: number, seed: number, epoch = 0): Uint32Array => {
  const order = plainOrder(n), next = stream(mix(mix(seed, Math.floor(seed / 2 ** 32)), epoch));
  for (let i = n - 1; i > 0; i--) {
    const j = below(next, i + 1), moved = order[i];
    order[i] = order[j];
    order[j] = moved;
  }
  return order;
};
/** 0 … n−1 */
export const plainOrder = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);
