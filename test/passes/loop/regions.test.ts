import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { accessesOf, apart, distinct, regionOf, type Access } from '../../../src/passes/loop/regions.ts';
import { textOf } from './kernels.ts';

/** what a kernel touches of `y`, 64 numbers; `n` is at most 6 */
const accessesIn = (body: string): readonly Access[] => {
  const program = parsed(parseProgram(textOf({ params: 's: read i32[4], y: update f32[64]', body })));
  return [...program.kernels.values()].flatMap((kernel) => accessesOf(kernel.body, { syms: program.syms, axes: new Map() })).filter((a) => a.buffer === 'y');
};
const stored = (loops: string, index: string): readonly Access[] => accessesIn(loops.split(', ').reduceRight((body, loop) => `for ${loop} { ${body} }`, `store y[${index}] = 1.0`));
const region = (loops: string, index: string, axis: string): unknown => stored(loops, index).map((a) => regionOf(a, axis))[0];

describe('what an iteration touches', () => {
  it.each<readonly [string, string, string, unknown]>([
    ['begins at its own multiple', 'i < 3, j < 4', '4*i + j', { stride: 4, lo: 0, hi: 3 }],
    ['begins later', 'i < 3, j < 4', '4*i + j + 2', { stride: 4, lo: 2, hi: 5 }],
    ['may go down', 'i < 3, j < 4', '11 - 4*i - j', { stride: -4, lo: 8, hi: 11 }],
    ['ends where a size does', 'i < 3, j < %n', '6*i + j', { stride: 6, lo: 0, hi: 5 }],
    ['is nowhere fixed where the axis does not move it', 'i < 3, j < 4', 'j', undefined],
    ['nor where it is divided', 'i < 3, j < 4', 'floorDiv(i, 2) + j', undefined],
    ['nor where it moves unevenly', 'i < 3, j < 4', '4*i + floorDiv(i, 2) + j', undefined],
  ])('%s', (_, loops, index, wanted) => expect(region(loops, index, 'i')).toEqual(wanted));
  it('is nowhere fixed where nothing bounds it', () => {
    const [access] = stored('i < 3', 'i'), free = { kind: 'data', local: 'k', lo: -Infinity, hi: 7 } as const;
    expect(regionOf({ ...access, index: { ...access.index, terms: [...access.index.terms, { by: 1, of: free }] } }, 'i')).toBeUndefined();
  });
  it('is known under the extents of the loops: what is left to do ends where the whole does', () => {
    const [access] = accessesIn('for i < 3 { for j < %n - 2*i { store y[2*i + j] = 1.0 } }');
    expect(regionOf(access, 'i')).toEqual({ stride: 2, lo: 0, hi: 5 });
  });
});

describe('regions are apart', () => {
  const four = { stride: 4, lo: 0, hi: 3 };
  it.each<readonly [string, Parameters<typeof apart>[0], boolean]>([
    ['if they fill the stride', [four], true],
    ['not if they reach beyond it', [{ ...four, hi: 4 }], false],
    ['if they fill it together', [{ ...four, hi: 1 }, { ...four, lo: 2 }], true],
    ['not if they reach beyond it together', [{ ...four, hi: 1 }, { ...four, lo: 2, hi: 4 }], false],
    ['not with different strides', [four, { ...four, stride: 5 }], false],
    ['going down', [{ ...four, stride: -4 }], true],
    ['not if one is unknown', [four, undefined], false],
  ])('%s', (_, regions, wanted) => expect(apart(regions)).toBe(wanted));
});

describe('each element is one iteration’s', () => {
  it.each<readonly [string, string, string, boolean]>([
    ['in rows next to each other', 'i < 3, j < 4', '4*i + j', true],
    ['in rows with gaps', 'i < 3, j < 4', '5*i + j', true],
    ['not in rows that overlap', 'i < 3, j < 4', '3*i + j', false],
    ['in columns', 'i < 3, j < 4', 'i + 3*j', true],
    ['in rows from the last to the first', 'i < 3, j < 4', '11 - 4*i - j', true],
    ['not where it does not move', 'i < 3, j < 4', 'i', false],
    ['in three axes', 'i < 2, k < 3, j < 4', '12*i + j + 4*k', true],
    ['not where two together reach the third', 'i < 2, k < 3, j < 4', '11*i + j + 4*k', false],
    ['not where it is divided', 'i < 3, j < 4', '4*i + floorDiv(j, 2)', false],
  ])('%s', (_, loops, index, wanted) => expect(distinct(stored(loops, index), 'j')).toBe(wanted));
  it('not where another place is touched too', () => {
    const both = accessesIn('for i < 3 { for j < 4 { store y[4*i + j] = 1.0 store y[4*i + j + 1] = 2.0 } }');
    expect([distinct(both.slice(0, 1), 'j'), distinct([both[0], both[0]], 'j'), distinct(both, 'j')]).toEqual([true, true, false]);
  });
});
