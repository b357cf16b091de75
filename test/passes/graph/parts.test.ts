import { describe, expect, it } from 'vitest';
import type { Pass } from '../../../src/passes/pass.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { exchange } from '../../../src/passes/graph/exchange.ts';
import { expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { gatherOverlaps } from '../../../src/passes/graph/gatherOverlaps.ts';
import { rewrite } from '../../../src/passes/graph/rewrite.ts';
import { trim } from '../../../src/passes/graph/trim.ts';
import { windowRules } from '../../../src/passes/graph/windows.ts';
import { change, readProgram, resultsOf, section, wholeNumbers, type Programs } from './texts.ts';
import { exchanges } from './exchangePrograms.ts';
import { halves } from './halfPrograms.ts';
import { paddings, reads } from './trimPrograms.ts';
import { overlaps, spreads, sums, windows } from './windowPrograms.ts';

const pages: { readonly [file: string]: readonly [Pass, Programs] } = {
  reads: [trim, reads], paddings: [trim, paddings],
  windows: [rewrite('windows', windowRules), windows], overlaps: [gatherOverlaps, overlaps], spreads: [gatherOverlaps, spreads], sums: [gatherOverlaps, sums],
  exchanges: [exchange, exchanges], halves: [expandTransforms, halves],
};

/** without a change of how numbers are kept, which no whole number sees */
const called = (text: string): string => text.replaceAll(/transform store (\w+\(.*?\)) as \w+/g, 'call $1');

describe.each(Object.entries(pages))('the page of %s', (file, [pass, programs]) => {
  it('is as it was read', async () => {
    await expect(Object.entries(programs).map(([name, text]) => section(name, change(pass, readProgram(text), true))).join('\n')).toMatchFileSnapshot(`../../golden/parts/${file}.txt`);
  });
  it('computes the same numbers', () => {
    for (const [name, text] of Object.entries(programs)) {
      const module = readProgram(called(text)), after = runPasses(readProgram(text), [pass]);
      for (const n of [9, 5]) {
        const args = wholeNumbers(module, { n });
        expect([name, resultsOf(after, args, { n })]).toEqual([name, resultsOf(module, args, { n })]);
      }
    }
  });
});
