import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/index.ts';
import { f32, fn, grad, matmul, mean, orThrow, relu, square, sub } from '../../src/index.ts';
import { math, trace } from '../../src/inspect/index.ts';

const page = fileURLToPath(new URL('../../ARCHITECTURE.md', import.meta.url));
const slope = fn([f32([3, 2]), f32(['n', 3]), f32(['n', 2])],
  (w, x, t) => grad((v: typeof w) => mean(square(sub(relu(matmul(x, v)), t))))(w), { name: 'slope', args: ['w', 'x', 't'] });

/** the steps that the page shows, with what it says of them */
const shown: readonly (readonly [step: string, words: string])[] = [
  ['lower', 'Lowered, the gradient is one operation that holds the loss as a graph:'],
  ['expandTransforms', 'Its rules applied to the loss, innermost first:'],
  ['simplify', 'After the laws, views moved to where they are free:'],
  ['plan', 'The plan: which values share a kernel, and why:'],
  ['realise', 'Its loops, one nest a kernel, nothing tiled yet:'],
];
const followed = (): string => {
  const { steps } = orThrow(trace(slope, { dims: { n: { max: 4 } }, backend: js() }));
  const textOf = (name: string): string => steps.filter((s) => s.name === name).at(-1)?.text.trimEnd() ?? 'absent';
  const source = steps.find((s) => s.kind === 'source')?.text.trimEnd() ?? 'absent';
  const folded = (words: string, text: string): string => `<details><summary>${words}</summary>\n\n${text.slice(text.indexOf('```'))}\n\n</details>`;
  const block = (words: string, text: string, language = ''): string => `${words}\n\n\`\`\`${language}\n${text}\n\`\`\``;
  return [block('As maths (`fluxion math`):', orThrow(math(slope))), ...shown.map(([step, words]) => block(words, textOf(step))),
    folded('Tiled two by two with the sums in registers, guards peeled, indices hoisted, memory planned', block('', textOf('planMemory'))),
    folded('And the text that the js backend writes', block('', source, 'js'))].join('\n\n');
};

describe('ARCHITECTURE.md', () => {
  it('follows one expression as the compiler really takes it', () => {
    const before = readFileSync(page, 'utf8'), text = followed();
    const after = before.replace(/<!-- followed -->[\s\S]*<!-- \/followed -->/, () => `<!-- followed -->\n${text}\n<!-- /followed -->`);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, after);
    expect(after).toContain(text);
    expect(text).not.toContain('absent');
    expect(readFileSync(page, 'utf8')).toBe(after);
  });
  it('names files that are there', () => {
    const words = readFileSync(page, 'utf8').split('<!-- followed -->')[0] + readFileSync(page, 'utf8').split('<!-- /followed -->')[1];
    const root = fileURLToPath(new URL('../../', import.meta.url));
    for (const [, path] of words.matchAll(/`((?:src|test|docs)\/[\w./-]+)`/g)) expect(() => readFileSync(root + path, 'utf8'), path).not.toThrow(/ENOENT/);
  });
});
