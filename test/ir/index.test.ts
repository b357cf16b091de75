import { abs, add, div, exp, f32, fn, grad, log, mul, neg, ones, orThrow, sum } from 'fluxion';
import { lower, parse, pipeline, print, rewrite, rule, runPasses, scalarOp, verify, type Module, type Pass } from 'fluxion/ir';
import { describe, expect, it } from 'vitest';

const logExp = rule('log(exp x) = x', ({ log: ln, exp: e }, x) => ln(e(x)), (_, x) => x, { class: 'fast' });
const softsign = scalarOp('softsign', { define: (x) => div(x, add(abs(x), 1)), spell: { js: 'x / (1 + Math.abs(x))' } });
const research = fn([f32(['n'])], (x) => neg(softsign(log(exp(mul(x, 2))))), { args: ['x'] });

const text = `module main

graph main(x: f32[n]) {
  %0: f32[n] = mul(x, 2)
  %1: f32[n] = exp(%0)
  %2: f32[n] = log(%1)
  %3: f32[n] = @softsign(%2)
  %4: f32[n] = neg(%3)
  return %4
}
`;
const renamed = (m: Module): string => print(m).replaceAll(m.main, 'main');

describe('the researchers\' door', () => {
  it('lowers a function to a module that prints and reads back', () => {
    const module = orThrow(lower(research));
    expect(renamed(module)).toBe(text);
    expect(renamed(orThrow(parse(print(module), { scalars: [softsign] })))).toBe(text);
    expect(orThrow(verify(module))).toBe(module);
  });

  it('binds the dimensions that are given and leaves the others open', () => {
    expect(print(orThrow(lower(research, { dims: { n: 4 } })))).toContain('x: f32[4]');
    expect(print(orThrow(lower(research, { dims: { n: { max: 4 } } })))).toContain('x: f32[n<=4]');
  });

  it('says what is wrong with a function, a text and a module', () => {
    expect(lower(fn([f32([2])], (x) => add(x, ones([3]) as never)))).toMatchObject({ _tag: 'Left', left: [{ code: expect.stringMatching(/^FX1/) }] });
    expect(parse(text)).toMatchObject({ _tag: 'Left', left: [{ code: 'FX2002', message: 'no scalar function softsign was given to the parser', place: { line: 7, column: 17 } }] });
    expect(verify({ main: 'main', graphs: new Map() })).toMatchObject({ _tag: 'Left', left: [{ code: 'FX2101', message: "no graph is called 'main'" }] });
  });

  it('runs passes and tells the rules that fired', () => {
    const fired: string[] = [], mine: readonly Pass[] = [rewrite('mine', [logExp]), ...pipeline];
    const after = runPasses(orThrow(lower(research)), mine, { verify: true, trace: (t) => { if (t.pass === 'mine') fired.push(...t.fired.keys()); } });
    expect(fired).toEqual(['log(exp x) = x']);
    expect(print(after)).not.toContain('log(');
  });

  it('writes laws over reductions and spreads with the same names', () => {
    const law = rule('sum of -x = -sum x', ({ reduce, neg: minus }, x) => reduce('add', minus(x)), ({ reduce, neg: minus }, x) => minus(reduce('add', x)), { class: 'reassociates' });
    const module = orThrow(lower(fn([f32([2, 3])], (x) => sum(neg(x), 1), { args: ['x'] })));
    const after = runPasses(module, [rewrite('law', [law])], { verify: true });
    expect(print(after)).toContain('%0: f32[2] = reduce add(x) axes [1]\n  %1: f32[2] = neg(%0)');
  });

  it('takes a user\'s function in a rule, and its derivative through the pipeline', () => {
    const odd = rule('softsign -x = -softsign x', (p, x) => p.map(softsign.scalar, p.neg(x)), (p, x) => p.neg(p.map(softsign.scalar, x)), { class: 'exact' });
    const module = orThrow(lower(fn([f32([2])], (x) => softsign(neg(x)), { args: ['x'] })));
    expect(print(rewrite('odd', [odd]).run(module, () => undefined))).toContain('%0: f32[2] = @softsign(x)\n  %1: f32[2] = neg(%0)');
    const derived = orThrow(lower(fn([f32([2])], (x) => grad((v: typeof x) => sum(softsign(v)))(x))));
    const after = runPasses(derived, pipeline, { verify: true });
    expect(print(orThrow(parse(print(after), { scalars: [softsign] })))).toBe(print(after));
  });

  it('holds a function for every scalar of the vocabulary, of its own arity', () => {
    rule('p', (p, x) => {
      // @ts-expect-error exp takes one operand
      p.exp(x, x);
      // @ts-expect-error no such function
      expect(p.swish).toBeUndefined();
      // @ts-expect-error a term has no dtype to convert to
      void p.convert;
      return p.select(x, p.add(x, 1), p.max(x, x));
    }, (_, x) => x, { class: 'fast' });
  });
});
