import { expect, it } from 'vitest';
import { add, f32, fn, reverse, slice, softmax, sub } from '../../../src/index.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

const x = f32([5, 7]);
it.each([
  ['in the order from the last', fn([x], (a) => add(softmax(a), reverse(a, [1])))],
  ['in its first column', fn([x], (a) => sub(softmax(a), slice(a, 1, 0, 1)))],
])('a row that stays in scratch is read from memory at other places: %s', (_, f) => {
  const [{ nest }, ...others] = staged(moduleOf(f)).plan.groups;
  expect([others.length, nest.kind === 'rows' && nest.held.length > 0]).toEqual([0, true]);
  expectMeaning(moduleOf(f), 1 << 16);
});
