import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { peelGuards } from '../../../src/passes/loop/peelGuards.ts';

/** a loop over a guard that changes at 2, 4 and 6, and as many stores as make up its body */
const partsWith = (statements: number): number => {
  const store = '      store y[i] = select(guard(i - 2 >= 0 && i - 4 >= 0 && i - 6 >= 0), 1.0, 2.0)';
  const text = `program long
buffer y: f32[9] output
kernel long(y: write f32[9]) {
  for i < 9 {
${Array.from({ length: statements }, () => store).join('\n')}
  }
}
steps { run long(y) }`;
  return peelGuards(parsed(parseProgram(text))).kernels.get('long')?.body.length ?? 0;
};

it('a loop is split while its parts have at most 400 statements', () => {
  expect(partsWith(1)).toBe(4);
  expect(partsWith(100)).toBe(4);
  expect(partsWith(101)).toBe(1);
});
