import { expect, it } from 'vitest';
import { compile, convert, fn, logicalAnd, bool, max, mul, orThrow, prod, sum, u32 } from '../../../src/index.ts';

it('sums and products of unsigned integers wrap to what they are before anything else reads them', () => {
  const f = fn([u32([2])], (x) => ({ sum: convert(sum(x), 'f64'), product: convert(prod(x), 'f64'), top: convert(max(mul(x, 3)), 'f64') }));
  const run = orThrow(compile(f)), { sum: s, product, top } = run([2 ** 31, 5]);
  expect([s.item(), product.item(), top.item()]).toEqual([2147483653, 2147483648, 2147483648]);
});
it('truth values are combined as truth values', () => {
  const run = orThrow(compile(fn([bool([4]), bool([4])], (a, b) => logicalAnd(a, b))));
  expect([...run([true, true, false, false], [true, false, true, false]).data]).toEqual([1, 0, 0, 0]);
});
