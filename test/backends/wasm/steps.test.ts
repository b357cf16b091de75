import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { runTiled } from './run.ts';

const text = (cases: number): string => `program p
buffer which: i32[1] input
buffer y: f32[1] output
${Array.from({ length: cases }, (_, i) => `kernel k${i}(y: write f32[1]) { store y[0] = ${i + 1}.0 }`).join('\n')}
steps { branch on which { ${Array.from({ length: cases }, (_, i) => `case { run k${i}(y) }`).join(' ')} } }`;
const taken = (cases: number, which: number): number | undefined => runTiled(parsed(parseProgram(text(cases))), new Map([['which', Int32Array.of(which)]])).get('y')?.[0];

it.each([1, 2, 3, 4])('of %i cases a branch takes the one of its number, and the last for any other', (cases) => {
  const numbers = [...Array(cases).keys(), cases, 7, -1];
  expect(numbers.map((which) => taken(cases, which))).toEqual(numbers.map((which) => (which >= 0 && which < cases ? which + 1 : cases)));
});
