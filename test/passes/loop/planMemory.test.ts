import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DType } from '../../../src/core/dtype.ts';
import { byteSize } from '../../../src/core/dtype.ts';
import { rowMajor } from '../../../src/ir/loop/print.ts';
import type { Buffer, Program, Step } from '../../../src/ir/loop/syntax.ts';
import { lifetimes, planMemory } from '../../../src/passes/loop/planMemory.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { runs } from '../../laws/runs.ts';

const temporary = (dtype: DType, size: number): Buffer => ({ dtype, role: 'temporary', layout: rowMajor([size]) });
const programWith = (buffers: ReadonlyMap<string, Buffer>, steps: readonly Step[]): Program =>
  ({ name: 'p', syms: new Map(), buffers, kernels: new Map(), steps, inputs: [], outputs: [] });

const programs = fc.record({
  buffers: fc.array(fc.record({ dtype: fc.constantFrom<DType>('f32', 'f64', 'i32', 'bool'), size: fc.integer({ min: 0, max: 40 }), shared: fc.boolean() }), { minLength: 1, maxLength: 8 }),
  steps: fc.array(fc.record({ args: fc.array(fc.nat(), { maxLength: 4 }), barrier: fc.boolean(), loop: fc.boolean() }), { maxLength: 10 }),
}).map(({ buffers, steps }): Program => {
  const named = buffers.map(({ dtype, size, shared }, i): [string, Buffer] => [`t${i}`,
    shared && i > 0 && buffers[i - 1].dtype === dtype && !buffers[i - 1].shared ? { ...temporary(dtype, buffers[i - 1].size), sameAs: `t${i - 1}` } : temporary(dtype, size)]);
  const run = (args: readonly number[]): Step => ({ kind: 'run', kernel: 'k', args: args.map((n) => `t${n % named.length}`) });
  const all = steps.flatMap(({ args, barrier, loop }): readonly Step[] => [
    ...(barrier ? [{ kind: 'barrier' } as const] : []),
    loop ? { kind: 'loop', axis: 't', extent: { bias: 3, terms: [] }, body: args.map((n) => run([n])) } : run(args)]);
  return programWith(new Map(named), all);
});

it.each([['one thread', undefined], ['threads that share', { work: 1, rows: 1 }]] as const)('what lives at the same time shares no byte, %s', (_, blocks) => fc.assert(fc.property(programs, (program) => {
  const target = { ...jsTarget, ...(blocks && { blocks }) }, { arena } = planMemory(program, target), lives = lifetimes(program, target);
  const at = (name: string): number => arena?.offsets.get(name) ?? NaN;
  for (const a of lives) {
    expect(at(a.buffer) % 16).toBe(0);
    expect(at(a.buffer) + a.bytes).toBeLessThanOrEqual(arena?.bytes ?? NaN);
    for (const b of lives) {
      if (a === b || a.to < b.from || b.to < a.from || a.bytes === 0 || b.bytes === 0) continue;
      expect(at(a.buffer) + a.bytes <= at(b.buffer) || at(b.buffer) + b.bytes <= at(a.buffer)).toBe(true);
    }
  }
  const sum = [...program.buffers.values()].filter((b) => b.sameAs === undefined).reduce((n, b) => n + Math.ceil((b.layout.size * byteSize[b.dtype]) / 16) * 16, 0);
  expect(arena?.bytes).toBeLessThanOrEqual(sum);
  expect([...(arena?.offsets.keys() ?? [])].sort()).toEqual([...program.buffers].filter(([, b]) => b.sameAs === undefined).map(([name]) => name).sort());
}), runs(200, 78)));

const run = (...args: readonly string[]): Step => ({ kind: 'run', kernel: 'k', args });
const three = new Map([['a', temporary('f32', 100)], ['b', temporary('f32', 100)], ['c', temporary('f32', 100)]]);
it('a chain takes two places: what a step reads is not what it writes', () =>
  expect(planMemory(programWith(three, [run('a'), run('a', 'b'), run('b', 'c')]), jsTarget).arena?.bytes).toBe(800));
it('with threads, places are free only after a barrier', () => {
  const threads = { ...jsTarget, blocks: { work: 1, rows: 1 } }, barrier: Step = { kind: 'barrier' };
  expect(planMemory(programWith(three, [run('a'), run('b'), run('c')]), threads).arena?.bytes).toBe(1200);
  expect(planMemory(programWith(three, [run('a'), barrier, run('b'), barrier, run('c')]), threads).arena?.bytes).toBe(400);
});
it('those of one size are placed as they are first used, whatever they are called: four in a row need two places', () => {
  const four = new Map(['a', 'b', 'c', 'd'].map((name) => [name, temporary('f32', 100)]));
  expect(planMemory(programWith(four, [run('a'), run('a', 'c'), run('c', 'd'), run('d', 'b'), run('b')]), jsTarget).arena?.bytes).toBe(800);
});
