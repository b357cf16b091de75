import { describe, expect, it } from 'vitest';
import * as E from 'fp-ts/lib/Either.js';
import { abs, add, compile, div, exp, f32, fn, log, matmul, mul, neg, orThrow, relu, render, softmax, sub, sum } from 'fluxion';
import { js, reference, wasm, type Backend, type LoopBackend } from 'fluxion/backends';
import { gpujs } from 'fluxion/gpujs';
import { fusionRule, lower, mapKernels, parse, pipeline, print, printLoops, rewrite, rule, runPasses, scalarOp, schedule, verify, type LoopPass, type ProposedMerge } from 'fluxion/ir';
import { explain } from 'fluxion/inspect';
import { checkRule } from 'fluxion/testing';

// a rule and a scalar function: values handed to compile, nothing is registered
const logExp = rule('log(exp x) = x', (p, x) => p.log(p.exp(x)), (_, x) => x, { class: 'fast' });
const softsign = scalarOp('softsign', { define: (x) => div(x, add(abs(x), 1)), spell: { js: 'x / (1 + Math.abs(x))' } });
const odd = rule('softsign(-x) = -softsign x', (p, x) => p.map(softsign.scalar, p.neg(x)), (p, x) => p.neg(p.map(softsign.scalar, x)), { class: 'exact' });
const g = fn([f32(['n'])], (x) => neg(softsign(log(exp(mul(x, 2))))), { name: 'g', args: ['x'] });
const wanted = (x: number): number => -2 * x / (1 + 2 * Math.abs(x));
const backends: readonly (readonly [string, () => Backend<'sync'>])[] = [['js', () => js()], ['gpujs', () => gpujs({ mode: 'cpu' })], ['the reference', () => reference()]];

describe('a rule and a scalar function of one’s own', () => {
  for (const [name, backend] of backends) {
    it(`run validated on ${name}`, () => {
      using run = orThrow(compile(g, { backend: backend(), rules: [logExp, odd], passes: (p) => [...p, rewrite('mine', [logExp, odd])], validate: true }));
      for (const n of [1, 3, 7]) {
        const x = Float32Array.from({ length: n }, (_, i) => i - 2.5);
        run(x).data.forEach((y, i) => expect(y).toBeCloseTo(wanted(x[i]), 6));
      }
    });
  }
  it('leave no trace of exp and log, and its own spelling', () => {
    using run = orThrow(compile(g, { backend: js(), rules: [logExp], dims: { n: 4 } }));
    const text = Object.values(run.report?.files ?? {}).join('\n');
    expect(text).toContain('1 + Math.abs(');
    expect(text).not.toMatch(/Math\.(exp|log)/);
  });
  it('are seen at work: which pass fired what', () => {
    const fired: string[] = [], minus = orThrow(lower(fn([f32(['n'])], (x) => softsign(neg(x)))));
    const after = runPasses(minus, [rewrite('mine', [odd]), ...pipeline], { trace: (t) => fired.push(...[...t.fired.keys()].map((name) => `${t.pass}: ${name}`)) });
    expect(fired).toContain('mine: softsign(-x) = -softsign x');
    expect(print(after)).toMatch(/softsign[^]*neg/);
    expect(orThrow(checkRule(odd)).own).toBeGreaterThan(0);
  });
  it('travel through text', () => {
    const module = orThrow(lower(g)), text = print(module), read = orThrow(parse(text, { scalars: [softsign.scalar] }));
    expect(print(read)).toBe(text);
    expect(text).toContain('softsign');
    orThrow(verify(read));
    expect(E.isLeft(parse(text))).toBe(true);
  });
  it('that are wrong are found out', () => {
    const twice = rule('exp(log x) = 2x', (p, x) => p.exp(p.log(x)), (p, x) => p.map('mul', x, 2), { class: 'fast' });
    const checked = checkRule(twice), compiled = compile(fn([f32(['n'])], (x) => sub(exp(log(abs(x))), 1)), { rules: [twice], validate: true, dims: { n: 4 } });
    expect(E.isLeft(checked) && checked.left[0].code).toBe('FX8010');
    expect(E.isLeft(compiled) ? render(compiled.left) : 'nothing').toMatch(/FX7010: validate: the pass '.*' changes the meaning/);
  });
});

