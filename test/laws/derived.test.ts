import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoopBackend } from '../../src/backends/backend.ts';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import type { Kind } from '../../src/testing/derivatives.ts';
import { derived } from './derived.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runModule } from './run.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

const orders: readonly (readonly Kind[])[] = [['vjp'], ['jvp'], ['vjp', 'jvp'], ['jvp', 'vjp'], ['vjp', 'vjp'], ['jvp', 'jvp']];

const lawOn = (backend: LoopBackend<'sync'>, kinds: readonly Kind[], numRuns: number, ulps: number) => {
  const t = tally();
  fc.assert(fc.property(differentiable({ steps: kinds.length > 1 ? 6 : 9 }), (program) => {
    const { module, args } = derived(program, kinds);
    judge(module, args, runModule(backend, module, args), ulps, t);
  }), runs(numRuns, 41));
  return t;
};

describe('generated derivatives run through every stage and equal the meaning within its bounds', () => {
  it.each(orders.flatMap((kinds) => [js, wasm].map((backend) => [backend.name, kinds.join(' of '), backend, kinds] as const)))('%s: %s', (_, __, backend, kinds) => {
    const t = lawOn(backend(), kinds, 100, 16);
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
});
