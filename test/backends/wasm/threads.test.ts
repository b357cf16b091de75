import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Loaded } from '../../../src/backends/backend.ts';
import type { ThreadOptions } from '../../../src/backends/wasm/threads.ts';
import { typedArray, type TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { difference, golden, numbers, smaller } from '../../ir/loop/golden.ts';
import { alone, machine, results, running, type Machine } from './threaded.ts';

/** second moments are not negative, steps are counted, labels lie within ten classes */
const inputsOf = (program: Program): ReadonlyMap<string, TypedArray> => new Map(program.inputs.map((id, i): [string, TypedArray] => {
  const { dtype = 'f32', layout: { size } = { size: 0 } } = program.buffers.get(id) ?? {};
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
/** for thousands of numbers quicker to compare than they are */
const bits = (values: ReadonlyMap<string, TypedArray>): readonly string[] => [...values].map(([id, { buffer, length }]) => `${id}: ${length} ${createHash('sha1').update(new Uint8Array(buffer)).digest('hex')}`);

const step = golden('trainStepThreads.tiled'), quick = golden('trainStepThreads.tiled', smaller.trainStepThreads);

describe('threads', () => {
  it.each([2, 3, 5])('%i of them give the same bits as one', async (threads) => {
    expect(bits(await byThreads(step, threads))).toEqual(bits(byOne(step)));
  });
  it('compute what the text means', async () => {
    const wanted = interpretProgram(quick, inputsOf(quick), { precision: 'f64' }), found = await byThreads(quick, 2);
    const unlike = [...wanted].map(([id, values]) => ({ id, by: difference(Array.from(found.get(id) ?? []), Array.from(values)) })).filter(({ by }) => !(by < 2e-6));
    expect(unlike).toEqual([]);
  });
});
