import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

const x = Float32Array.from({ length: 12 }, (_, i) => i + 1);
/** twelve numbers in three vectors, under a guard: elsewhere 0.5 */
const guarded = (guard: string): readonly number[] => Array.from(runTiled(parsed(parseProgram(textOf({
  params: 'x: read f32[12], y: write f32[12]', body: `for j < 3 { for i < 4 vector { store y[4*j + i] = (x[4*j + i] if ${guard} else 0.5) } }`,
}))), new Map([['x', x]])).get('y') ?? []);

it.each<readonly [string, string, (i: number) => boolean]>([
  ['begins inside a vector', '4*j + i - 6 >= 0', (i) => i >= 6],
  ['ends inside one', '5 - 4*j - i >= 0', (i) => i <= 5],
  ['is the same in all lanes', '1 - j >= 0', (i) => i < 8],
  ['is for one lane', '4*j + i - 6 == 0', (i) => i === 6],
  ['is for one vector', 'j - 1 == 0', (i) => i >= 4 && i < 8],
  ['is at both ends of a vector, not between them', '0 - mod(4*j + i, 3) >= 0', (i) => i % 3 === 0],
  ['is at both ends, as an equality', 'mod(4*j + i, 3) == 0', (i) => i % 3 === 0],
])('what is read where a guard %s', (_, guard, holds) => expect(guarded(guard)).toEqual(Array.from(x, (value, i) => (holds(i) ? value : 0.5))));
