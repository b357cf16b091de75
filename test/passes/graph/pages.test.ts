import { expect, it } from 'vitest';
import { reassociateDots } from '../../../src/passes/graph/reassociateDots.ts';
import { longChain } from './passPrograms.ts';
import { pages } from './pages.ts';
import { readGraph, showModule } from './texts.ts';

it.each(Object.entries(pages))('what rules make of %s is written as on its page', async (file, page) => {
  await expect(page()).toMatchFileSnapshot(`../../golden/rules/${file}.txt`);
});
it('takes a chain longer than a piece in pieces', async () => {
  await expect(showModule(reassociateDots.run(readGraph(longChain), () => undefined))).toMatchFileSnapshot('../../golden/rules/longChain.txt');
});
