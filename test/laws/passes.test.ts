import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret } from '../../src/ir/graph/interpret.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { foldRules } from '../../src/passes/graph/fold.ts';
import { pipelineOf } from '../../src/passes/graph/pipeline.ts';
import type { PassTrace } from '../../src/passes/pass.ts';
import { runPasses } from '../../src/passes/run.ts';
import { programs, type GeneratedProgram } from '../../src/testing/index.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { expanded, expectSameBits, expectWithin, fewSkipped, lastDigits, tally, type Tally } from './meaning.ts';
import { runs } from './runs.ts';
import { everyRule, keepsBits } from './tables.ts';

/** a pass that fired exact rules only gives the same bits; any other the same value, but for the last digits */
const passKeepsMeaning = ({ pass, before, after, fired }: PassTrace, { args }: GeneratedProgram, t: Tally, exact: { count: number }): void => {
  if (fired.size === 0) return;
  if (keepsBits(fired.keys())) { exact.count++; expectSameBits(before, after, args, pass); return; }
  // constants that are computed are rounded to their dtype
  const rounds = [...fired.keys()].some((name) => foldRules.some((r) => r.name === name) || everyRule.get(name)?.class === 'fast');
  expectWithin(before, args, interpret(expanded(after), args, { precision: 'f64' }), rounds ? { ulps: 4 } : lastDigits, t, `${pass} (${[...fired.keys()].join('; ')})`);
};

describe('graph passes keep the meaning of generated programs, and leave them well-formed', () => {
  const exact = { count: 0 };
  for (const [name, passes] of [['by default', pipelineOf({})], ['with the fast rules', pipelineOf({ fast: true })]] as const) {
    it(`each pass, ${name}`, () => {
      const t = tally();
      fc.assert(fc.property(programs({ ops: everyOp }), (program) => {
        const traces: PassTrace[] = [];
        runPasses(program.module, passes, { verify: true, trace: (s) => { traces.push(s); } });
        for (const trace of traces) passKeepsMeaning(trace, program, t, exact);
      }), runs(150, 21));
      fewSkipped(t);
      expect(exact.count).toBeGreaterThan(100);
    });
  }
  it('all of them together', () => {
    const t = tally();
    fc.assert(fc.property(programs({ ops: everyOp }), ({ module, args }) => {
      const after: Module = runPasses(module, pipelineOf({}));
      expectWithin(module, args, interpret(after, args, { precision: 'f64' }), { ulps: 4 }, t);
    }), runs(150, 22));
    fewSkipped(t);
  });
});
