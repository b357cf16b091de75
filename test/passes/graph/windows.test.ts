import { expect, it } from 'vitest';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { nodesOf } from '../../../src/ir/graph/walk.ts';
import { rewrite } from '../../../src/passes/graph/rewrite.ts';
import { windowRules } from '../../../src/passes/graph/windows.ts';
import { runPasses } from '../../../src/passes/run.ts';

/** the operations of a program after the rules, but for its parameters */
const ruled = (program: (b: Builder, p: (shape: readonly number[]) => Node) => Node): readonly string[] => {
  const b = createBuilder(), params: Node<'parameter'>[] = [];
  const result = program(b, (shape) => { const x = b.parameter('main', params.length, `x${params.length}`, { dtype: 'f32', shape }); params.push(x); return x; });
  b.addGraph({ name: 'main', params, results: [result] });
  return [...runPasses(b.finish('main'), [rewrite('windows', windowRules)], { verify: true }).graphs.values()].flatMap(nodesOf).map((n) => n.op).filter((op) => op !== 'parameter');
};

it('windows that lie apart or over each other stay windows', () => {
  const window = (size: number, stride: number, dilation: number): readonly string[] => ruled((b, p) => b.window(p([8]), { axis: 0, size, stride, dilation }));
  expect([window(2, 2, 1), window(2, 1, 1), window(2, 3, 1), window(2, 2, 2), window(1, 3, 2)]).toEqual([['reshape'], ['window'], ['window'], ['window'], ['slice', 'reshape']]);
  const overlap = (stride: number, dilation: number, length: number): readonly string[] => ruled((b, p) => b.overlapAdd(p([3, 2]), { axis: 0, length, stride, dilation }));
  expect([overlap(2, 1, 6), overlap(2, 1, 7), overlap(1, 1, 4), overlap(3, 1, 8), overlap(2, 2, 7)]).toEqual([['reshape'], ['reshape', 'constant', 'pad'], ['overlapAdd'], ['overlapAdd'], ['overlapAdd']]);
});
it('padding moves into windows only where it is not along them', () => {
  const pad = (low: readonly number[]): readonly string[] => ruled((b, p) => b.pad(b.window(p([5, 3]), { axis: 0, size: 2, stride: 1, dilation: 1 }), b.constant({ dtype: 'f32', shape: [] }, 0), low, [0, 0, 0])).filter((op) => op !== 'constant');
  expect([pad([0, 0, 1]), pad([1, 0, 0]), pad([0, 1, 0])]).toEqual([['pad', 'window'], ['window', 'pad'], ['window', 'pad']]);
  const twice = (first: readonly number[], second: readonly number[], alike: boolean): readonly string[] => ruled((b, p) => {
    const value = p([]), other = alike ? value : p([]);
    return b.pad(b.pad(p([2, 3]), value, first, [0, 0]), other, second, [0, 0]);
  });
  expect([twice([1, 0], [0, 1], true), twice([1, 0], [0, 1], false), twice([1, 0], [1, 1], true)]).toEqual([['pad'], ['pad', 'pad'], ['pad', 'pad']]);
});
