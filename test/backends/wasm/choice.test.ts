import { afterEach, describe, expect, it, vi } from 'vitest';
import { createChoice, type Way } from '../../../src/backends/wasm/choice.ts';
import { wasmPlatform } from '../../../src/backends/wasm/platform.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';
import { bits } from './bits.ts';
import { machine, results, running, text } from './threaded.ts';
import { meetings, rounds } from './threadTexts.ts';

describe('the choice between one thread and several', () => {
  /** the ways of so many runs that take as long as is said */
  const ways = (choice: ReturnType<typeof createChoice>, runs: number, takes: (way: Way) => number): readonly Way[] => Array.from({ length: runs }, () => {
    const way = choice.next();
    choice.ran(takes(way));
    return way;
  });
  const share = (all: readonly Way[]): number => all.filter((w) => w === 'together').length / all.length;
  it('tries each twice, then keeps to the quicker one and looks again now and then', () => {
    for (const [takes, least, most] of [[{ alone: 2e6, together: 1e6 }, 0.95, 0.999], [{ alone: 1e6, together: 2e6 }, 0.001, 0.05]] as const) {
      const choice = createChoice();
      expect(share(ways(choice, 16, (way) => takes[way]))).toBe(0.5);
      ways(choice, 600, (way) => takes[way]);
      const later = share(ways(choice, 2000, (way) => takes[way]));
      expect(later).toBeGreaterThan(least);
      expect(later).toBeLessThan(most);
    }
  });
  it('is not moved by the first run of a bout, nor by one that is somewhat slower', () => {
    const choice = createChoice();
    let n = 0;
    ways(choice, 16, (way) => (n++ % 4 === 0 ? 5e6 : way === 'alone' ? 2e6 : 1e6));
    expect(share(ways(choice, 1000, (way) => (n++ % 4 === 1 ? 5e6 : way === 'alone' ? 2e6 : 1e6)))).toBeGreaterThan(0.9);
  });
  it('gives up a run that is hopeless at once, and comes back soon', () => {
    const choice = createChoice();
    ways(choice, 16, (way) => (way === 'alone' ? 2e6 : 1e6));
    ways(choice, 1, () => 50e6);
    expect(share(ways(choice, 40, (way) => (way === 'alone' ? 2e6 : 1e6)))).toBeGreaterThan(0.5);
    expect(share(ways(createChoice(), 2000, (way) => (way === 'alone' ? 1e6 : 50e6)))).toBeLessThan(0.01);
  });
  it('changes at once when the cores are needed elsewhere, and back when they are not', () => {
    const choice = createChoice();
    ways(choice, 40, (way) => (way === 'alone' ? 2e6 : 1e6));
    expect(choice.slower()).toEqual([]);
    expect(share(ways(choice, 400, (way) => (way === 'alone' ? 2e6 : 5e6)))).toBeLessThan(0.15);
    expect(choice.slower()).toEqual(['2.00 ms, by threads 5.00 ms']);
    ways(choice, 300, (way) => (way === 'alone' ? 2e6 : 1e6));
    expect(ways(choice, 4, (way) => (way === 'alone' ? 2e6 : 1e6))).toEqual(['together', 'together', 'together', 'together']);
  });
});

describe('threads by themselves', () => {
  const of = (elements: number, times: number) => ({ program: text(rounds(elements, times)), inputs: new Map([['x', Float32Array.from({ length: elements }, (_, i) => i)]]) });
  it('are not even started for little work', () => {
    const m = machine(2, { always: false }), { program, inputs } = of(64, 10), loaded = m.load(program);
    for (let i = 0; i < 100; i++) results(m, program, loaded, inputs);
    expect(m.workers).toEqual([]);
    expect(m.said()).toEqual({ threads: '1', oneThread: 'no program needs more' });
  });
  it('start when what is worth it runs a second time, and change no bit of it', async () => {
    const m = machine(2, { always: false }), { program, inputs } = of(64, 20_000), loaded = m.load(program), first = bits(results(m, program, loaded, inputs));
    expect([m.workers, m.said()]).toEqual([[], { threads: '1', oneThread: 'none that needs more has run twice' }]);
    results(m, program, loaded, inputs);
    await running(2, m.said);
    for (let i = 0; i < 40; i++) expect(bits(results(m, program, loaded, inputs))).toEqual(first);
    for (const worker of m.workers) worker.end();
  });
  it('start at once for what is worth it even once', () => {
    const m = machine(2, { always: false });
    m.load(of(64, 200_000).program);
    expect(m.workers).toEqual([]);
    m.load(of(64, 20_000_000).program);
    expect(m.workers).toHaveLength(1);
    for (const worker of m.workers) worker.end();
  });
  it('give way to one where they are slower, and say so', async () => {
    const m = machine(2, { always: false }), program = text(meetings), loaded = m.load(program), inputs = new Map([['x', new Float32Array(64)]]);
    for (let i = 0; i < 2; i++) results(m, program, loaded, inputs);
    await running(2, m.said);
    for (let i = 0; i < 20; i++) results(m, program, loaded, inputs);
    expect(m.said()).toEqual({ threads: '2', alone: expect.stringMatching(/^meetings: \d+\.\d\d ms, by threads \d+\.\d\d ms$/) });
    for (const worker of m.workers) worker.end();
  });
});

describe('where there can be none', () => {
  afterEach(() => { vi.unstubAllGlobals(); });
  const saidOf = (options: Parameters<typeof wasm>[0]): Readonly<Record<string, string>> => {
    const { engine: _, precision: __, ...rest } = wasm(options).device();
    return rest;
  };
  it('is said why', () => {
    expect(saidOf({ threads: 1 })).toEqual({ threads: '1' });
    vi.stubGlobal('document', {});
    expect(saidOf({ threads: 2 })).toEqual({ threads: '1', oneThread: 'a page may not wait: run it in a worker' });
    vi.unstubAllGlobals();
    vi.stubGlobal('crossOriginIsolated', false);
    expect(saidOf({ threads: 2 })).toEqual({ threads: '1', oneThread: 'no memory can be shared: the page is not isolated from other origins' });
  });
  it('the text is the same, and the module knows nothing of them', () => {
    const program = planMemory(text(rounds(4, 4)), wasm().target), inputs = new Map([['x', Float32Array.of(1, 2, 3, 4)]]), wanted = wasm({ threads: 4 }).emit(program), one = wasm({ threads: 1 });
    const found = bits(results(one, program, one.load(program, one.emit(program)), inputs));
    const { Memory } = wasmPlatform, only = vi.spyOn(wasmPlatform, 'Memory').mockImplementation(function own(type) {
      if (type.shared === true) throw new TypeError('shared memories are not supported');
      return new Memory(type);
    });
    const backend = wasm({ threads: 4 });
    expect(backend.device()['oneThread']).toBe('no memory can be shared here');
    expect(backend.emit(program)).toEqual(wanted);
    expect(bits(results(backend, program, backend.load(program, backend.emit(program)), inputs))).toEqual(found);
    expect(only).toHaveBeenCalled();
    only.mockRestore();
  });
});
