import { describe, expect, it } from 'vitest';
import { gpujsTarget } from '../../../src/backends/gpujs/gpujs.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { differencesOf, planOf, stagesOf } from './golden.ts';

const windows = '%8: f32[2, 5, 3, 3] = window(%7) axis 1 size 3 %9: f32[2, 5, 5] = dotGeneral(%8, w) contract [2, 3] [0, 1]';
const padded = (of: string, value = '0'): string => `%7: f32[2, 7, 3] = pad(${of}, ${value}) low [0, 1, 0] high [0, 2, 0] ${windows}`;
const graph = (body: string, results = '%9'): string => `(x: f32[2, 4, 3], w: f32[3, 3, 5], v: f32[3, 3]) { ${body} return ${results} }`;
const bordered = (text: string, target = jsTarget): readonly string[] => [...planOf(text, target).bordered.keys()].map(nameOf);

const also = '%10: f32[2, 3] = reduce add(%0) axes [1]';
describe('a value lies inside of its padding', () => {
  it.each([
    ['elementwise, which others read', graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')} ${also}`, '%9, %10'), 'exp'],
    ['a product', graph(`%0: f32[2, 4, 3] = dotGeneral(x, v) contract [2] [0] ${padded('%0')}`), 'dotGeneral'],
    ['cheap, after a product', graph(`%1: f32[2, 4, 3] = dotGeneral(x, v) contract [2] [0] %0: f32[2, 4, 3] = max(%1, 0) ${padded('%0')}`), 'max'],
    ['a sum', `(x: f32[2, 4, 6, 3], w: f32[3, 3, 5]) { %0: f32[2, 4, 3] = reduce add(x) axes [2] ${padded('%0')} return %9 }`, 'reduce add'],
    ['among another number', graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0', '-inf')} ${also}`, '%9, %10'), 'exp'],
    ['of one axis', '(x: f32[4], w: f32[3]) { %0: f32[4] = exp(x) %7: f32[7] = pad(%0, 0) low [1] high [2] %8: f32[5, 3] = window(%7) axis 0 size 3 %9: f32[5] = dotGeneral(%8, w) contract [1] [0] %10: f32[] = reduce add(%0) axes [0] return %9, %10 }', 'exp'],
    ['of a bounded dimension', `(x: f32[n<=3, 4, 3], w: f32[3, 3, 5]) { %0: f32[n<=3, 4, 3] = exp(x) ${`${padded('%0')} ${also}`.replaceAll('f32[2,', 'f32[n<=3,')} return %9, %10 }`, 'exp'],
  ])('%s', (_, text, name) => {
    expect(bordered(text)).toEqual([name]);
    expect(differencesOf({ graph: text, sizes: { n: 2 } })).toEqual([]);
  });
  it('or is computed with it, where nothing else reads it', () => expect(planOf(graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')}`)).groups.map((g) => g.members.length)).toEqual([2, 1]));
  it('and takes no memory beside it: nothing is copied, the border alone is written', () => {
    const { naive } = stagesOf({ graph: graph(`%0: f32[2, 4, 3] = dotGeneral(x, v) contract [2] [0] ${padded('%0')}`) }, jsTarget), { storedBytes } = count(naive);
    expect([...naive.buffers.values()].filter((b) => b.role === 'temporary').map((b) => b.layout.size)).toEqual([2 * 7 * 3]);
    // the padded value, each element of it once, and the result
    expect(storedBytes).toBe(4 * (2 * 7 * 3 + 2 * 5 * 5));
  });
  it('two paddings of two axes, low and high', () => {
    const text = `(x: f32[2, 3, 4, 5, 2], w: f32[3, 3, 2, 3]) { %0: f32[2, 3, 4, 2] = reduce max(x) axes [3] %1: f32[2, 6, 5, 2] = pad(%0, 0) low [0, 1, 0, 0] high [0, 2, 1, 0]
      %2: f32[2, 4, 3, 5, 2] = window(%1) axis 1 size 3 %3: f32[2, 4, 3, 3, 3, 2] = window(%2) axis 3 size 3 %4: f32[2, 4, 3, 3] = dotGeneral(%3, w) contract [2, 4, 5] [0, 1, 2] return %4 }`;
    expect(bordered(text)).toEqual(['reduce max']);
    expect(differencesOf({ graph: text })).toEqual([]);
  });
});

describe('a value has memory of its own', () => {
  it.each([
    ['that was given', graph(padded('x'))],
    ['that is a result', graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')}`, '%9, %0')],
    ['whose padding is a result', graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')}`, '%9, %7')],
    ['of which something is cut off', graph(`%0: f32[2, 4, 3] = exp(x) %7: f32[2, 7, 3] = pad(%0, 0) low [0, -1, 0] high [0, 4, 0] ${windows}`)],
    ['whose elements are spread', graph(`%0: f32[2, 4, 3] = exp(x) %7: f32[2, 7, 3] = pad(%0, 0) low [0, 0, 0] high [0, 0, 0] interior [0, 1, 0] ${windows}`)],
    ['read as rows of another shape', graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')} %10: f32[2, 12] = reshape(%0) %11: f32[2, 12] = sin(%10)`, '%9, %11')],
    ['of which something is cut off at the end', graph(`%0: f32[2, 4, 3] = exp(x) ${also} %7: f32[2, 7, 3] = pad(%0, 0) low [0, 4, 0] high [0, -1, 0] ${windows}`, '%9, %10')],
    ['of which something is cut off at the start of another axis', graph(`%1: f32[2, 4, 4] = dotGeneral(x, u) contract [2] [0] %0 = exp(%1) %11 = reduce add(%0) axes [1] %7: f32[2, 7, 3] = pad(%0, 0) low [0, 1, -1] high [0, 2, 0] ${windows}`, '%9, %11').replace('v: ', 'u: f32[3, 4], v: ')],
    ['spread along one axis, with a border along another', graph(`%0: f32[2, 4, 3] = exp(x) ${also} %7: f32[2, 9, 3] = pad(%0, 0) low [0, 1, 0] high [0, 1, 0] interior [0, 1, 0] %8: f32[2, 7, 3, 3] = window(%7) axis 1 size 3 %9: f32[2, 7, 5] = dotGeneral(%8, w) contract [2, 3] [0, 1]`, '%9, %10')],
    ['picked by indices', graph(`%1: i32[2] = iota axis 0 %0: f32[2, 4, 3] = gather(x, %1) ${also} ${padded('%0')}`, '%9, %10')],
    ['put together of others', `(x: f32[2, 2, 3], y: f32[2, 2, 3], w: f32[3, 3, 5]) { %0: f32[2, 4, 3] = concatenate(x, y) axis 1 ${also} ${padded('%0')} return %9, %10 }`],
    ['of no elements', `(x: f32[0, 4, 3], w: f32[3, 3, 5]) { %0: f32[0, 4, 3] = exp(x) ${`${padded('%0')} ${also}`.replaceAll('f32[2,', 'f32[0,')} return %9, %10 }`],
    ['of no elements, with a border of some', '(x: f32[2, 0, 3], w: f32[3, 3, 5]) { %0: f32[2, 0, 3] = exp(x) %7: f32[2, 3, 3] = pad(%0, 1) low [0, 1, 0] high [0, 2, 0] %8: f32[2, 1, 3, 3] = window(%7) axis 1 size 3 %9: f32[2, 1, 5] = dotGeneral(%8, w) contract [2, 3] [0, 1] %10: f32[2, 3] = reduce add(%0) axes [1] return %9, %10 }'],
    ['whose padding is read as rows of another shape', graph(`%0: f32[2, 4, 3] = exp(x) ${also} ${padded('%0')} %11: f32[2, 21] = reshape(%7) %12: f32[2, 21] = sin(%11)`, '%9, %10, %12')],
    ['whose rows a loop reads', `graph run(c: f32[3], r: f32[4, 3]) { %0 = reduce add(r) axes [0] %1 = add(c, %0) return %1 }\ngraph main${graph(`%0: f32[2, 4, 3] = exp(x) %11: f32[3] = constant 1 %12 = scan run(%11, %0) carries 1 slices 1 length 2 ${also} ${padded('%0')}`, '%9, %10, %12')}`],
    ['that a choice reads', `graph left(a: f32[2, 4, 3]) { %0 = neg(a) return %0 }\ngraph right(a: f32[2, 4, 3]) { return a }\ngraph main${graph(`%0: f32[2, 4, 3] = exp(x) %11: i32[] = constant 0 %12 = case(%11, %0) branches [left, right] ${also} ${padded('%0')}`, '%9, %10, %12')}`],
    ['padded with numbers that are given', graph(`%1: f32[] = reshape(s) %0: f32[2, 4, 3] = exp(x) ${also} ${padded('%0', '%1')}`, '%9, %10').replace('v: ', 's: f32[1], v: ')],
    ['padded with what is computed', graph(`%1: f32[] = reduce add(x) axes [0, 1, 2] %0: f32[2, 4, 3] = exp(x) ${padded('%0', '%1')}`)],
  ])('%s', (_, text) => {
    expect(bordered(text)).toEqual([]);
    expect(differencesOf({ graph: text })).toEqual([]);
  });
  it('that a loop with a test begins with', () => expect(bordered(`graph goes(a: f32[2, 4, 3]) { %0 = reduce max(a) axes [0, 1, 2] %1 = lt(%0, 100) return %1 }\ngraph step(a: f32[2, 4, 3]) { %0 = mul(a, 2) return %0 }\ngraph main${graph(`%0: f32[2, 4, 3] = exp(x) %12 = while goes step(%0) carries 1 ${also} ${padded('%0')}`, '%9, %10, %12')}`)).toEqual([]));
  it('for a second padding, which copies it', () => {
    const text = graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')} %10: f32[2, 6, 3] = pad(%0, 0) low [0, 1, 0] high [0, 1, 0] %11: f32[2, 4, 3, 3] = window(%10) axis 1 size 3 %12: f32[2, 4, 5] = dotGeneral(%11, w) contract [2, 3] [0, 1]`, '%9, %12');
    expect(bordered(text)).toEqual(['exp']);
    expect(differencesOf({ graph: text })).toEqual([]);
  });
  it('where kernels are flat', () => expect(bordered(graph(`%0: f32[2, 4, 3] = exp(x) ${padded('%0')}`), gpujsTarget)).toEqual([]));
});
