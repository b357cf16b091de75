import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractions, inputsOf, loops, meaning, programOf, type Case } from '../../passes/loop/programs.ts';
import { ready, runText, textOf } from './run.ts';

const agrees = (c: Case): void => {
  const program = ready(programOf(c));
  expect(runText(program, inputsOf(program), c.sizes)).toEqual(meaning(program, c, 'native'));
};
describe('the text computes what the interpreter says', () => {
  it('of contractions', () => fc.assert(fc.property(contractions, agrees), { numRuns: 150 }));
  it('of loops', () => fc.assert(fc.property(loops, agrees), { numRuns: 100 }));
});

it('the same program gives the same text', () => fc.assert(fc.property(contractions, (c) => {
  expect(textOf(ready(programOf(c)))).toBe(textOf(ready(programOf(c))));
}), { numRuns: 20 }));
