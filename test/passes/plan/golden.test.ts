import { describe, expect, it } from 'vitest';
import { differencesOf, pageOf } from './golden.ts';
import { programs } from './programs.ts';

describe.each(Object.entries(programs))('%s', (name, program) => {
  it('is planned and written as on its page', async () => { await expect(pageOf(program)).toMatchFileSnapshot(`../../golden/plans/${name}.txt`); });
  it('computes what the graph means, at every stage', () => expect(differencesOf(program)).toEqual([]));
});
