import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import { share } from '../../../src/passes/loop/share.ts';

const buffers = 'buffer x: f32[4] input\nbuffer n: i32[4] input\nbuffer small: f32[2] input\nbuffer y: f32[4] output\nbuffer z: f32[4] output\nbuffer s: f32[4] output = y\n';
const doubled = (name: string, from: string, to: string, { by = '2.0', dtype = 'f32', size = 4 } = {}): string =>
  `kernel ${name}(${from}: read ${dtype}[${size}], ${to}: write f32[4]) {\n  for i < 2 {\n    let v = ${dtype === 'f32' ? `${from}[i]` : `convert:f32(${from}[i])`}\n    store ${to}[i] = v * ${by}\n  }\n}\n`;
const program = (kernels: readonly string[], runs: readonly string[]): ReturnType<typeof share> =>
  parsed(parseProgram(`program p\n${buffers}${kernels.join('')}steps {\n${runs.map((r) => `  run ${r}\n`).join('')}}\n`));
const shared = (kernels: readonly string[], runs: readonly string[], apart: readonly string[] = []): readonly (string | undefined)[] => {
  const { kernels: after } = share(program(kernels, runs), new Map(apart.map((id) => [id, true])));
  return [...after.values()].map((k) => k.name);
};

it('kernels that differ in the names of their buffers are one', () =>
  expect(shared([doubled('a', 'x', 'y'), doubled('b', 'y', 'z')], ['a(x, y)', 'b(y, z)'])).toEqual(['a', 'a']));
it.each([
  ['a number', doubled('b', 'y', 'z', { by: '3.0' })], ['a dtype', doubled('b', 'n', 'z', { dtype: 'i32' })], ['a size', doubled('b', 'small', 'z', { size: 2 })],
])('those that differ in %s are two', (_, other) => expect(shared([doubled('a', 'x', 'y'), other], ['a(x, y)'])).toEqual(['a', 'b']));
it('functions called like buffers are told apart', () => {
  const applied = (name: string, fn: string): string => `kernel ${name}(${fn}: read f32[4], z: write f32[4]) {\n  for i < 2 {\n    let v = ${fn}(${fn}[i])\n    store z[i] = v\n  }\n}\n`;
  expect(shared([applied('a', 'exp'), applied('b', 'log')], [])).toEqual(['a', 'b']);
});
it('one that is given the same memory twice stays apart: what it stores may change what it reads', () =>
  expect(shared([doubled('a', 'x', 'y'), doubled('b', 'y', 's')], ['a(x, y)', 'b(y, s)'])).toEqual(['a', 'b']));
it('one for which something was chosen stays apart', () =>
  expect(shared([doubled('a', 'x', 'y'), doubled('b', 'y', 'z'), doubled('c', 'y', 'z')], ['a(x, y)', 'b(y, z)'], ['b'])).toEqual(['a', 'b', 'a']));
it('is written as another name, and read back', () => {
  const text = printProgram(share(program([doubled('a', 'x', 'y'), doubled('b', 'y', 'z')], ['a(x, y)', 'b(y, z)'])));
  expect(text).toContain('\nkernel b = a\n');
  const again = parsed(parseProgram(text));
  expect(again.kernels.get('b')).toBe(again.kernels.get('a'));
  expect(printProgram(again)).toBe(text);
});
it('another name of what is not there is a diagnostic', () => {
  const result = parseProgram('program p\nkernel b = a\nsteps {\n}\n');
  expect(result._tag === 'Left' && result.left.map((d) => [d.code, d.message])).toEqual([['FX3003', 'no kernel a is in scope']]);
});
