import { expect, it } from 'vitest';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { share } from '../../../src/passes/loop/share.ts';
import { splitFolds } from '../../../src/passes/loop/splitFolds.ts';
import { meaning } from './programs.ts';

/** whose rows are doubled, and added up */
const added = (name: string): string => `kernel ${name}(a: read f32[12], b: write f32[12], c: write f32[1]) {
  alloc register s: f32[1]
  store s[0] = 0.0
  for i < 12 {
    store b[i] = a[i] * 2.0
    fold add into s[0] with a[i]
  }
  store c[0] = s[0]
}
`;
const program = (kernels: readonly string[], steps: string, more = ''): Program => parsed(parseProgram(
  `program p\nbuffer x: f32[12] input\nbuffer y: f32[12] output\nbuffer z: f32[12] output\nbuffer t: f32[1] output\nbuffer u: f32[1] output\n${more}${kernels.join('')}steps {\n${steps}\n}\n`));
const target = { ...wasmTarget, blocks: { work: 4, rows: 4 } };
const stepsOf = (p: Program): string => { const text = printProgram(p); return text.slice(text.indexOf('steps {')); };

it('equal kernels stay one: each run hands on numbers of its own', () => {
  const before = share(program([added('first'), added('second')], '  run first(x, y, t)\n  run second(y, z, u)')), after = splitFolds(before, target);
  expect(verifyProgram(after, 'scheduled')).toEqual([]);
  expect(after.kernels.get('second')).toBe(after.kernels.get('first'));
  expect(after.kernels.get('second_rest')).toBe(after.kernels.get('first_rest'));
  expect(stepsOf(after)).toBe('steps {\n  run first(x, y, first_s_part)\n  run first_rest(t, first_s_part)\n  run second(y, z, second_s_part)\n  run second_rest(u, second_s_part)\n}\n');
  expect(meaning(after, { text: '', sizes: {} }, 'f64')).toEqual(meaning(before, { text: '', sizes: {} }, 'f64'));
});
it('names of buffers that there are already are not taken', () => {
  const after = splitFolds(program([added('k')], '  run k(x, y, t)', 'buffer k_s_part: f32[2] temporary\n'), target);
  expect(stepsOf(after)).toContain('run k(x, y, k_s_part_)');
  const flat = { dtype: 'f32', role: 'temporary', layout: { order: [0], strides: [1], offset: 0, size: 2 } };
  expect(new Map([...after.buffers].filter(([, b]) => b.role === 'temporary'))).toEqual(new Map([['k_s_part', flat], ['k_s_part_', flat]]));
});
it.each<readonly [string, Program, ReadonlyMap<string, unknown>]>([
  ['in a loop of kernels', program([added('k')], '  loop n < 3 {\n    run k(x, y, t)\n  }'), new Map()],
  ['that is run in a loop too', program([added('k')], '  run k(x, y, t)\n  loop n < 3 {\n    run k(x, z, u)\n  }'), new Map()],
  ['for which something was chosen', program([added('k')], '  run k(x, y, t)'), new Map([['k', true]])],
])('one stays whole %s', (_, before, apart) => expect(splitFolds(before, target, apart)).toEqual(before));
it('on a target without blocks all stay whole', () => {
  const before = program([added('k')], '  run k(x, y, t)'), { blocks: _, ...flat } = target;
  expect(splitFolds(before, flat)).toBe(before);
});
it.each([[64, 255, undefined], [64, 256, 2], [2, 8192, 2], [255, 100, 2], [256, 100, 4], [1000, 1000, 4]] as const)('%i rows of %i steps: %s blocks', (rows, steps, blocks) => {
  const kernel = `kernel k(a: read f32[12], c: write f32[1]) {\n  alloc register s: f32[1]\n  store s[0] = 0.0\n  for i < ${rows} {\n    for j < ${steps} {\n      fold add into s[0] with a[0]\n    }\n  }\n  store c[0] = s[0]\n}\n`;
  expect(splitFolds(program([kernel], '  run k(x, t)'), wasmTarget).buffers.get('k_s_part')?.layout.size).toBe(blocks);
});
