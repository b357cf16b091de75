import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
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

/** whether rows of blocks are written twice, with and without a border, where so many stores stand beside the windows */
const isTwice = (stores: number): boolean => {
  const text = `program rows
buffer x: f32[12] input
buffer y: f32[12] output
buffer z: f32[12] output
kernel rows(x: read f32[12], y: write f32[12], z: write f32[12]) {
  for b < 2 {
    for i < 2 {
${Array.from({ length: stores }, () => '      store z[6*b + 3*i] = 1.0').join('\n')}
      for j < 3 {
        alloc register s: f32[1]
        store s[0] = 0.0
        for k < 3 { fold add into s[0] with x[6*b + 3*i + j + 3*k - 3] if 2*b + i + k - 1 >= 0 && 4 - 2*b - i - k >= 0 else 0.0 }
        store y[6*b + 3*i + j] = s[0]
      }
    }
  }
}
steps { run rows(x, y, z) }`;
  return printProgram(peelGuards(parsed(parseProgram(text)))).includes('if guard');
};

it('rows of blocks are written twice while both have at most 400 statements', () => {
  expect([1, 188, 210].map(isTwice)).toEqual([true, true, false]);
});
