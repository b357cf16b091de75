import { expect, it } from 'vitest';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { trim } from '../../../src/passes/graph/trim.ts';

type Program = (b: Builder, p: (shape: readonly number[]) => Node) => Node;
/** what the pass makes of a program, a line for each value */
const trimmed = (program: Program): readonly string[] => {
  const b = createBuilder(), params: Node<'parameter'>[] = [];
  const result = program(b, (shape) => { const x = b.parameter('main', params.length, `x${params.length}`, { dtype: 'f32', shape }); params.push(x); return x; });
  b.addGraph({ name: 'main', params, results: [result] });
  return printModule(runPasses(b.finish('main'), [trim], { verify: true })).split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
};
const square = { batch: [[], []], contract: [[1], [0]] } as const;
const zero = (b: Builder): Node => b.constant({ dtype: 'f32', shape: [] }, 0);

it('a product of which rows are cut has those rows alone', () => {
  expect(trimmed((b, p) => b.map('neg', [b.slice(b.map('exp', [b.dotGeneral(p([9, 3]), p([3, 4]), square)]), [1, 0], [7, 4])]))).toEqual([
    '%0: f32[6, 3] = slice(x0) [1..7, 0..3]', '%1: f32[6, 4] = dotGeneral(%0, x1) contract [1] [0]', '%2: f32[6, 4] = exp(%1)', '%3: f32[6, 4] = neg(%2)', 'return %3',
  ]);
});
it('what is read as a whole elsewhere is computed once', () => {
  expect(trimmed((b, p) => {
    const y = b.map('exp', [p([9, 4])]);
    return b.map('add', [y, b.pad(b.slice(y, [1, 0], [9, 4]), zero(b), [0, 0], [1, 0])]);
  }).filter((line) => line.includes('exp'))).toEqual(['%0: f32[9, 4] = exp(x0)']);
});
it('sums and products leave out the zeros of a padding, of both factors', () => {
  expect(trimmed((b, p) => b.dotGeneral(p([5, 9]), b.map('tanh', [b.pad(p([6, 4]), zero(b), [2, 0], [1, 0])]), square))).toEqual([
    '%0: f32[5, 6] = slice(x0) [0..5, 2..8]', '%1: f32[6, 4] = tanh(x1)', '%2: f32[5, 4] = dotGeneral(%0, %1) contract [1] [0]', 'return %2',
  ]);
  expect(trimmed((b, p) => b.map('neg', [b.reduce('add', b.map('tanh', [b.pad(p([6, 4]), zero(b), [2, 0], [1, 0])]), [0])]))).toEqual([
    '%0: f32[6, 4] = tanh(x0)', '%1: f32[4] = reduce add(%0) axes [0]', '%2: f32[4] = neg(%1)', 'return %2',
  ]);
});
it('zeros that windows read stay, and windows that read zeros alone go', () => {
  expect(trimmed((b, p) => b.reduce('add', b.map('tanh', [b.dotGeneral(b.window(b.pad(p([4, 3]), zero(b), [2, 0], [5, 0]), { axis: 0, size: 3, stride: 1, dilation: 1 }), p([3, 3, 8]), { batch: [[], []], contract: [[1, 2], [0, 1]] })]), [0]))
    .filter((line) => /pad|window|dot/.test(line))).toEqual([
    '%0: f32[8, 3] = pad(x0, 0) low [2, 0] high [2, 0]', '%1: f32[6, 3, 3] = window(%0) axis 0 size 3', '%2: f32[6, 8] = dotGeneral(%1, x1) contract [1, 2] [0, 1]',
  ]);
});
it('through a reshape, parts of whole rows', () => {
  expect(trimmed((b, p) => b.map('neg', [b.slice(b.reshape(b.map('exp', [p([12, 4])]), [6, 2, 4]), [1, 0, 0], [4, 2, 4])])).slice(0, 2)).toEqual(['%0: f32[6, 4] = slice(x0) [2..8, 0..4]', '%1: f32[6, 4] = exp(%0)']);
});
it('a padding that takes away is read as a part, too', () => {
  expect(trimmed((b, p) => b.map('neg', [b.pad(b.dotGeneral(p([9, 3]), p([3, 4]), square), zero(b), [-1, 0], [-2, 0])])).slice(0, 3)).toEqual([
    '%0: f32[6, 3] = slice(x0) [1..7, 0..3]', '%1: f32[6, 4] = dotGeneral(%0, x1) contract [1] [0]', '%2: f32[6, 4] = neg(%1)',
  ]);
});
it('a choice between a padded value and zero is zero where the padding is', () => {
  const choice = (other: number) => trimmed((b, p) => {
    const x = p([6, 4]), padded = b.map('tanh', [b.pad(x, zero(b), [2, 0], [1, 0])]), truth = b.map('lt', [p([9, 4]), b.constant({ dtype: 'f32', shape: [9, 4] }, 0)]);
    return b.reduce('add', b.map('select', [truth, padded, b.constant({ dtype: 'f32', shape: [9, 4] }, other)]), [0]);
  }).filter((line) => /select|tanh/.test(line)).map((line) => line.replace(/^%\d+: (.*) = .*/, '$1'));
  expect([choice(0), choice(1)]).toEqual([['f32[6, 4]', 'f32[6, 4]'], ['f32[6, 4]', 'f32[9, 4]']]);
});
