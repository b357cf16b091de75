import { expect, it } from 'vitest';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { showIndex } from '../../../src/core/affine.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { schedule } from '../../../src/passes/loop/schedule.ts';
import { textOf } from './kernels.ts';

/** the statements of a kernel after the pass: how each is divided */
const divisionsOf = (params: string, body: string): readonly string[] => {
  const program = schedule(parsed(parseProgram(textOf({ params, body }))), wasmTarget);
  return [...program.kernels.values()].flatMap((kernel) => kernel.body).map((s) => (s.kind === 'for' && s.mode.at === 'grid' ? `${s.axis} < ${showIndex(s.extent)}` : 'not'));
};

interface Sizes { readonly h: number; readonly i: number; readonly n: number; readonly k: number }
/** the axis along which a product of h × i rows and n columns is divided, and into how many blocks */
const divisionOf = ({ h, i, n, k }: Sizes): string => {
  const body = `contract m(h < ${h}, i < ${i}) n(j < ${n}) k(p < ${k}) c = a[${i * k}*h + ${k}*i + p] * b[${n}*p + j] { store y[${i * n}*h + ${n}*i + j] = c }`;
  return divisionsOf(`a: read f32[${h * i * k}], b: read f32[${n * k}], y: write f32[${h * i * n}]`, body).join();
};

it.each<readonly [string, Sizes, string]>([
  ['many rows of rows go in eight', { h: 64, i: 10, n: 32, k: 144 }, 'h_block < 8'],
  ['seven of a small image do not come out even, but its columns do', { h: 7, i: 7, n: 512, k: 512 }, 'j_block < 8'],
  ['nor do three of a filter: its 32 columns go in tiles', { h: 3, i: 48, n: 32, k: 6400 }, 'j_block < 4'],
  ['of sixteen columns there are two tiles alone', { h: 3, i: 48, n: 16, k: 6400 }, 'h_block < 3'],
  ['four are as even as columns', { h: 4, i: 48, n: 32, k: 6400 }, 'h_block < 4'],
  ['little is not divided', { h: 3, i: 4, n: 32, k: 8 }, 'not'],
])('%s', (_, sizes, division) => expect(divisionOf(sizes)).toBe(division));

it('of a plain matrix the rows are divided where there are enough, however even the columns would come out', () => {
  const body = 'contract m(i < 72) n(j < 512) k(p < 512) c = a[512*i + p] * b[512*p + j] { store y[512*i + j] = c }';
  expect(divisionsOf('a: read f32[36864], b: read f32[262144], y: write f32[36864]', body)).toEqual(['i_block < 2']);
});

it.each([[16_383, 'not'], [16_384, 'i_block < 2'], [524_287, 'i_block < 2'], [524_288, 'i_block < 8']] as const)('a loop of %i steps: %s', (steps, division) => {
  expect(divisionsOf(`x: read f32[${steps}], y: write f32[${steps}]`, `for i < ${steps} { store y[i] = x[i] }`)).toEqual([division]);
});
