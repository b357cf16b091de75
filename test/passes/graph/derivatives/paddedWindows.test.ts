import { describe, expect, it } from 'vitest';
import { array, f32, fn, jvp, maxPool, ones, reduceWindow, vjp, vmap, type Tensor } from 'fluxion';
import { everywhere, numbersOf, onEach } from '../../../expr/everywhere.ts';

type V = Tensor<number[], 'f32'>;
const inf = Infinity, windows = { size: [3], padding: [[2, 2]] } as const, lines = array([-inf, -inf, 1, -inf], [4]);
/** the element that each window's derivative goes to, by how many windows' it is */
const won = (by: 'max' | 'min', options: Parameters<typeof reduceWindow>[2], n: number) => (x: V): V => vjp((v: V) => reduceWindow(v, by, options) as V)(x)[1](ones([n]) as V)[0];
const of = (x: Tensor<[4], 'f32'>): V => x as unknown as V;

describe('the winner of a window with padding', () => {
  const image = array(new Float32Array(9).fill(-inf), [1, 3, 3, 1]);
  it('is an element, the first of those that are −∞', () => {
    const f = fn([f32([1, 3, 3, 1])], (x) => vjp((v: typeof x) => maxPool(v, 3, { stride: 1, padding: 'same' }))(x)[1](ones([1, 3, 3, 1]))[0]);
    expect(numbersOf(everywhere, f, [image])).toEqual(onEach(everywhere, [[4, 2, 0, 2, 1, 0, 0, 0, 0]]));
  });
  it('along one axis, both ways, of minima too, and of strides and dilations', () => {
    const f = fn([f32([4])], (x) => {
      const [, y] = jvp((v: V) => reduceWindow(v, 'max', windows) as V)([of(x)], [array([1, 2, 3, 4], [4]) as unknown as V]);
      const flipped = (v: V): V => vjp((u: V) => reduceWindow(u, 'min', windows) as V)(v)[1](ones([6]) as V)[0];
      return [won('max', windows, 6)(of(x)), y, flipped(array([inf, inf, 1, inf], [4]) as unknown as V), won('max', { size: [2], strides: [2], dilations: [3], padding: [[3, 3]] }, 4)(array([-inf, -inf, -inf, -inf], [4]) as unknown as V)];
    });
    // of the last, each window holds one element
    expect(numbersOf(everywhere, f, [lines])).toEqual(onEach(everywhere, [[2, 0, 3, 1], [1, 1, 3, 3, 3, 4], [2, 0, 3, 1], [1, 1, 1, 1]]));
  });
  it('for each example', () => {
    const f = fn([f32([2, 4])], (xs) => vmap((x: Tensor<[4], 'f32'>) => won('max', windows, 6)(of(x)), 2)(xs));
    expect(numbersOf(everywhere, f, [array([-inf, -inf, 1, -inf, -inf, -inf, -inf, -inf], [2, 4])])).toEqual(onEach(everywhere, [[2, 0, 3, 1, 3, 1, 1, 1]]));
  });
});
