import { expect, it } from 'vitest';
import { pages } from './pages.ts';

it.each(Object.entries(pages))('the derivatives of %s are written as on their page', async (file, page) => {
  await expect(page()).toMatchFileSnapshot(`../../../golden/derivatives/${file}.txt`);
});
