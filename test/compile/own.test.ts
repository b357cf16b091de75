import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { add, compile, exp, f32, fn, mul, render, sin, sum, type Result } from '../../src/index.ts';
import { fusionRule, rule, schedule, type Pass } from '../../src/ir/index.ts';
import { explain, type ExplainOptions } from '../../src/inspect/index.ts';
import { procedural } from '../../src/passes/graph/rewrite.ts';

const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');
type Own = Pick<ExplainOptions, 'rules' | 'passes' | 'fusions' | 'schedules' | 'loopPasses'>;
const f = fn([f32([3])], (x) => sum(exp(sin(mul(x, add(x, 1))))), { args: ['x'] });
/** what `compile` says of options, which `explain` says too; `wrong`: of what their types forbid */
const of = (options: Own): string => {
  const text = said(compile(f, { backend: js(), ...options }));
  expect(said(explain(f, { backend: js(), ...options }))).toBe(text);
  return text;
};
// SAFETY: wrong on purpose
const wrong = (x: unknown): never => x as never;
const boom = (): never => { throw new Error('boom'); };
const place = /\n {2}at .*own\.test\.ts:\d+:\d+/;
const after = (run: Pass['run']): Own => ({ passes: (all) => [...all, { name: 'mine', run }] });

describe('what users bring to compile', () => {
  it('rules that rewrite each other for ever', () => {
    const to = rule('sin x = cos x', (p, x) => p.sin(x), (p, x) => p.cos(x), { class: 'fast' }), fro = rule('cos x = sin x', (p, x) => p.cos(x), (p, x) => p.sin(x), { class: 'fast' });
    expect(of({ rules: [to, fro] })).toMatch(/^error FX8012: algebra: rules rewrite each other's results for ever: 'sin x = cos x', 'cos x = sin x'\n {2}hint: /);
  });
  it('a rule that throws, gives no node, or changes the type', () => {
    expect(of({ rules: [procedural('own', 'map', 'fast', boom, [], ['sin'])] })).toMatch(/^error FX3203: the rule 'own' throws: boom/);
    expect(of({ rules: [procedural('own', 'map', 'fast', boom, [], ['sin'])] })).toMatch(place);
    expect(of({ rules: [procedural('own', 'map', 'fast', () => wrong(null), [], ['sin'])] })).toMatch(/FX3203: the rule 'own' gives null, not a node/);
    expect(of({ rules: [rule('own', (p, x) => p.sin(x), (p, x) => p.cos(x), { class: 'fast', when: boom })] })).toMatch(/FX3203: the rule 'own' throws: boom/);
    expect(of({ rules: [procedural('own', 'map', 'fast', ({ inputs: [x] }, b) => b.reduce('add', x, [0]), [], ['sin'])] })).toMatch(/FX8012: the rule 'own' turns f32\[3\] into f32\[\]/);
    expect(of({ rules: [wrong(undefined)] })).toMatch(/FX3203: rules: number 0 is undefined, not a rule/);
  });
  it('a pass that throws, or gives no module or another function', () => {
    expect(of(after(boom))).toMatch(/^error FX3203: the pass 'mine' throws: boom/);
    expect(of(after(boom))).toMatch(place);
    expect(of(after(() => wrong(undefined)))).toMatch(/FX3203: the pass 'mine' gives undefined, not a module/);
    expect(of(after((m) => ({ ...m, main: 'other' })))).toMatch(/FX3203: the pass 'mine' gives a module that is not well-formed: no graph is called 'other'/);
    const without = after((m) => ({ ...m, graphs: new Map([...m.graphs].map(([name, g]) => [name, { ...g, results: [] }])) }));
    expect(of(without)).toMatch(/FX3203: the pass 'mine' gives a module whose 'main' takes or gives other types/);
    expect(of({ passes: boom })).toMatch(/FX3203: passes throws: boom/);
    expect(of({ passes: () => wrong(undefined) })).toMatch(/FX3203: passes gives undefined, not a list/);
    expect(of({ passes: (all) => [...all, wrong({ name: 'x' })] })).toMatch(/FX3203: passes: number \d+ is an object, not a pass/);
  });
  it('a fusion rule, a schedule, a loop pass', () => {
    expect(of({ fusions: [fusionRule('apart', boom)] })).toMatch(/FX3203: the fusion rule 'apart' throws: boom/);
    expect(of({ fusions: [fusionRule('apart', () => wrong('no'))] })).toMatch(/FX3203: the fusion rule 'apart' gives a string, not \{ merge, because \}/);
    expect(of({ schedules: [schedule(boom, {})] })).toMatch(/FX3203: the function of a schedule, of \w+, throws: boom/);
    expect(of({ schedules: [schedule('map_0', wrong(undefined))] })).toMatch(/FX3203: schedules: number 0 is an object, not a schedule/);
    expect(of({ loopPasses: (all) => [...all, { name: 'mine', gives: 'tiled', run: boom }] })).toMatch(/FX3203: the loop pass 'mine' throws: boom/);
    expect(of({ loopPasses: (all) => [{ name: 'mine', gives: 'tiled', run: () => wrong(undefined) }, ...all] })).toMatch(/FX3203: the loop pass 'mine' gives undefined, not a program/);
    expect(of({ loopPasses: (all) => [{ name: 'mine', gives: 'naive', run: (p) => ({ ...p, kernels: new Map() }) }, ...all] })).toMatch(/FX3203: the loop pass 'mine' gives a program that is not well-formed \(FX3101\): kernel \w+ is not declared/);
    expect(of({ loopPasses: () => wrong(undefined) })).toMatch(/FX3203: loopPasses gives undefined, not a list/);
  });
});
