import { afterEach, describe, expect, it } from 'vitest';
import type { Loaded } from '../../../src/backends/backend.ts';
import type { ThreadOptions } from '../../../src/backends/wasm/threads.ts';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { typedArray, type TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { difference, golden, numbers, smaller } from '../../ir/loop/golden.ts';
import { bits } from './bits.ts';
import { alone, machine, results, running, text, type Machine } from './threaded.ts';
import { astray, doubles, ways } from './threadTexts.ts';

/** second moments are not negative, steps are counted, labels lie within ten classes */
const inputsOf = (program: Program): ReadonlyMap<string, TypedArray> => new Map(program.inputs.map((id, i): [string, TypedArray] => {
  const { dtype = 'f32', layout: { size } = { size: 0 } } = program.buffers.get(id) ?? {};
  if (dtype === 'f64') return [id, Float64Array.from({ length: size }, (_, at) => Math.sin(at * at + i))];
  if (dtype !== 'f32') return [id, typedArray(dtype, Array.from({ length: size }, (_, at) => (size === 1 ? 3 : (at * 7 + i) % 10)))];
  const given = numbers(i + 1, size);
  return [id, id === 'v' ? given.map((x) => x * x) : given];
}));

const machines: Machine[] = [];
const of = (threads: number, options: Partial<ThreadOptions> = {}): Machine => { const made = machine(threads, options); machines.push(made); return made; };
afterEach(() => { for (const { workers } of machines.splice(0)) for (const worker of workers) worker.end(); });

/** loaded, when all threads are there */
const loadedBy = async (m: Machine, program: Program, threads: number): Promise<Loaded<'sync'>> => {
  const loaded = m.load(program);
  if (threads > 1) await running(threads, m.said);
  return loaded;
};
const byThreads = async (program: Program, threads: number, sizes: Readonly<Record<string, number>> = {}): Promise<ReadonlyMap<string, TypedArray>> => {
  const m = of(threads), loaded = await loadedBy(m, program, threads);
  return results(m, program, loaded, inputsOf(program), sizes);
};

/** of an unshared memory, without a word of threads in the module */
const byOne = (program: Program, sizes: Readonly<Record<string, number>> = {}): ReadonlyMap<string, TypedArray> => {
  const m = alone();
  return results(m, program, m.load(program), inputsOf(program), sizes);
};

const step = golden('trainStepThreads.tiled'), quick = golden('trainStepThreads.tiled', smaller.trainStepThreads);

describe('threads', () => {
  it.each([2, 3, 5])('%i of them give the same bits as one', async (threads) => {
    expect(bits(await byThreads(step, threads))).toEqual(bits(byOne(step)));
  });
  it.each([2, 3, 7])('%i of them divide what can be divided, and do the rest once', async (threads) => {
    const program = text(ways), m = of(threads), loaded = await loadedBy(m, program, threads), inputs = inputsOf(program);
    for (const n of [0, 1, 2, 3, 4, 5, 11, 40]) {
      const wanted = bits(byOne(program, { n }));
      for (let i = 0; i < 50; i++) expect(bits(results(m, program, loaded, inputs, { n }))).toEqual(wanted);
    }
  });
  it.each([2, 3])('%i of them give the same bits of f64', async (threads) => {
    const target = { ...wasmTarget, blocks: { work: 1, rows: 2 } }, program = runLoopPasses(text(doubles), loopPipeline(target), target, { verify: true });
    expect([...program.kernels.values()].every((k) => k.body.some((s) => s.kind === 'for' && s.mode.at === 'grid'))).toBe(true);
    expect(bits(await byThreads(program, threads))).toEqual(bits(byOne(program)));
  });
  it('compute what the text means', async () => {
    for (const [program, sizes] of [[quick, {}], [text(ways), { n: 11 }]] as const) {
      const wanted = interpretProgram(program, inputsOf(program), { precision: 'f64', sizes }), found = await byThreads(program, 2, sizes);
      const unlike = [...wanted].map(([id, values]) => ({ id, by: difference(Array.from(found.get(id) ?? []), Array.from(values)) })).filter(({ by }) => !(by < 2e-6));
      expect(unlike).toEqual([]);
    }
  });
});

describe('a thread that fails', () => {
  const program = text(astray), far = new Map([['x', Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1)]]), near = new Map([['x', new Int32Array(8)]]);
  it.each([[2, 'thread 2'], [3, 'thread 3']])('of %i is a diagnostic, and others take over', async (threads, which) => {
    const m = of(threads), loaded = await loadedBy(m, program, threads);
    expect(() => results(m, program, loaded, far)).toThrow(`FX5202: wasm: ${which} stopped: memory access out of bounds, while ${threads} ran astray`);
    expect(m.memory.stats().liveBytes).toBe(0);
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    await running(threads, m.said);
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    expect(m.workers).toHaveLength(2 * (threads - 1));
  });
  it('first is one too', async () => {
    const m = of(2), loaded = await loadedBy(m, program, 2);
    expect(() => results(m, program, loaded, new Map([['x', Int32Array.of(1, 0, 0, 0, 0, 0, 0, 0)]]))).toThrow('thread 1 stopped: memory access out of bounds');
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
  });
  it('again and again leaves one', async () => {
    const m = of(2), loaded = m.load(program);
    for (let i = 0; i < 3; i++) {
      results(m, program, loaded, near);
      await running(2, m.said);
      expect(() => results(m, program, loaded, far)).toThrow('FX5202');
    }
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    expect(m.said()).toEqual({ threads: '1', oneThread: 'thread 2 stopped: memory access out of bounds' });
    expect(m.workers).toHaveLength(3);
  });
  it('without a word is missed, and a diagnostic', async () => {
    const m = of(2, { naps: 2 }), loaded = await loadedBy(m, program, 2);
    m.workers[0].end();
    expect(() => results(m, program, loaded, near)).toThrow('FX5202: wasm: thread 2 did not answer in time, while 2 ran astray');
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    await running(2, m.said);
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
  });
  it.each([[0, 2], [1, 3], [2, 4]])('without a word is told from those that noticed: worker %i', async (worker, thread) => {
    const m = of(4, { naps: 2 }), loaded = await loadedBy(m, program, 4);
    m.workers[worker].end();
    expect(() => results(m, program, loaded, near)).toThrow(`FX5202: wasm: thread ${thread} did not answer in time, while 4 ran astray`);
    expect(m.said()['oneThread']).toBe(`thread ${thread} did not answer in time`);
  });
  it('between two runs is missed by none', async () => {
    const m = of(2), loaded = await loadedBy(m, program, 2);
    m.workers[0].end();
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    await running(2, m.said);
  });
  it('to start leaves one', () => {
    const m = of(2, { start: () => { throw new Error('workers are forbidden here'); } }), loaded = m.load(program);
    for (let i = 0; i < 5; i++) expect(results(m, program, loaded, near).get('y')).toEqual(new Int32Array(8));
    expect(m.said()).toEqual({ threads: '1', oneThread: 'no thread could be started: workers are forbidden here' });
  });
});
