import { describe, expect, it } from 'vitest';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import type { Pass, PassTrace } from '../../src/passes/pass.ts';
import { runPasses } from '../../src/passes/run.ts';

const b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype: 'f32', shape: [2] });
b.addGraph({ name: 'main', params: [x], results: [b.map('exp', [x])] });
const module = b.finish('main');
const ill = (): Module => ({ main: 'main', graphs: new Map([['main', { name: 'main', params: [], results: [b.map('exp', [x])] }]]) });
const breaking: Pass = { name: 'breaking', run: ill };
const firing: Pass = { name: 'firing', run: (m, fired) => { fired('a'); fired('b'); fired('a'); return m; } };

describe('runPasses', () => {
  it('hands on what each pass gives, with its name, time and counts', () => {
    const traces: PassTrace[] = [];
    let now = 0;
    const after = runPasses(module, [firing, breaking], { trace: (t) => traces.push(t), clock: () => (now += 5) });
    expect(traces.map((t) => [t.pass, t.ms, Object.fromEntries(t.fired)])).toEqual([['firing', 5, { a: 2, b: 1 }], ['breaking', 5, {}]]);
    expect(traces[0].before).toBe(module);
    expect(traces[1].before).toBe(traces[0].after);
    expect(traces[1].after).toBe(after);
  });
  it('names the pass whose result is not well-formed', () => {
    expect(() => runPasses(module, [firing, breaking, firing], { verify: true })).toThrow(/after the pass 'breaking': main: the parameter 'x'/);
    expect(runPasses(module, [firing], { verify: true })).toBe(module);
  });
  it('looks only when asked', () => {
    expect(() => runPasses(module, [breaking])).not.toThrow();
  });
});
