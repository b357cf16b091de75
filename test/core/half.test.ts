import { describe, expect, it } from 'vitest';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import { fromBF16, fromF16, toBF16, toF16 } from '../../src/core/half.ts';
import { byteSize, fromStored, roundTo, storedArray, toStored, type Half } from '../../src/core/dtype.ts';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { runGraph } from '../laws/run.ts';

const formats = {
  f16: { from: fromF16, to: toF16, infinity: 0x7c00, largest: 65504, least: 2 ** -24, digits: 11 },
  bf16: { from: fromBF16, to: toBF16, infinity: 0x7f80, largest: 2 ** 128 - 2 ** 120, least: 2 ** -133, digits: 8 },
} as const;
const everyBits = Array.from({ length: 0x10000 }, (_, i) => i);

describe.each(['f16', 'bf16'] as const)('%s', (dtype) => {
  const { from, to, infinity, largest, least, digits } = formats[dtype];
  const isNumber = (bits: number): boolean => (bits & 0x7fff) <= infinity;

  it('gives every number back as the bits that it came from', () => {
    for (const bits of everyBits) {
      if (isNumber(bits)) expect(to(from(bits))).toBe(bits);
      else { expect(from(bits)).toBeNaN(); expect(from(to(from(bits)))).toBeNaN(); }
    }
  });
  it('has the numbers of its format', () => {
    expect([from(infinity), from(infinity - 1), from(1), from(0x8000)]).toEqual([Infinity, largest, least, -0]);
    expect(from(to(1 + 2 ** (1 - digits)))).toBe(1 + 2 ** (1 - digits));
  });
  it('rounds to the nearest, of two to the even one', () => {
    for (let bits = 0; bits < infinity; bits++) {
      const low = from(bits), high = bits + 1 === infinity ? 2 * from(bits) - from(bits - 1) : from(bits + 1), middle = low + (high - low) / 2;
      expect(to(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      const below = middle - (high - low) / 8, above = middle + (high - low) / 8;
      expect([to(below), to(above), to(-above)]).toEqual([bits, bits + 1, (bits + 1) | 0x8000]);
    }
    expect([to(Infinity), to(3e38 * 2), to(-3.4e38 * 2)]).toEqual([infinity, infinity, infinity | 0x8000]);
  });

  const converting = (target: 'f32' | Half, length: number): Module => {
    const b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype: target === 'f32' ? dtype : 'f32', shape: [length] });
    b.addGraph({ name: 'main', params: [x], results: [b.convert(x, target)] });
    return b.finish('main');
  };
  // ends that do not fill a vector go one by one
  const all = Float32Array.from([...everyBits, 0, 1, 2].map(from));
  const between = Float32Array.from([...everyBits.map((bits) => (from(bits) + from(Math.min(bits + 1, 0xffff))) / 2), ...everyBits.map((bits) => Math.fround(from(bits) * (1 + 2 ** -digits) * 0.9999)), 1e-46, 3e38, -3e38]);
  const same = (found: ArrayLike<number> | undefined, wanted: ArrayLike<number>): void => {
    const far = Array.from(wanted).findIndex((x, i) => !Object.is(x, found?.[i]) && !(Number.isNaN(x) && Number.isNaN(found?.[i])));
    expect([far, found?.length, found?.[far]]).toEqual([-1, wanted.length, undefined]);
  };
  describe.each([['js', js()], ['wasm', wasm({ threads: 1 })]] as const)('on %s', (_, backend) => {
    it('is read as what it stands for, and stored as what is next to it', () => {
      same(runGraph(backend, mainOf(converting('f32', all.length)), [all])?.[0], all);
      same(runGraph(backend, mainOf(converting(dtype, between.length)), [between])?.[0], between.map(roundTo[dtype]));
    });
    it('takes two bytes for a number', () => {
      const before = backend.memory.stats().liveBytes, handle = backend.memory.upload(dtype, Float32Array.of(1, 2.5, 0.1));
      expect(backend.memory.stats().liveBytes - before).toBe(3 * byteSize[dtype]);
      same(backend.memory.read(handle), [1, 2.5, roundTo[dtype](0.1)]);
      backend.memory.free(handle);
      expect(backend.memory.stats().liveBytes).toBe(before);
    });
    it('rounds where a program says so, also what is never stored', () => {
      const b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype: 'f32', shape: [7] });
      b.addGraph({ name: 'main', params: [x], results: [b.map('sub', [b.convert(b.convert(x, dtype), 'f32'), x])] });
      const given = Float32Array.of(0.1, 1, -0.3, 1e-3, 7.7, 100.3, -0);
      same(runGraph(backend, mainOf(b.finish('main')), [given])?.[0], given.map((v) => Math.fround(roundTo[dtype](v) - v)));
    });
  });

  it('is stored as its bits', () => {
    expect(storedArray(dtype, [1, -2])).toEqual(Uint16Array.of(to(1), to(-2)));
    expect(fromStored(dtype, toStored(dtype, Float32Array.of(1, -2)))).toEqual(Float32Array.of(1, -2));
  });
});
