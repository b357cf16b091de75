import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

const x = Float32Array.from({ length: 8 }, (_, i) => i + 1);
/** what a kernel with eight numbers in the register `t` stores */
const stored = (body: string): readonly number[] => Array.from(runTiled(parsed(parseProgram(textOf({
  params: 'x: read f32[8], y: write f32[8]', body: `alloc register t: f32[8] for i < 8 vector { store t[i] = x[i] } ${body}`,
}))), new Map([['x', x]])).get('y') ?? []);

it.each<readonly [string, string, readonly number[]]>([
  ['their own', 'for i < 8 vector { store y[i] = t[i] }', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['the first, all of them', 'for i < 8 vector { store y[i] = t[0] }', [1, 1, 1, 1, 1, 1, 1, 1]],
  ['one in the middle, all of them', 'for i < 8 vector { store y[i] = t[4] + t[6] }', [12, 12, 12, 12, 12, 12, 12, 12]],
  ['the next vector', 'for i < 4 vector { store y[i] = t[i + 4] store y[i + 4] = t[i] }', [5, 6, 7, 8, 1, 2, 3, 4]],
  ['from between two vectors', 'for i < 4 vector { store y[i] = t[i + 2] store y[i + 4] = t[i + 3] }', [3, 4, 5, 6, 4, 5, 6, 7]],
  ['one by one', 'for i < 8 unroll { store y[i] = t[7 - i] }', [8, 7, 6, 5, 4, 3, 2, 1]],
])('lanes read of a register %s', (_, body, wanted) => expect(stored(body)).toEqual(wanted));
