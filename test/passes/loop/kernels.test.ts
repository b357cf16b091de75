import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printKernel } from '../../../src/ir/loop/print.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { passes, textOf } from './kernels.ts';
import { meaning } from './programs.ts';

const showKernel = (p: Program): string => [...p.kernels.values()].map(printKernel).join('\n');

describe.each(Object.entries(passes))('%s', (pass, { run, from, gives, cases }) => {
  const done = Object.entries(cases).map(([title, c]) => {
    const text = textOf(c), before = parsed(parseProgram(text));
    return { title, c: { text, sizes: { n: c.n ?? 6 } }, isRun: c.twice === undefined, before, after: run(before) };
  });
  it('makes of kernels what its page shows', async () => {
    const page = done.map(({ title, before, after }) => {
      const [was, is] = [before, after].map(showKernel);
      return `──── ${title}\n${was}\n${is === was ? 'stays as it is' : `becomes\n${is}`}\n`;
    });
    await expect(page.join('\n')).toMatchFileSnapshot(`pages/${pass}.txt`);
  });
  it.each(done)('keeps the meaning: $title', ({ c, isRun, before, after }) => {
    expect(verifyProgram(before, from)).toEqual([]);
    expect(verifyProgram(after, gives)).toEqual([]);
    if (isRun) expect(meaning(after, c, 'f64')).toEqual(meaning(before, c, 'f64'));
  });
});
