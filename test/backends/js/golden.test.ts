import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { foldText } from '../../../src/backends/js/folds.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { spellings } from '../../../src/backends/js/spell.ts';
import { computedDtypes as dtypes } from '../../../src/core/dtype.ts';
import { monoidRow, monoids, type MonoidName } from '../../../src/ir/monoids.ts';
import { stagesOf } from '../../passes/plan/golden.ts';
import { programs as all } from '../../passes/plan/programs.ts';
import { loops } from './loops.ts';
import { textOf } from './run.ts';

const folder = '../../golden/js';
/** rows, contractions, places that data name, windows, views, a bounded dimension, integers: each way to write a kernel once */
const programs = Object.fromEntries(['softmax', 'crossEntropy', 'dense', 'embeddingGradient', 'windowSums', 'viewsOfViews', 'boundedBatch', 'integers'].map((name) => [name, all[name]]));
const state = ['s0', 's1', 's2'], values = ['v0', 'v1', 'v2'];
/** one element merged, and another state, in every dtype; dtypes that are written alike share their lines */
const foldsOf = (monoid: MonoidName): string => {
  const { state: size, takes, gives } = monoidRow(monoid), of = takes === 'bool' ? ['bool'] as const : dtypes.filter((d) => d !== 'bool');
  const written = (dtype: (typeof dtypes)[number], n: number, lifted: boolean): string => foldText(monoid, state.slice(0, size), values.slice(0, n), dtype, lifted).join('\n    ');
  const pages = of.map((dtype) => [dtype, `  element:\n    ${written(dtype, gives === 'i32' ? 2 : 1, true)}\n  state:\n    ${written(dtype, size, false)}`] as const);
  return [...new Set(pages.map(([, page]) => page))].map((page) => `${monoid} of ${pages.flatMap(([dtype, own]) => (own === page ? [dtype] : [])).join(', ')}\n${page}\n`).join('');
};

describe('the text of', () => {
  it('every scalar function, in every dtype', async () => {
    const lines = Object.entries(spellings).map(([fn, spell]) => `${fn.padEnd(18)} ${dtypes.map((dtype) => `${dtype} ${spell(['x', 'y', 'z'], dtype)}`).join('   ')}`);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${folder}/spellings.txt`);
  });
  it('every fold', async () => {
    // SAFETY: the keys of the table are the names
    await expect((Object.keys(monoids) as readonly MonoidName[]).map(foldsOf).join('\n')).toMatchFileSnapshot(`${folder}/folds.txt`);
  });
  it.each(Object.entries(programs))('%s', async (name, program) => { await expect(textOf(stagesOf(program, jsTarget).program)).toMatchFileSnapshot(`${folder}/${name}.js`); });
  it.each(Object.entries(loops))('the loops %s', async (name, program) => { await expect(textOf(program())).toMatchFileSnapshot(`${folder}/${name}.js`); });
  it('is all that the folder holds', () => {
    expect(readdirSync(new URL(folder, import.meta.url)).sort()).toEqual(['spellings.txt', 'folds.txt', ...Object.keys({ ...programs, ...loops }).map((n) => `${n}.js`)].sort());
  });
});
