import { describe, expect, it } from 'vitest';
import { js, reference, wasm } from '../../src/backends/index.ts';
import { array, choice, compile, fn, key, orThrow, permutation, split, stack, type Tensor } from '../../src/index.ts';

const everywhere = (tree: () => Tensor<unknown>): readonly number[] => {
  const all = [reference(), js(), wasm({ threads: 1 })].map((backend) => Array.from<number>((orThrow(compile(fn([], tree), { backend }))() as { readonly data: Int32Array }).data));
  for (const got of all) expect(got).toEqual(all[0]);
  return all[0];
};
const sorted = (xs: readonly number[]): readonly number[] => [...xs].sort((a, b) => a - b);

describe('permutation', () => {
  it('holds every number once, in another order for another key', () => {
    const orders = [1, 2, 3].map((seed) => everywhere(() => permutation(key(seed), 50)));
    for (const order of orders) expect(sorted(order)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(everywhere(() => permutation(key(1), 1))).toEqual([0]);
  });
  it('gives every order of three about as often', () => {
    const counts = new Map<string, number>(), keys = split(key(7), 90).map((k) => permutation(k, 3));
    const { data: all } = orThrow(compile(fn([], () => stack(keys as never)), { backend: js() }))() as unknown as { readonly data: Int32Array };
    for (let i = 0; i < 90; i++) { const order = all.slice(3 * i, 3 * i + 3).join(); counts.set(order, (counts.get(order) ?? 0) + 1); }
    expect(counts.size).toBe(6);
    // 15 each, standard deviation 3.5
    for (const n of counts.values()) expect(Math.abs(n - 15)).toBeLessThan(13);
  });
});
describe('choice', () => {
  it('without replacement takes none twice', () => {
    const taken = everywhere(() => choice(key(5), 12, [3, 4], { replace: false }));
    expect(sorted(taken)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(new Set(everywhere(() => choice(key(5), 100, [20], { replace: false }))).size).toBe(20);
  });
  it('with replacement takes each about as often', () => {
    const taken = everywhere(() => choice(key(3), 4, [800]));
    for (const n of [0, 1, 2, 3]) expect(Math.abs(taken.filter((x) => x === n).length - 200)).toBeLessThan(60);
  });
  it('takes rows of a tensor', () => {
    const rows = everywhere(() => choice(key(9), array([1, 2, 10, 20, 100, 200], [3, 2]), [3], { replace: false }));
    expect(sorted(rows)).toEqual([1, 2, 10, 20, 100, 200]);
    expect([0, 1, 2].map((i) => rows[2 * i + 1] / rows[2 * i])).toEqual([2, 2, 2]);
  });
});
