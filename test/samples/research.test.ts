import { describe, expect, it } from 'vitest';
import * as E from 'fp-ts/lib/Either.js';
import { abs, add, compile, div, exp, f32, fn, log, mul, neg, orThrow, render, sub } from 'fluxion';
import { js, reference, type Backend } from 'fluxion/backends';
import { gpujs } from 'fluxion/gpujs';
import { lower, parse, pipeline, print, rewrite, rule, runPasses, scalarOp, verify } from 'fluxion/ir';
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
