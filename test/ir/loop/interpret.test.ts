import { describe, expect, it } from 'vitest';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import type { InterpretOptions } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';

const f32 = (...x: number[]): TypedArray => new Float32Array(x);
const run = (text: string, inputs: Readonly<Record<string, TypedArray>>, options: InterpretOptions = { precision: 'native' }): Record<string, number[]> =>
  Object.fromEntries([...interpretProgram(parsed(parseProgram(text)), new Map(Object.entries(inputs)), options)].map(([name, v]) => [name, Array.from(v)]));
/** one kernel over x: f32[4] and out: the statement writes it */
const one = (body: string, out = 'f32[4]', options?: InterpretOptions): number[] =>
  run(`program p buffer x: f32[4] input buffer n: i32[4] input buffer out: ${out} output
    kernel k(x: read f32[4], n: read i32[4], out: update ${out}) { ${body} } steps { run k(x, n, out) }`,
  { x: f32(1.5, -2, 0.1, 4), n: new Int32Array([3, -7, 2147483647, 0]) }, options).out;

describe('statements', () => {
  it('store rounds to the dtype in native precision only', () => {
    const third = 'for i < 4 { store out[i] = x[i] / 3.0 }';
    expect(one(third)[0]).toBe(0.5);
    expect(one(third)[2]).toBe(Math.fround(Math.fround(0.1) / 3));
    expect(one(third, 'f32[4]', { precision: 'f64' })[2]).toBe(Math.fround(0.1) / 3);
  });
  it('locals and registers hold doubles, scratch rounds', () => {
    const through = (space: string): number => one(`alloc ${space} r: f32[1] for i < 4 { store r[0] = 0.1 store out[i] = convert:f64(r[0]) }`, 'f64[4]')[0];
    expect(through('register')).toBe(0.1);
    expect(through('scratch')).toBe(Math.fround(0.1));
    expect(one('for i < 4 { store out[i] = convert:f64(convert:f32(0.1:f64)) }', 'f64[4]')[0]).toBe(Math.fround(0.1));
  });
  it('integers wrap, and convert truncates', () => {
    expect(one('for i < 4 { store out[i] = n[i] * n[i] + 1 }', 'i32[4]')).toEqual([10, 50, 2, 1]);
    expect(one('for i < 4 { store out[i] = convert:i32(x[i]) }', 'i32[4]')).toEqual([1, -2, 0, 4]);
    expect(one('contract m() n(j < 4) k(i < 3) c = n[i] * n[i] { store out[j] = c }', 'i32[4]')[0]).toBe((9 + 49 + 1) | 0);
    expect(one('for i < 4 { store out[i] = 1 for q < 4 { fold mul into out[i] with n[2] } }', 'i32[4]')[0]).toBe(1);
  });
  it('a guarded load does not read, a guarded store does not write', () => {
    expect(one('for i < 4 { store out[i] = x[i - 1] if i >= 1 else 9.0 }')).toEqual([9, 1.5, -2, Math.fround(0.1)]);
    expect(one('for i < 5 { store out[i] = 1.0 if i < 4 }')).toEqual([1, 1, 1, 1]);
  });
  it('data indices are clamped', () => {
    expect(one('for i < 4 { let a = n[i] store out[i] = x[data(a, 0..3)] }')).toEqual([4, 1.5, 4, 1.5]);
  });
  it('folds with several numbers of state', () => {
    expect(one('alloc register m: f32[1] alloc register at: i32[1] store m[0] = -inf store at[0] = -1 '
      + 'for i < 4 { fold argMax into m[0], at[0] with x[i], index(i) } for i < 4 { store out[i] = at[0] }', 'i32[4]')[0]).toBe(3);
    const [mean, m2] = one('alloc register s: f32[3] for i < 3 { store s[i] = 0.0 } for i < 4 { fold welford into s[0], s[1], s[2] with x[i] } '
      + 'fold welford into s[0], s[1], s[2] with 0.0, 5.0, 5.0 for i < 4 { store out[i] = s[1] if i == 0 store out[i] = s[2] if i > 0 }');
    expect(mean).toBeCloseTo(0.9, 6);
    expect(m2).toBeCloseTo(0.6 ** 2 + 2.9 ** 2 + 0.8 ** 2 + 3.1 ** 2, 5);
  });
  it('branches, scopes, and a contraction with several k and a start', () => {
    expect(one('for i < 4 { if lt(x[i], 1.0) { store out[i] = 0.0 } else { block { store out[i] = 1.0 } } }')).toEqual([1, 0, 0, 1]);
    expect(one('contract m(i < 2) n(j < 2) k(p < 2, q < 2) c = index(i + 1):f32 * index(p + 2*q + j):f32 init 10.0 { store out[2*i + j] = c }'))
      .toEqual([16, 20, 22, 30]);
  });
  it('extents may depend on outer axes', () => {
    expect(one('for i < 4 { store out[i] = 0.0 for j < i + 1 { fold add into out[i] with 1.0 } }')).toEqual([1, 2, 3, 4]);
  });
});

