import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { defaultStages, stagesOf, type Stages } from '../../../src/compile/stages.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { numbers } from '../../ir/loop/golden.ts';
import { backToFront, backward, forward, layer, spellings, weighted, type Attention } from './attention.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

const all = spellings.flatMap((spelling) => [false, true].map((causal) => ({ spelling, causal })));
const called = ({ spelling, causal }: Pick<Attention, 'spelling' | 'causal'>): string => `${spelling}${causal ? ', causal' : ''}`;
const cases = all.map((a) => [called(a), a] as const);

/** elements of the largest buffer that is neither read from outside nor a result */
const largest = ({ program }: Stages): number => Math.max(0, ...[...program.buffers.values()].filter((b) => b.role === 'temporary').map((b) => b.layout.size));

describe.each([['forward', forward], ['backward', backward]] as const)('attention %s', (_, direction) => {
  it.each(cases)('%s: one kernel, and no value of length × length is stored', (_name, a) => {
    const stages = staged(moduleOf(direction({ ...a, heads: 2, length: 48, width: 8 })));
    expect(stages.plan.groups.map((g) => g.nest.kind)).toEqual(['blocks']);
    expect(largest(stages)).toBe(0);
  });
  // whole blocks, blocks with a rest, blocks of one row, and nothing in blocks at all
  it.each(cases.flatMap(([name, a]) => [1 << 16, 400, 120, 0].map((scratchBytes) => [name, scratchBytes, a] as const)))('%s, with %i bytes of scratch: what the graph means', (_name, scratchBytes, a) => {
    expectMeaning(moduleOf(direction({ ...a, heads: 2, length: 7, width: 3 })), scratchBytes);
  });
});

describe('a row too long for scratch', () => {
  const long = { heads: 1, length: 41, width: 3 };
  const streamOf = (module: Module, scratchBytes: number) => staged(module, js(), scratchBytes).plan.groups.map(({ nest }) => (nest.kind === 'blocks' ? [nest.block, nest.stream?.block, nest.parts.filter((part) => part.streamed).length] : nest.kind));
  it.each([['forward', forward, 1], ['backward', backward, 3]] as const)('is a stream of columns, %s', (_, direction, passes) => {
    for (const causal of [false, true]) {
      const module = moduleOf(direction({ ...long, spelling: 'composite', causal }));
      expect(streamOf(module, 400)).toEqual([[expect.any(Number), 4, passes]]);
      expectMeaning(module, 400);
    }
  });
  it.each([['a sum', 'add'], ['a difference', 'sub']] as const)('takes one pass for %s of what scales with the maximum', (_, fn) => {
    const module = moduleOf(weighted(fn)(long));
    expect(streamOf(module, 400)).toEqual([[expect.any(Number), expect.any(Number), 1]]);
    expectMeaning(module, 400);
  });
  it('means the same where the first columns are nothing, and where all are: then it is no number', () => {
    const module = moduleOf(backToFront({ ...long, spelling: 'composite', causal: false }));
    expect(streamOf(module, 300)).toEqual([[expect.any(Number), expect.any(Number), 1]]);
    for (const scratchBytes of [1 << 16, 300, 0]) {
      expectMeaning(module, scratchBytes);
      const { program } = staged(module, js(), scratchBytes), found = interpretProgram(program, new Map(program.inputs.map((name, i) => [name, Float32Array.from(numbers(i, 123))])), { precision: 'f64', sizes: {} });
      expect(Array.from(found.get(program.outputs[0]) ?? [], Number.isNaN)).toEqual(Array.from({ length: 123 }, (_, i) => i >= 120));
    }
  });
});

describe.each([[false], [true]])('attention between projections, causal: %s', (causal) => {
  it('stores no value of length × length: the way back computes the probabilities again', () => {
    const stages = staged(moduleOf(layer({ causal, heads: 2, length: 48, width: 4 })));
    expect(stages.plan.groups.filter((g) => g.nest.kind === 'blocks')).toHaveLength(2);
    expect(largest(stages)).toBe(2 * 48 * 2 * 4);
  });
  it('means what the graph means', () => { for (const scratchBytes of [1 << 16, 300, 0]) expectMeaning(moduleOf(layer({ causal, heads: 2, length: 8, width: 4 })), scratchBytes); });
});

describe('buffers', () => {
  it('are counted, those read and those stored: with one less there are two kernels', () => {
    const module = moduleOf(forward({ spelling: 'composite', causal: false, heads: 2, length: 48, width: 8 })), kernels = (maxBuffers: number): number => stagesOf(module, { ...js(), target: { ...js().target, maxBuffers } }, { ...defaultStages, verify: true }).plan.groups.length;
    expect(kernels(4)).toBe(1);
    expect(kernels(3)).toBeGreaterThan(1);
  });
});

describe('memory', () => {
  const peak = (f: (a: Attention) => unknown, length: number, causal: boolean): number => {
    const { program } = staged(moduleOf(f({ spelling: 'composite', causal, heads: 1, length, width: 64 })));
    return count(program).peakBytes;
  };
  it.each([['forward', forward], ['backward', backward]] as const)('%s is linear in the length, up to 8192', (_, direction) => {
    for (const causal of [false, true]) {
      const [short, ...longer] = [1024, 2048, 4096, 8192].map((length) => peak(direction, length, causal) / length);
      for (const each of longer) expect(each).toBeLessThanOrEqual(short);
    }
  });
});
