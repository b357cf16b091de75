import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { dce } from '../../../src/passes/graph/clean.ts';
import { dropUnread } from '../../../src/passes/graph/dropUnread.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { readGraphs, showModule } from './texts.ts';

/** the first scan's second row is read by the second scan alone, which does nothing with it; nor with what all its runs share */
const module = readGraphs(`
graph made(c: f32[], x: f32[]) { %0 = add(c, x) %1 = sin(c) %2 = exp(x) return %0, %2, %1 }
graph used(c: f32[], a: f32[], b: f32[], o: f32[2]) { %0 = mul(c, a) return %0, c }
graph main(c: f32[], x: f32[3], o: f32[2]) {
  %0: (f32[], f32[3], f32[3]) = scan made(c, x) carries 1 slices 1 length 3
  %1: (f32[], f32[3]) = scan used(%0[0], %0[1], %0[2], o) carries 1 slices 2 length 3 reverse save contractions
  return %1[0]
}`);
describe('dropUnread', () => {
  const after = runPasses(module, [dropUnread, dce], { verify: true });
  it('drops operands that no run reads, then rows that nothing reads, as long as there are any', () => {
    const said = showModule(after);
    expect(said).toMatch(/scan made\w*\(c, x\) carries 1 slices 1 length 3$/m);
    expect(said).toMatch(/scan used\w*\(%\d+\[0\], %\d+\[1\]\) carries 1 slices 1 length 3 reverse save contractions$/m);
    expect(said).not.toContain('sin');
  });
  it('keeps the meaning', () => {
    const args = [Float32Array.of(0.5), Float32Array.of(1, 2, -1), Float32Array.of(0, 0)];
    expect(interpret(after, args)).toEqual(interpret(module, args));
    expect(Number(interpret(after, args)[0][0])).toBeCloseTo(2.5 * Math.exp(2), 4);
  });
  it('drops the first of the rows where nothing reads it', () => {
    const said = showModule(runPasses(readGraphs(`
graph made(c: f32[], x: f32[]) { %0 = add(c, x) %1 = sin(c) %2 = exp(x) return %0, %1, %2 }
graph main(c: f32[], x: f32[3]) {
  %0: (f32[], f32[3], f32[3]) = scan made(c, x) carries 1 slices 1 length 3
  return %0[2]
}`), [dropUnread, dce], { verify: true }));
    expect(said).not.toContain('sin');
    expect(said).toContain('exp');
  });
  it('leaves a module alone in which all is read', () => { expect(dropUnread.run(after, () => undefined)).toBe(after); });
});
