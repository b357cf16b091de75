import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printKernel } from '../../../src/ir/loop/print.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { passes, type Case } from './kernels.ts';
import { meaning } from './programs.ts';

/** a condition stands on a line of its own: behind a load it would be its guard */
const lines = (body: string): string => body.replaceAll(/ (if (?:guard|gt)\()/g, '\n$1');
/** the program that runs the kernel once: what it reads is given, what it writes comes out */
const textOf = ({ params, body, twice }: Case): string => {
  const all = [...params.matchAll(/(\w+): (\w+) (\w+\[\d+\])/g)].map(([, name, access, type]) => ({ name, access, type }));
  const args = twice?.split(', ') ?? all.map((p) => p.name);
  return [
    'program small (n <= 6)', ...all.filter((p) => args.includes(p.name)).map(({ name, access, type }) => `buffer ${name}: ${type} ${access === 'read' && twice === undefined ? 'input' : 'output'}`),
    `kernel small(${params}) { ${lines(body)} }`, `steps { run small(${args.join(', ')}) }`,
  ].join('\n');
};
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