describe('what must not happen', () => {
  it.each([
    ['for i < 5 { store out[i] = 0.0 }', 'k: index 4 of out is not within 0 … 3 at i = 4'],
    ['for i < 4 { store out[i] = x[i - 1] }', 'k: index -1 of x is not within 0 … 3 at i = 0'],
    ['for i < 4 { fold add into out[i] with 1.0 }', 'k: out[0] is read before it is written at i = 0'],
    ['alloc register r: f32[2, 2] store out[0] = r[0]', 'k: r has 2 dimensions, not 1'],
    ['store x[0] = 1.0', 'k writes x, which it may only read'],
    ['store out[0] = v', 'no local v'],
    ['for i < 4 { alloc register r: f32[1] store r[0] = 1.0 if i == 0 store out[i] = r[0] }', 'k: r[0] is read before it is written at i = 1'],
  ])('%s', (body, message) => expect(() => one(body)).toThrow(`internal error: ${message}`));
});

describe('steps', () => {
  const counting = (steps: string): string => `program p (n <= 8)
    buffer c: f32[1] state buffer out: f32[1] output = c buffer go: bool[1] temporary buffer never: bool[1] temporary buffer which: i32[1] input
    kernel more(c: update f32[1], go: write bool[1]) { store c[0] = c[0] + 1.0 store go[0] = lt(c[0], 3.0) }
    kernel mark(c: update f32[1]) { store c[0] = c[0] * 10.0 + index(t):f32 }
    kernel add(c: update f32[1]) { fold add into c[0] with 0.5 }
    steps { ${steps} }`;
  const count = (steps: string, which = 0): number =>
    run(counting(steps), { c: f32(0), which: new Int32Array([which]) }, { precision: 'native', sizes: { n: 5 } }).out[0];
  it('loop to a symbol, and see the step axis inside the kernel', () => {
    expect(count('loop t < n { run more(c, go) }')).toBe(5);
    expect(count('loop t < 3 { run mark(c); barrier }')).toBe(12);
  });
  it('stop where the flag falls', () => expect(count('run more(c, go) loop t < 8 while go { run more(c, go) }')).toBe(3));
  it('branch; out of range is the last case', () => {
    const steps = 'branch on which { case { run more(c, go) } case { run add(c) } }';
    expect([0, 1, 7, -1].map((which) => count(steps, which))).toEqual([1, 0.5, 0.5, 0.5]);
  });
  it('leaves the caller\'s arrays alone', () => {
    const c = f32(7);
    run(counting('run add(c)'), { c, which: new Int32Array(1) }, { precision: 'native', sizes: { n: 1 } });
    expect(c[0]).toBe(7);
  });
  it('refuses sizes beyond the maximum, missing inputs and flags that nothing wrote', () => {
    expect(() => run(counting('run add(c)'), { c: f32(0), which: f32(0) }, { precision: 'native', sizes: { n: 9 } })).toThrow('n = 9 is not an integer from 0 to 8');
    expect(() => run(counting('run add(c)'), {}, { precision: 'native', sizes: { n: 1 } })).toThrow('no input c');
    expect(() => count('loop t < 8 while never { }')).toThrow('never decides before anything wrote it');
  });
});
