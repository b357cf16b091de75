import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpers, spellings } from '../../../src/backends/gpujs/spell.ts';
import { computedDtypes as dtypes } from '../../../src/core/dtype.ts';

const folder = '../../golden/gpujs';
/** as it is written for each dtype; what integers, or unsigned ones, are refused for */
const spelled = ([fn, row]: readonly [string, (typeof spellings)[keyof typeof spellings]]): string => {
  if ('refused' in row) return `${fn}: refused: ${row.refused}`;
  const texts = dtypes.map((dtype) => [dtype, row.spell(['x', 'y', 'z'], dtype)] as const);
  const lines = [...new Set(texts.map(([, text]) => text))].map((text) => `  ${text}   (${texts.flatMap(([dtype, own]) => (own === text ? [dtype] : [])).join(', ')})`);
  const refused = Object.entries({ integers: row.integers, unsigned: row.unsigned, signed: row.signed }).flatMap(([of, why]) => (why === undefined ? [] : [`  ${of} refused: ${why.refused}`]));
  return [`${fn}:`, ...lines, ...refused].join('\n');
};
/** one statement a line */
const unfolded = (source: string): string => source.replaceAll(/([;{]) /g, '$1\n  ');

describe('the text of', () => {
  it('every scalar function', async () => {
    // SAFETY: the keys of the table are the names
    const rows = Object.entries(spellings) as readonly (readonly [string, (typeof spellings)[keyof typeof spellings]])[];
    await expect(`${rows.map(spelled).join('\n')}\n`).toMatchFileSnapshot(`${folder}/spellings.txt`);
  });
  it('every function that kernels call', async () => {
    await expect(`${Object.values(helpers).map(({ source }) => unfolded(source)).join('\n\n')}\n`).toMatchFileSnapshot(`${folder}/helpers.txt`);
  });
  it('is all that the folder holds', () => {
    expect(readdirSync(new URL(folder, import.meta.url)).sort()).toEqual(['helpers.txt', 'spellings.txt']);
  });
});
