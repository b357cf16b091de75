import { describe, expect, it } from 'vitest';
import { reciprocals } from '../../../src/passes/graph/reciprocals.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { printGraph } from '../../../src/ir/graph/print.ts';
import { readProgram } from './texts.ts';

const made = (text: string): string => { const module = runPasses(readProgram(text), [reciprocals], { verify: true }), main = module.graphs.get(module.main); return main === undefined ? '' : printGraph(main); };
const divisions = (text: string): readonly string[] => made(text).split('\n').filter((line) => line.includes('= div(')).map((line) => line.trim());
const shares = (max: string, spread: string, sum: string, then: string): string => `(x: f32[3, 4], y: f32[3, 4]) { ${max} %1 = ${spread} %2 = sub(x, %1) %3 = exp(%2) ${sum} ${then} }`;
const top = '%0 = reduce max(x) axes [1]', sum = '%4 = reduce add(%3) axes [1]', rows = (i: number): string => `broadcastInDim(%${i}) dims [0]`;
const wide = (of: string): string => `${of}: f32[3, 4]`;

describe('divisions by the sum of a row of exponentials less their maximum', () => {
  it('are one for each row', () => {
    const text = shares(top, rows(0), sum, `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`).replace('%1 =', `${wide('%1')} =`);
    expect(divisions(text)).toEqual(['%5: f32[3] = div(1, %4)']);
    expect(made(text)).toContain('= mul(%3, %6)');
  });
  it('whatever is divided, and whatever axes of size one are between', () => {
    const text = shares(top, rows(0), sum, `%5: f32[3, 1] = reshape(%4) ${wide('%6')} = broadcastInDim(%5) dims [0, 1] %7 = div(y, %6) return %7`).replace('%1 =', `${wide('%1')} =`);
    expect(divisions(text)).toEqual(['%5: f32[3] = div(1, %4)']);
  });
  const stays: readonly (readonly [string, string, string, string, string])[] = [
    ['of a sum by itself', top, rows(0), sum, '%5 = div(%4, %4) return %5'],
    ['less the maximum of something else', '%0 = reduce max(y) axes [1]', rows(0), sum, `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`],
    ['less the maximum of all', '%0 = reduce max(x) axes [0, 1]', 'broadcastInDim(%0) dims []', sum, `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`],
    ['less a minimum', '%0 = reduce min(x) axes [1]', rows(0), sum, `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`],
    ['by their maximum', top, rows(0), '%4 = reduce max(%3) axes [1]', `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`],
    ['by the sum of what is not their exponential', top, rows(0), '%4 = reduce add(%2) axes [1]', `${wide('%5')} = ${rows(4)} %6 = div(%3, %5) return %6`],
    ['by as many numbers in another shape', top, rows(0), sum, '%5: f32[1, 3] = reshape(%4) %6 = reduce add(y) axes [1] %7: f32[1, 3] = reshape(%6) %8 = div(%7, %5) return %8'],
  ];
  it.each(stays)('stay as they are: %s', (_, max, spread, add, then) => {
    const text = shares(max, spread, add, then).replace('%1 =', `${wide('%1')} =`);
    expect(made(text)).toBe(printGraphOf(text));
  });
});
const printGraphOf = (text: string): string => { const module = readProgram(text), main = module.graphs.get(module.main); return main === undefined ? '' : printGraph(main); };
