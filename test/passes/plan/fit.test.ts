import { describe, expect, it } from 'vitest';
import { gpujsTarget } from '../../../src/backends/gpujs/gpujs.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { showShape } from '../../../src/core/dim.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import type { Target } from '../../../src/ir/target.ts';
import { fit } from '../../../src/passes/plan/fit.ts';
import type { Nest, Phase } from '../../../src/passes/plan/plan.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { moduleOf } from './golden.ts';

const showPhase = (p: Phase): string => (p.at === 'end' ? 'end' : p.at === 'across' ? `across ${p.sweep}${p.inner ? ' inner' : ''}` : `${p.at} ${p.sweep}`);
const showSpace = (axes: readonly { readonly name: string; readonly size: Node['type']['shape'][number] }[]): string => axes.map((a) => `${a.name}${showShape([a.size])}`).join(' ');
const showNest = (nest: Nest): string => {
  if (nest.kind === 'scatter' || nest.kind === 'sort' || nest.kind === 'control' || nest.kind === 'update') return nest.kind;
  const own = [...nest.align].map(([n, axes]) => `${nameOf(n)} ${axes.join('')}${nest.kind === 'rows' ? ` ${showPhase(nest.phases.get(n) ?? { at: 'end' })}` : ''}`).sort();
  return `${nest.kind} ${nest.kind === 'rows' ? `${showSpace(nest.rows)} / ${showSpace(nest.cols)}` : showSpace(nest.space)}: ${own.join(', ')}`;
};

const free = new Set(['parameter', 'constant', 'iota', 'broadcastInDim', 'reshape', 'transpose', 'slice', 'pad', 'reverse', 'concatenate']);
/** the nest of all that the graph computes, or why there is none; its results are stored */
const fitted = (body: string, target: Target = jsTarget): string => {
  const { results } = mainOf(moduleOf(`(${body} }`)), order = topological([...results]);
  const seeds = order.filter((n) => results.includes(n) || !free.has(n.op));
  const found = fit({ seeds, roots: new Set(results) }, new Set(seeds), target);
  return 'refused' in found ? `refused: ${found.refused}` : showNest(found.nest);
};
type Case = readonly [title: string, graph: string, wanted: string];

describe('nests of elementwise values', () => {
  it.each<Case>([
    ['of one shape', 'x: f32[3, 4]) { %0: f32[3, 4] = exp(x) %1: f32[3, 4] = sin(x) return %0, %1', 'map i0[3] i1[4]: exp 01, sin 01'],
    ['that are read transposed', 'x: f32[3, 4]) { %0: f32[3, 4] = exp(x) %1: f32[4, 3] = transpose(%0) perm [1, 0] %2: f32[4, 3] = sin(%1) return %0, %2', 'map i0[3] i1[4]: exp 01, sin 10'],
    ['of one number', 'x: f32[]) { %0: f32[] = exp(x) return %0', 'map : exp '],
    ['a number beside others', 'x: f32[3], y: f32[]) { %0: f32[] = exp(y) %1: f32[3] = broadcastInDim(%0) dims [] %2: f32[3] = mul(x, %1) return %0, %2', 'map i0[3]: exp , mul 0'],
    ['that read the same element', 'x: f32[3, 3]) { %0: f32[3, 3] = exp(x) %1: f32[3, 3] = transpose(x) perm [1, 0] %2: f32[3, 3] = sin(%1) return %0, %2', 'map i0[3] i1[3]: exp 01, sin 10'],
    ['by shape, beside one that is transposed', 'x: f32[3, 4], y: f32[3, 4]) { %0: f32[3, 4] = exp(x) %1: f32[3, 4] = cos(y) %2: f32[4, 3] = transpose(x) perm [1, 0] %3: f32[4, 3] = sin(%2) return %0, %1, %3', 'map i0[3] i1[4]: cos 01, exp 01, sin 10'],
    ['a named dimension', 'x: f32[n<=3]) { %0: f32[n<=3] = exp(x) return %0', 'map i0[n<=3]: exp 0'],
  ])('%s', (_, graph, wanted) => expect(fitted(graph)).toBe(wanted));
  it.each<Case>([
    ['of different shapes', 'x: f32[3], y: f32[4]) { %0: f32[3] = exp(x) %1: f32[4] = exp(y) return %0, %1', 'their results have different shapes'],
    ['of fewer axes', 'x: f32[3], y: f32[3, 4]) { %0: f32[3] = exp(x) %1: f32[3, 4] = broadcastInDim(%0) dims [0] %2: f32[3, 4] = mul(%1, y) return %0, %2', 'their results have different shapes'],
    ['on a diagonal', 'x: f32[3]) { %0: f32[3] = exp(x) %1: f32[3, 3] = broadcastInDim(%0) dims [0] %2: f32[3, 3] = broadcastInDim(%0) dims [1] %3: f32[3, 3] = mul(%1, %2) return %0, %3', 'their results have different shapes'],
    ['of another element', 'x: f32[3]) { %0: f32[3] = exp(x) %1: f32[3] = reverse(%0) axes [0] %2: f32[3] = sin(%1) return %0, %2', 'a value is read at another place than where it is computed'],
    ['through padding', 'x: f32[3]) { %0: f32[3] = exp(x) %1: f32[4] = pad(%0, 0) low [1] high [0] %2: f32[4] = sin(%1) return %0, %2', 'a value is read through padding'],
    ['of a part', 'x: f32[3]) { %0: f32[3] = exp(x) %1: f32[2] = slice(%0) [0..2] %2: f32[2] = sin(%1) return %0, %2', 'axes of different sizes would run together'],
  ])('not %s', (_, graph, wanted) => expect(fitted(graph)).toBe(`refused: ${wanted}`));
});

