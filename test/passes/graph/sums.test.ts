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
