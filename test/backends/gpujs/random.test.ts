import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { gpujs } from '../../../src/backends/gpujs/gpujs.ts';
import { reference } from '../../../src/backends/reference/reference.ts';
import { bernoulli, compile, compileAsync, f32, fn, key, keyOf, mul, normal, orThrow, permutation, randomBits, shiftLeft, shiftRightLogical, split, sum, u32, uniform, convert, bitwiseXor, add, type Key } from '../../../src/index.ts';
import { fakeDevice } from './fake.ts';
import { inEveryMode } from './gl.ts';

const draws = fn([key(0), f32([64])], (k, x) => {
  const [a, b, c, d, e] = split(k, 5);
  return { bits: randomBits(a, [5]), uniform: uniform(b, [64]), noisy: mul(x, uniform(c, [64])), normal: normal(d, [64]), order: permutation(e, 9) };
}, { name: 'draws' });
const x = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
const wanted = orThrow(compile(draws, { backend: reference() }))(key(7), x);

describe('random numbers on gpu.js', () => {
  inEveryMode('are those of the reference, bits and uniforms to the last digit', (mode) => {
    const run = orThrow(compile(draws, { backend: gpujs({ mode }) })), got = run(key(7), x);
    expect([...got.bits.data]).toEqual([...wanted.bits.data]);
    expect([...got.uniform.data]).toEqual([...wanted.uniform.data]);
    expect([...got.order.data]).toEqual([...wanted.order.data]);
    got.normal.data.forEach((v, i) => expect(Math.abs(v - wanted.normal.data[i])).toBeLessThan(1e-5));
    got.noisy.data.forEach((v, i) => expect(Math.abs(v - wanted.noisy.data[i])).toBeLessThan(1e-6));
    // five words of bits, four times 64 numbers, of which a normal takes two, and an order of nine
    expect(run.report?.hostBytes).toBe(4 * (5 + 4 * 64 + 9));
    expect([...run(key(8), x).bits.data]).not.toEqual([...wanted.bits.data]);
  });
});

describe('what the host computes for gpu.js', () => {
  const backend = gpujs({ mode: 'cpu' });
  it('hands keys from one program to the next', () => {
    const step = (on: typeof backend | ReturnType<typeof reference>): readonly number[] => {
      const next = orThrow(compile(fn([key(0)], (k: Key) => { const [own, left] = split(k, 2); return { left, drawn: uniform(own, [3]) }; }), { backend: on as typeof backend }));
      const first = next(key(3)), second = next(keyOf(first.left as never));
      return [...first.drawn.data, ...second.drawn.data];
    };
    expect(step(backend)).toEqual(step(reference()));
  });
  it('is nothing where there is nothing to draw', () => {
    expect(orThrow(compile(fn([f32([2])], (v) => mul(v, 2)), { backend })).report?.hostBytes).toBe(0);
  });
  it('takes integers that were handed in, whole', () => {
    const mixed = orThrow(compile(fn([u32([2]), f32([2])], (i, v) => add(convert(shiftRightLogical(bitwiseXor(i, 0x80000000), 16), 'f32'), v)), { backend }));
    expect([...mixed(Uint32Array.of(0x12345678, 0xffffffff), Float32Array.of(0.5, 1)).data]).toEqual([0x9234 + 0.5, 0x7fff + 1]);
  });
  it('is refused where it is made of what the device computes', () => {
    const refused = compile(fn([f32([2])], (v) => convert(shiftLeft(convert(mul(v, 100), 'i32'), 5), 'f32')), { backend });
    expect(E.isLeft(refused) && refused.left[0].message).toMatch(/cannot run shiftLeft in/);
  });
  it('trains with dropout', () => {
    const step = fn([key(0), f32([32])], (k, v) => sum(mul(v, convert(bernoulli(k, 0.5, [32]), 'f32')))), of = (on: unknown): number => orThrow(compile(step, { backend: on as typeof backend }))(key(1), x.subarray(0, 32)).item();
    expect(Math.abs(of(backend) - of(reference()))).toBeLessThan(1e-5);
  });
  it('is put away where the device fails', async () => {
    const fake = fakeDevice((asked) => (asked === 'launch' ? 'lost' : undefined)), noisy = await orThrow(compileAsync(fn([key(0), f32([4])], (k, v) => mul(v, uniform(k, [4]))), { backend: fake.backend }));
    await expect(noisy(key(1), x.subarray(0, 4))).rejects.toThrow(/lost/);
    expect(fake.backend.memory.stats().liveBytes).toBe(0);
  });
});
