import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codes, codesIn, root } from './codes.ts';

const page = readFileSync(`${root}docs/errors.md`, 'utf8');
const rows = [...page.matchAll(/^\| (FX\d{4}) \| (.+) \| (.+) \| (.+) \|$/gm)].map(([, code, ...cells]) => ({ code, cells }));
const rendered = readFileSync(new URL('rendered.txt', import.meta.url), 'utf8');
/** what is said of a code, without what stands in italics in the page */
const wordsOf = (sentence: string): readonly string[] => sentence.replaceAll(/\*(?:\\\*|[^*])+\*/g, '|').split('|').map((part) => part.replace(/…$/, '').trim()).filter((part) => part.length > 2);

describe('docs/errors.md', () => {
  it('has a row for every code of the library, and none for others', () => {
    expect(rows.map((r) => r.code)).toEqual(codes);
    expect(codesIn(page)).toEqual(codes);
  });
  it('says what is said', () => {
    const others = rows.flatMap(({ code, cells: [sentence] }) => {
      const said = new RegExp(`^# ${code}\n([^]*?)(?:\n# |$(?![^]))`, 'm').exec(rendered)?.[1] ?? '';
      return wordsOf(sentence).filter((words) => !said.includes(words)).map((words) => `${code}: ${words}`);
    });
    expect(others).toEqual([]);
  });
});