describe('values that are computed again where they are read', () => {
  /** sums of neighbours of sums of neighbours … of exponentials */
  const neighbours = (levels: number): string => `x: f32[9]) { %0: f32[9] = exp(x) ${Array.from({ length: levels }, (_, i) =>
    `%${3 * i + 1}: f32[${8 - i}] = slice(%${3 * i}) [0..${8 - i}] %${3 * i + 2}: f32[${8 - i}] = slice(%${3 * i}) [1..${9 - i}] %${3 * i + 3}: f32[${8 - i}] = add(%${3 * i + 1}, %${3 * i + 2})`).join(' ')} return %${3 * levels}`;
  it('are so through others', () => {
    expect(fitted(neighbours(3))).toBe('map i0[6]: add 0');
    expect(fitted(neighbours(4))).toBe('refused: a value would be computed again at 16 places');
  });
});

describe('nests of contractions', () => {
  const product = 'x: f32[3, 5], y: f32[5, 4], z: f32[3, 4], v: f32[3]) { %0: f32[3, 4] = dotGeneral(x, y) contract [1] [0]';
  it.each<Case>([
    ['one', `${product} return %0`, 'contract i0[3] i1[4] i2[5]: dotGeneral 012'],
    ['with what follows', `${product} %1: f32[3, 4] = mul(%0, z) return %1`, 'contract i0[3] i1[4] i2[5]: dotGeneral 012, mul 01'],
    ['transposed after it', `${product} %1: f32[4, 3] = transpose(%0) perm [1, 0] %2: f32[4, 3] = exp(%1) return %2`, 'contract i0[3] i1[4] i2[5]: dotGeneral 012, exp 10'],
    ['with a number beside it', `${product} %1: f32[1] = slice(v) [0..1] %2: f32[] = reshape(%1) %3: f32[] = exp(%2) return %0, %3`, 'contract i0[3] i1[4] i2[5]: dotGeneral 012, exp '],
    ['of two vectors, and what follows', 'x: f32[3]) { %0: f32[] = dotGeneral(x, x) contract [0] [0] %1: f32[] = sqrt(%0) return %1, %0', 'contract i0[3]: dotGeneral 0, sqrt '],
  ])('%s', (_, graph, wanted) => expect(fitted(graph)).toBe(wanted));
  it.each<Case>([
    ['two', `${product} %1: f32[4, 4] = dotGeneral(z, %0) contract [0] [0] return %0, %1`, 'two contractions'],
    ['a reduction of it', `${product} %1: f32[3] = reduce add(%0) axes [1] return %1`, 'a reduction beside a contraction'],
    ['an operand beside it', 'x: f32[3, 5], y: f32[5, 4]) { %0: f32[3, 5] = exp(x) %1: f32[3, 4] = dotGeneral(%0, y) contract [1] [0] return %1', 'an operand of the contraction would be computed again for every product'],
    ['a diagonal of it', 'x: f32[3, 5], y: f32[5, 3], v: f32[3]) { %0: f32[3, 3] = dotGeneral(x, y) contract [1] [0] %1: f32[9] = reshape(%0) %2: f32[3] = slice(%1) [0..9 by 4] %3: f32[3] = exp(%2) return %0, %3', 'two axes of the contraction run together'],
    ['its rows in another order', `${product} %1: f32[3, 4] = reverse(%0) axes [0] %2: f32[3, 4] = exp(%1) return %2`, 'a value is read at another place than where it is computed'],
    ['a row beside it', `${product} %1: f32[3] = exp(v) return %0, %1`, 'a value of another shape than the contraction'],
    ['its like with another size', `${product} %1: f32[4, 5] = broadcastInDim(v) dims [0] return %0, %1`.replace('v: f32[3]', 'v: f32[4]'), 'a value of another shape than the contraction'],
    ['a square of one axis', 'x: f32[3, 3], v: f32[3]) { %0: f32[3, 3] = dotGeneral(x, x) contract [1] [0] %1: f32[3, 3] = transpose(%0) perm [1, 0] %2: f32[3, 3] = mul(%0, %1) return %2', 'two axes of the contraction run together'],
    ['its one element as a number', 'x: f32[1, 5], y: f32[5, 1]) { %0: f32[1, 1] = dotGeneral(x, y) contract [1] [0] %1: f32[] = reshape(%0) %2: f32[] = exp(%1) return %2, %0', 'a value of another shape than the contraction'],
    ['a number that spreads it', 'x: f32[1, 5], y: f32[5, 1], v: f32[4]) { %0: f32[1, 1] = dotGeneral(x, y) contract [1] [0] %1: f32[] = reshape(%0) %2: f32[4] = broadcastInDim(%1) dims [] %3: f32[4] = mul(%2, v) return %0, %3', 'a value of another shape than the contraction'],
  ])('not %s', (_, graph, wanted) => expect(fitted(graph)).toBe(`refused: ${wanted}`));
});

