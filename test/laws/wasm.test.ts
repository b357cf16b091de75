import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runGraph, runModule } from './run.ts';
import { runs } from './runs.ts';

describe('wasm equals the reference within its error bounds', () => {
  it('on generated graphs as they are', () => {
    const t = tally(), backend = wasm();
    fc.assert(fc.property(programs(), ({ module, args }) => judge(module, args, runGraph(backend, mainOf(module), args), 8, t)), runs(300, 25));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
  it('on generated modules through every stage', () => {
    const t = tally(), backend = wasm();
    fc.assert(fc.property(programs({ ops: everyOp }), ({ module, args }) => judge(module, args, runModule(backend, module, args), 16, t)), runs(200, 26));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
});
