import { describe, expect, it } from 'vitest';
import { divisionOf, isScheduled, type Division } from '../../../src/backends/wasm/grid.ts';
import { golden } from '../../ir/loop/golden.ts';
import { text } from './threaded.ts';
import { ways } from './threadTexts.ts';

const divided = (body: string, args: string): Division | undefined => {
  const program = text(`program p buffer x: f32[8] state buffer w: f32[8] input buffer y: f32[8] output = x buffer z: f32[8] output buffer u: f32[8] output
    kernel k(x: read f32[8], y: update f32[8], z: write f32[8], w: read f32[8]) { ${body} } steps { run k(${args}) barrier }`), kernel = program.kernels.get('k');
  return kernel && divisionOf(program, kernel);
};

describe('how a kernel is run by several threads', () => {
  const cases: readonly (readonly [why: string, body: string, division: Division])[] = [
    ['a loop to divide', 'for i < 8 grid { store y[i] = w[i] }', 'shared'],
    ['nothing to divide', 'for i < 8 { store y[i] = w[i] }', 'alone'],
    ['a number for all', 'let a = w[0] for i < 8 grid { store y[i] = w[i] * a }', 'shared'],
    ['a table for each', 'alloc scratch s: f32[8] for j < 8 { store s[j] = w[j] } for i < 8 grid { store y[i] = s[i] }', 'shared'],
    ['a number that the loop changes', 'let a = y[0] for i < 8 grid { store y[i] = w[i] * a }', 'apart'],
    ['a sum of what the loop stored', 'for i < 8 grid { store y[i] = w[i] } alloc register s: f32[1] store s[0] = 0.0 for i < 8 { fold add into s[0] with y[i] }', 'apart'],
    ['a store that the loop reads', 'store y[0] = w[0] for i < 7 grid { store y[i + 1] = y[0] * w[i] }', 'apart'],
    ['a store over what the loop stored', 'for i < 8 grid { store y[i] = w[i] } store y[0] = 1.0', 'apart'],
    ['a sum for nobody but the first', 'alloc register s: f32[1] store s[0] = 0.0 for j < 8 { fold add into s[0] with w[j] } let a = s[0] store y[0] = a for i < 7 grid { store z[i] = w[i] }', 'shared'],
    ['an index for all', 'let a = convert:i32(w[0]) for i < 8 grid { store y[i] = w[data(a, 0..7)] }', 'shared'],
    ['a store and a table at once', 'alloc scratch s: f32[8] for j < 8 { store s[j] = w[j] store y[j] = w[j] } for i < 8 grid { let a = s[i] }', 'apart'],
  ];
  it.each(cases)('%s', (_, body, division) => { expect(divided(body, 'w, z, u, w')).toBe(division); });
  it('one memory under two names', () => {
    const body = 'let a = x[0] for i < 8 grid { store y[i] = w[i] * a }';
    expect(divided(body, 'x, z, u, w')).toBe('shared');
    expect(divided(body, 'x, y, u, w')).toBe('apart');
  });
});

describe('a program for threads', () => {
  it('has loops to divide', () => {
    expect([golden('trainStepThreads.tiled'), text(ways), golden('trainStep.tiled')].map(isScheduled)).toEqual([true, true, false]);
  });
});