const layer = fn([f32(['n', 8]), f32([8, 6]), f32([6])], (x, w, b) => softmax(relu(add(matmul(x, w), b))), { name: 'layer', args: ['x', 'w', 'b'] }), dims = { n: 16 };
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => ((i * 7) % 11) / 11 - 0.5);
const given = [numbers(16 * 8), numbers(8 * 6), numbers(6)] as const, meant = orThrow(compile(layer, { dims, backend: reference() }))(...given).data;
const near = (data: ArrayLike<number>): void => { Array.from(data).forEach((y, i) => { expect(y).toBeCloseTo(meant[i], 5); }); };

describe('a fusion rule of one’s own', () => {
  const alone = fusionRule('alone', () => ({ merge: false, because: 'one by one' }));
  it('is asked about what the planner considers', () => {
    const seen: ProposedMerge[] = [];
    const told = orThrow(explain(layer, { dims, fusions: [fusionRule('watching', (merge) => { seen.push(merge); return undefined; })] }));
    expect(told.text).toBe(orThrow(explain(layer, { dims })).text);
    const [epilogue] = seen.filter((m) => m.kind === 'epilogue' && m.refused === undefined), apart = seen.find((m) => m.refused !== undefined);
    expect(epilogue).toMatchObject({ bytes: 2 * 4 * 16 * 6, first: { nest: 'contract', ops: ['dotGeneral'], stores: [{ dtype: 'f32', shape: [16, 6] }] }, second: { nest: 'map' } });
    expect(apart?.refused).toMatch(/\w+/);
  });
  it.each(backends.filter(([name]) => name !== 'the reference'))('may forbid all, on %s, and is named', (_, backend) => {
    using run = orThrow(compile(layer, { dims, backend: backend(), fusions: [alone], validate: true }));
    expect(run.report?.kernels).toBeGreaterThan(3);
    near(run(...given).data);
    const { kernels, text } = orThrow(explain(layer, { dims, fusions: [alone] }));
    expect(kernels.every((k) => k.merges.length === 0 && k.notFused.length > 0 && k.notFused.some((r) => r.because === "by the rule 'alone': one by one"))).toBe(true);
    expect(text).toMatch(/not fused with .*: by the rule 'alone': one by one \(/);
  });
  it('may ask for what is legal, and hears why not otherwise', () => {
    const first = fusionRule('first', ({ first: a, second: b }) => ([a, b].some((g) => g.ops.includes('reduce max')) ? { merge: true, because: 'rows first' } : undefined));
    const { kernels } = orThrow(explain(layer, { dims, fusions: [first, alone] })), because = kernels.flatMap((k) => [...k.merges, ...k.notFused]).map((m) => m.because);
    expect(because).toContain("by the rule 'first': rows first");
    expect(because.find((b) => b.includes('though asked for'))).toMatch(/^[a-z ]+, though asked for by the rule 'first': rows first$/);
    using run = orThrow(compile(layer, { dims, fusions: [first, alone], validate: true }));
    near(run(...given).data);
  });
});

describe('a schedule of one’s own', () => {
  const loopsOf = (schedules: readonly ReturnType<typeof schedule>[]): string => orThrow(explain(layer, { dims, schedules, backend: js() })).steps.find((s) => s.name === 'tile')?.text ?? '';
  it('changes one kernel, as explain shows', () => {
    expect(loopsOf([])).toMatch(/alloc register acc: f32\[2, 2\]/);
    expect(loopsOf([schedule('contract_0', { tile: { m: 4, n: 3 } })])).toMatch(/alloc register acc: f32\[4, 3\]/);
    const told = orThrow(explain(layer, { dims, schedules: [schedule(({ ops }) => ops.includes('dotGeneral'), { tile: { m: 1 }, vectors: false }), schedule('contract_0', { tile: { n: 2 }, blocks: 2, pack: true })] }));
    expect(told.kernels.map((k) => k.scheduled)).toEqual(['tile m 1, n 2; packed wherever it can be; no vectors; 2 blocks', ...told.kernels.slice(1).map(() => undefined)]);
    expect(told.text).toMatch(/^ {5}scheduled: tile m 1, n 2; packed wherever it can be; no vectors; 2 blocks$/m);
    const [own, plain] = [[schedule('contract_0', { blocks: 4 })], []].map((schedules) => orThrow(explain(layer, { dims, schedules })).steps.find((s) => s.name === 'schedule')?.text ?? '');
    expect([/i0_block < 4 grid/.test(own), /grid/.test(plain)]).toEqual([true, false]);
  });
  it('computes the same', () => {
    using run = orThrow(compile(layer, { dims, schedules: [schedule(() => true, { tile: { m: 3, n: 16, k: 2 }, pack: true })], validate: true }));
    near(run(...given).data);
  });
  it('is refused where it makes no sense', () => {
    const said = (of: string, choices: Parameters<typeof schedule>[1], backend: LoopBackend<'sync'> = js()): readonly string[] => {
      const [compiled, told] = [compile(layer, { dims, backend, schedules: [schedule(of, choices)] }), explain(layer, { dims, backend, schedules: [schedule(of, choices)] })];
      const all = E.isLeft(compiled) ? compiled.left.map((d) => `${d.code} ${d.message}`) : [];
      expect(E.isLeft(told) ? told.left.map((d) => `${d.code} ${d.message}`) : []).toEqual(all);
      return all;
    };
    expect(said('contract_0', { tile: { m: 17, n: 0.5, k: NaN }, blocks: 0 })).toEqual(['tile.m is 17, but must be a whole number from 1 to 16', 'tile.n is 0.5, but must be a whole number from 1 to 32', 'tile.k is NaN, but must be a whole number from 1 to 16', 'blocks is 0, but must be a whole number from 1 to 64'].map((m) => `FX3201 schedule of 'contract_0': ${m}`));
    expect(said('contract_0', { tile: { n: 12 } }, wasm({ threads: 1 }))).toEqual(["FX3201 schedule of 'contract_0': tile.n is 12, but must be 4, 8, 16 or 32: vectors here have 4 lanes"]);
    expect(said('contract_0', { tile: { n: 12 }, vectors: false }, wasm({ threads: 1 }))).toEqual([]);
    expect(said('contract_0', { tile: { n: 12 } })).toEqual([]);
    expect(said('contract_1', {})).toEqual(["FX3202 schedule: no kernel is called 'contract_1'"]);
  });
});

describe('a loop pass of one’s own', () => {
  it('stands where it is put, is traced and verified', () => {
    const seen: string[] = [], watching: LoopPass = { name: 'watching', gives: 'tiled', run: (program) => { seen.push(printLoops(program)); return program; } };
    const loopPasses = (defaults: readonly LoopPass[]): readonly LoopPass[] => defaults.flatMap((p) => (p.name === 'unroll' ? [watching, p] : [p]));
    const told = orThrow(explain(layer, { dims, backend: js(), loopPasses })), at = told.steps.findIndex((s) => s.name === 'watching');
    expect([told.steps[at - 1].name, told.steps[at].changed, told.steps[at + 1].name, seen[0].startsWith('program layer')]).toEqual(['jam', false, 'unroll', true]);
  });
  it('that is wrong is found out', () => {
    // it forgets the last statement of every kernel
    const forgetful: LoopPass = { name: 'forgetful', gives: 'tiled', run: (program) => mapKernels(program, (k) => ({ ...k, body: k.body.slice(0, -1) })) };
    const f = fn([f32([4])], (x) => ({ y: exp(x), total: sum(x) })), made = compile(f, { validate: true, loopPasses: (all) => [...all, forgetful] });
    expect(E.isLeft(made) ? render(made.left) : 'nothing').toMatch(/FX7011: validate: the program for wasm does not compute[^]*a loop pass of your own/);
  });
});
