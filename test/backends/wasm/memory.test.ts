import { describe, expect, it } from 'vitest';
import { createMemory, sharedMemory } from '../../../src/backends/wasm/memory.ts';
import { unchecked } from '../../messages.ts';
import { bits } from './bits.ts';
import { alone, machine, results, running, text } from './threaded.ts';
import { rounds } from './threadTexts.ts';

describe('the memory of a backend', () => {
  it.each([['its own', undefined], ['shared', sharedMemory()]])('that is %s grows under what is held', (_, of) => {
    const memory = createMemory(of), first = memory.upload('f32', Float32Array.of(1, 2, 3)), words = memory.words();
    const large = memory.upload('f32', new Float32Array(2 ** 21).fill(7));
    expect(memory.words().length).toBeGreaterThan(words.length);
    expect([...memory.read(first)]).toEqual([1, 2, 3]);
    expect(memory.read(large)).toMatchObject({ length: 2 ** 21, 0: 7, [2 ** 21 - 1]: 7 });
    expect(memory.read(large).buffer).toBeInstanceOf(ArrayBuffer);
  });
  it.each([['its own', undefined], ['shared', sharedMemory()]])('that is %s refuses what it cannot hold, and goes on', (_, of) => {
    const memory = createMemory(of);
    memory.shared('arena', 64);
    const { liveBytes } = memory.stats(), arena = memory.sharedAt('arena'), tooLarge = 2 ** 32;
    expect(() => memory.upload('f32', unchecked({ length: 2 ** 30 }))).toThrow('FX5201');
    expect(() => { memory.shared('arena', tooLarge); }).toThrow('FX5201');
    expect([memory.stats().liveBytes, memory.sharedAt('arena')]).toEqual([liveBytes, arena]);
    expect([...memory.read(memory.upload('i32', Int32Array.of(4, 5)))]).toEqual([4, 5]);
  });
  it('reuses what was given back in other sizes before it grows: neighbours as one, and parts of what is larger', () => {
    const memory = createMemory(), held = (n: number) => memory.upload('f32', new Float32Array(n).fill(n));
    for (let i = 0; i < 300; i++) { const a = held(20_000 + 16 * i), b = held(9_000 + 48 * i); memory.free(i % 2 === 0 ? a : b); memory.free(i % 2 === 0 ? b : a); }
    expect(memory.memory.buffer.byteLength).toBe(2 ** 20);
    // what is held between lies still
    const kept = Array.from({ length: 8 }, (_, i) => held(4_000 + i)), between = kept.filter((_, i) => i % 2 === 1);
    for (const handle of kept) if (!between.includes(handle)) memory.free(handle);
    for (let i = 0; i < 300; i++) memory.free(held(1_000 + 16 * i));
    expect(between.map((handle) => new Set(memory.read(handle)))).toEqual([4001, 4003, 4005, 4007].map((n) => new Set([n])));
    expect(memory.memory.buffer.byteLength).toBe(2 ** 20);
    expect(memory.stats().liveBytes).toBe(4 * (4001 + 4003 + 4005 + 4007));
  });
  it('grows while threads know programs over it', async () => {
    const m = machine(2), one = alone(), program = text(rounds(64, 10)), loaded = m.load(program), inputs = new Map([['x', Float32Array.from({ length: 64 }, (_, i) => i)]]);
    const wanted = bits(results(one, program, one.load(program), inputs));
    await running(2, m.said);
    for (let i = 0; i < 20; i++) {
      const held = m.memory.upload('f32', new Float32Array(2 ** 19));
      expect(bits(results(m, program, loaded, inputs))).toEqual(wanted);
      if (i % 2 === 0) m.memory.free(held);
    }
    const large = m.load(text(rounds(2 ** 20, 1))), x = m.memory.upload('f32', new Float32Array(2 ** 20).fill(2));
    await running(2, m.said);
    const [y] = large.run([x], {});
    expect(m.memory.read(y).every((v) => v === 2)).toBe(true);
    for (const worker of m.workers) worker.end();
  });
});
