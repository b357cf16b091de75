import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/ir/graph/verify.ts';
import { splitSums } from '../../../src/passes/graph/splitSums.ts';
import { sumProducts } from '../../../src/passes/graph/sumProducts.ts';
import { differing } from './numbers.ts';
import { longSums, products } from './sumPrograms.ts';
import { change, readGraph, section } from './texts.ts';

describe.each([
  { pass: splitSums, programs: longSums },
  { pass: sumProducts, programs: products },
])('$pass.name', ({ pass, programs }) => {
  it('makes of sums what its page shows', async () => {
    await expect(Object.entries(programs).map(([name, text]) => section(name, change(pass, readGraph(text)))).join('\n')).toMatchFileSnapshot(`../../golden/passes/${pass.name}.txt`);
  });
  it.each(Object.entries(programs))('keeps the meaning: %s', (_, text) => {
    const before = readGraph(text), after = pass.run(before, () => undefined);
    expect(verify(after)).toEqual([]);
    if (after !== before) expect(differing(before, after, { n: 3 })).toEqual([]);
  });
});

it('tells of each sum that is split', () => {
  const fired: string[] = [];
  splitSums.run(readGraph('(x: f32[64, 16, 32]) { %0 = exp(x) %1 = reduce add(%0) axes [0, 1] %2 = reduce add(x) axes [1, 0] %3 = mul(%1, %2) return %3 }'), (rule) => { fired.push(rule); });
  expect(fired).toEqual(['sum = sum of the sums of blocks', 'sum = sum of the sums of blocks']);
});
