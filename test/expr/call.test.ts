import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { reference } from '../../src/backends/reference/reference.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { printModule } from '../../src/ir/graph/print.ts';
import { add, array, call, compile, f32, fn, grad, hvp, jvp, key, matmul, mul, ones, orThrow, split, sum, tanh, uniform, vmap, type F32, type Key } from '../../src/index.ts';
import { saidOf, unchecked } from '../messages.ts';

type W = F32<[4, 4]>;
type X = F32<[3, 4]>;
const layer = (w: W, x: X): X => tanh(matmul(x, w));
const deep = (f: typeof layer) => (w: W, x: X) => { let y = x; for (let i = 0; i < 6; i++) y = f(w, y); return sum(y); };
const w = array(Array.from({ length: 16 }, (_, i) => Math.sin(i)), [4, 4]), x = array(Array.from({ length: 12 }, (_, i) => Math.cos(i)), [3, 4]);
const text = (f: typeof layer): string => printModule(orThrow(lower(fn([f32([4, 4]), f32([3, 4])], deep(f)))).module);

describe('call', () => {
  it('runs a body once, and keeps it once in the graph', () => {
    let runs = 0;
    const kept = text(call((a: W, b: X) => { runs++; return layer(a, b); }));
    expect(runs).toBe(1);
    expect(kept.match(/= dotGeneral/g)).toHaveLength(1);
    expect(kept.match(/= call /g)).toHaveLength(6);
    expect(text(layer).match(/= dotGeneral/g)).toHaveLength(6);
  });
  it('once for each combination of types', () => {
    let runs = 0;
    const twice = call((a: F32<['n']>): F32<['n']> => { runs++; return mul(a, 2); });
    const both = fn([f32([2]), f32([3])], (a, b) => [twice(twice(a as never)), twice(twice(b as never))] as const);
    expect(runs).toBe(2);
    const [a, b] = orThrow(compile(both))([1, 2], [1, 2, 3]);
    expect([[...a.data], [...b.data]]).toEqual([[4, 8], [4, 8, 12]]);
  });
  it.each([['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })]] as const)('gives the values and derivatives of the function, on %s', (_, backend) => {
    const all = (f: typeof layer) => fn([f32([4, 4]), f32([3, 4])], (a, b) => {
      const loss = (v: W): F32<[]> => deep(f)(v, b);
      return [loss(a), grad(loss)(a), jvp(loss)([a], [ones([4, 4])])[1], hvp(loss)(a, ones([4, 4])), vmap((s: F32<[]>) => loss(mul(a, s)), 2)(array([1, 0.5], [2]))] as const;
    });
    const [kept, written] = [call(layer), layer].map((f) => orThrow(compile(all(f), { backend }))(w, x));
    expect(kept.map((v) => [...v.data])).toEqual(written.map((v) => [...v.data]));
  });
  it('takes what it captures, and keys', () => {
    const f = fn([f32([2]), key(0)], (a, k) => { const block = call((v: F32<[2]>, own: Key) => add(mul(v, a), uniform(own, [2]))), [k1, k2] = split(k, 2); return add(block(a, k1), block(mul(a, 2), k2)); });
    const plain = fn([f32([2]), key(0)], (a, k) => { const [k1, k2] = split(k, 2); return add(add(mul(a, a), uniform(k1, [2])), add(mul(mul(a, 2), a), uniform(k2, [2]))); });
    const [got, wanted] = [f, plain].map((g) => [...orThrow(compile(g))([1, 3], key(5)).data]);
    expect(got).toEqual(wanted);
  });
  it('says what is wrong in it where it was written', () => {
    const wrong = call((a: F32<[2]>): F32<[2]> => add(a, unchecked(f32([3]))));
    expect(saidOf(fn([f32([2])], (a) => wrong(wrong(a))))).toMatch(/error FX\d+: add: .*\n(.*\n)*.*in call\.test\.ts/);
  });
});
