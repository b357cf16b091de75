import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { orThrow, render, type Result } from '../../src/index.ts';
import { procedural, rule } from '../../src/passes/graph/rewrite.ts';
import { parseModule } from '../../src/ir/graph/parse.ts';
import { checkRule } from '../../src/testing/index.ts';

const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');
const exact = { class: 'exact' } as const;

describe('checkRule', () => {
  it('finds nothing wrong with a law, on its own programs and on random ones', () => {
    const report = orThrow(checkRule(rule('x + x = 2x', (p, x) => p.map('add', x, x), (p, x) => p.map('mul', x, 2), exact)));
    expect(report.own).toBeGreaterThan(10);
    expect(orThrow(checkRule(rule('-x = 0 - x', (p, x) => p.map('neg', x), (p, x) => p.map('sub', 0, x), { class: 'refining' }), { programs: 300 })).random).toBeGreaterThan(2);
  });
  it('shows what a wrong law does, on the plainest numbers that show it', () => {
    const text = said(checkRule(rule('x - y = x + y', (p, x, y) => p.map('sub', x, y), (p, x, y) => p.map('add', x, y), { class: 'reassociates' })));
    expect(text).toMatch(/FX8010: the rule 'x - y = x \+ y' \(reassociates\) changes the meaning: element \d+ of result 0 is (-?[\d.]+), but becomes (-?[\d.]+) \(in double precision\)/);
    expect(text).toMatch(/x0: \w+\[[^\]]*\] = \[1, 1/);
    const program = text.slice(text.indexOf('module main'));
    expect(E.isRight(parseModule(program))).toBe(true);
  });
  it('knows that a zero has a sign', () => {
    expect(said(checkRule(rule('x + 0 = x', (p, x) => p.map('add', x, 0), (_, x) => x, exact)))).toMatch(/FX8010: .* is 0, but becomes -0/);
    expect(orThrow(checkRule(rule('x + 0 = x', (p, x) => p.map('add', x, 0), (_, x) => x, { class: 'refining' }))).own).toBeGreaterThan(0);
  });
  it('knows single from double precision', () => {
    const far = rule('(x + 2^30) - 2^30 = x', (p, x) => p.map('sub', p.map('add', x, 2 ** 30), 2 ** 30), (_, x) => x, { class: 'refining' });
    expect(said(checkRule(far))).toMatch(/FX8010: .*\(in the precision of its dtype\)/);
  });
  it('refuses a rule that never fires, gives another type, or goes on for ever', () => {
    const never = rule('never', (p, x) => p.map('exp', x), (_, x) => x, { ...exact, when: () => false });
    expect(said(checkRule(never))).toMatch(/FX8011: checkRule: there is no program to try 'never' on/);
    const lazy = procedural('lazy', 'map', 'exact', () => undefined, [(b, p) => b.map('exp', [p([2])])]);
    expect(said(checkRule(lazy))).toMatch(/FX8011: checkRule: 'lazy' leaves 6 of 6 programs as they are/);
    const typed = procedural('narrowing', 'reshape', 'exact', ({ inputs: [x] }) => x, [(b, p) => b.reshape(p([2, 3]), [6])]);
    expect(said(checkRule(typed))).toMatch(/FX8012: the rule 'narrowing' turns f32\[6\] into f32\[2, 3\]/);
    const turns = rule('x + y = y + x', (p, x, y) => p.map('sub', x, y), (p, x, y) => p.map('neg', p.map('sub', y, x)), { class: 'refining' });
    expect(said(checkRule(turns))).toMatch(/FX8012: .*rules rewrite each other's results for ever/);
  });
  it('finds a rule that is wrong only outside its own examples', () => {
    const eager = procedural('reverse = identity', 'reverse', 'exact', ({ inputs: [x] }) => x, [(b, p) => b.reverse(p([1]), [0])]);
    expect(said(checkRule(eager))).toMatch(/FX8010: the rule 'reverse = identity' \(exact\) changes the meaning/);
  });
});