describe('nests of rows', () => {
  it.each<Case>([
    ['a reduction over the last axis', 'x: f32[3, 4]) { %0: f32[3] = reduce add(x) axes [1] return %0', 'rows i0[3] / i1[4]: reduce add 01 sweep 0'],
    ['over the first', 'x: f32[3, 4]) { %0: f32[4] = reduce add(x) axes [0] return %0', 'rows i1[4] / i0[3]: reduce add 01 sweep 0'],
    ['over all', 'x: f32[3, 4]) { %0: f32[] = reduce add(x) axes [0, 1] return %0', 'rows  / i0[3] i1[4]: reduce add 01 sweep 0'],
    ['what follows in the row', 'x: f32[3, 4]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[3] = exp(%0) return %1, %0', 'rows i0[3] / i1[4]: exp 0 row 1, reduce add 01 sweep 0'],
    ['a second sweep', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[3, 4] = broadcastInDim(%0) dims [0] %2: f32[3, 4] = sub(x, %1) %3: f32[3] = reduce add(%2) axes [1] return %2, %3', 'rows i0[3] / i1[4]: reduce add 01 sweep 1, reduce max 01 sweep 0, sub 01 sweep 1'],
    ['sums across rows and in each', 'x: f32[3, 4]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[4] = reduce max(x) axes [0] return %0, %1', 'rows i0[3] / i1[4]: reduce add 01 sweep 0, reduce max 01 across 0 inner'],
    ['sums of the rows’ own values, and what follows', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[] = reduce add(%0) axes [0] %2: f32[] = exp(%1) return %2', 'rows i0[3] / i1[4]: exp  end, reduce add 0 across 1, reduce max 01 sweep 0'],
    ['columns after the last row', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[4] = reduce add(x) axes [0] %2: f32[4] = exp(%1) return %0, %2', 'rows i0[3] / i1[4]: exp 1 end, reduce add 01 across 0 inner, reduce max 01 sweep 0'],
    ['along columns that an earlier value names', 'x: f32[3, 4], y: f32[4]) { %0: f32[4] = exp(y) %1: f32[3, 4] = broadcastInDim(y) dims [1] %2: f32[3, 4] = mul(x, %1) %3: f32[4] = reduce max(%2) axes [0] return %0, %3', 'rows i1[4] / i0[3]: exp 1 row 0, reduce max 01 sweep 0'],
    ['a number beside them', 'x: f32[3, 4], s: f32[]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[] = exp(s) return %0, %1', 'rows i0[3] / i1[4]: exp  end, reduce max 01 sweep 0'],
    ['two axes of one row', 'x: f32[2, 3, 4]) { %0: f32[2] = reduce add(x) axes [1, 2] return %0', 'rows i0[2] / i1[3] i2[4]: reduce add 012 sweep 0'],
  ])('%s', (_, graph, wanted) => expect(fitted(graph)).toBe(wanted));
  it.each<Case>([
    ['a sum of what a sum over the rows scales', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[] = reduce add(%0) axes [0] %2: f32[3] = broadcastInDim(%1) dims [] %3: f32[3] = mul(%0, %2) %4: f32[] = reduce add(%3) axes [0] return %4', 'a reduction of a reduction over the rows'],
    ['a sum of a row of something else', 'x: f32[3, 4], y: f32[4, 5]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[4] = reduce add(y) axes [1] return %0, %1', 'a reduction that does not run over all rows'],
    ['part of the columns', 'x: f32[2, 3, 4]) { %0: f32[2] = reduce add(x) axes [1, 2] %1: f32[2, 3] = reduce max(x) axes [2] return %0, %1', 'a reduction over some of the rows'],
    ['part of the columns before all of them', 'x: f32[2, 3, 4]) { %0: f32[2, 3] = reduce max(x) axes [2] %1: f32[2] = reduce add(x) axes [1, 2] return %0, %1', 'a reduction over some of the columns'],
    ['rows with some of the columns', 'x: f32[2, 3, 4], y: f32[2, 3]) { %0: f32[3] = reduce max(y) axes [0] %1: f32[2, 3, 4] = broadcastInDim(y) dims [0, 1] %2: f32[2, 3, 4] = mul(x, %1) %3: f32[2] = reduce add(%2) axes [1, 2] return %0, %3', 'a reduction over the rows with some of the columns'],
    ['rows and some of the columns', 'x: f32[2, 3, 4]) { %0: f32[4] = reduce max(x) axes [0, 1] %1: f32[2] = reduce add(x) axes [1, 2] return %0, %1', 'a reduction over the rows and some of the columns'],
    ['rows swept again', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[] = reduce add(%0) axes [0] %2: f32[3, 4] = broadcastInDim(%1) dims [] %3: f32[3, 4] = mul(x, %2) return %3', 'the rows would be swept again'],
    ['a value of some axes', 'x: f32[2, 3, 4], y: f32[2]) { %0: f32[2, 3] = reduce add(x) axes [2] %1: f32[2, 3] = broadcastInDim(y) dims [0] %2: f32[2, 3] = mul(%0, %1) %3: f32[2] = exp(y) return %2, %3', 'a value that spans some of the axes'],
    ['rows of one length beside others', 'x: f32[3, 4], y: f32[3, 5]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[3] = reduce add(y) axes [1] return %0, %1', 'a reduction that does not run over all rows'],
    ['a value of one row axis and one column axis', 'x: f32[2, 3, 4, 5], y: f32[2, 4]) { %0: f32[2, 3, 4, 5] = broadcastInDim(y) dims [0, 2] %1: f32[2, 3, 4, 5] = mul(x, %0) %2: f32[2, 3] = reduce max(%1) axes [2, 3] %3: f32[2, 4] = exp(y) return %2, %3', 'a value that spans some of the axes'],
    ['a row of one element, read where no row is', 'x: f32[1, 3]) { %0: f32[1] = reduce add(x) axes [1] %1: f32[] = reshape(%0) %2: f32[] = exp(%1) return %0, %2', 'a value is read outside its loop'],
    ['a diagonal', 'x: f32[3, 3]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[3, 3] = broadcastInDim(%0) dims [0] %2: f32[3, 3] = broadcastInDim(%0) dims [1] %3: f32[3, 3] = mul(%1, %2) return %3', 'two axes of one value run together'],
  ])('not %s', (_, graph, wanted) => expect(fitted(graph)).toBe(`refused: ${wanted}`));
});

describe('what a target refuses', () => {
  const three = 'a: f32[2], b: f32[2]) { %0: f32[2] = mul(a, b) return %0';
  it('more buffers than it has', () => {
    expect(fitted(three, { ...jsTarget, maxBuffers: 3 })).toBe('map i0[2]: mul 0');
    expect(fitted(three, { ...jsTarget, maxBuffers: 2 })).toBe('refused: more than 2 buffers');
  });
  it.each<Case>([
    ['two outputs', 'x: f32[3]) { %0: f32[3] = exp(x) %1: f32[3] = sin(x) return %0, %1', 'refused: a kernel has one output here'],
    ['rows combined', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[] = reduce add(%0) axes [0] return %1', 'refused: rows cannot be combined without memory shared by threads'],
    ['a row swept for each element', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[3, 4] = broadcastInDim(%0) dims [0] %2: f32[3, 4] = sub(x, %1) return %2', 'refused: every element would sweep its whole row again'],
    ['not a value of the row', 'x: f32[3, 4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[3] = exp(%0) return %1', 'rows i0[3] / i1[4]: exp 0 row 1, reduce max 01 sweep 0'],
  ])('flat: %s', (_, graph, wanted) => expect(fitted(graph, gpujsTarget)).toBe(wanted));
  it('anything beside a scatter', () => {
    const scatter = 'x: f32[3], i: i32[2], u: f32[2]) { %0: f32[3] = scatter add(x, i, u)';
    expect(fitted(`${scatter} return %0`)).toBe('scatter');
    expect(fitted(`${scatter} %1: f32[3] = exp(%0) return %1`)).toBe('refused: a scatter stands alone');
  });
});
