import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gpujsTarget } from '../../src/backends/gpujs/gpujs.ts';
import { jsTarget } from '../../src/backends/js/js.ts';
import type { Module, Node, OpName } from '../../src/ir/graph/syntax.ts';
import { topological } from '../../src/ir/graph/walk.ts';
import { monoids } from '../../src/ir/monoids.ts';
import { scalarName } from '../../src/ir/scalars.ts';
import { pipelineOf } from '../../src/passes/graph/pipeline.ts';
import { rewrite } from '../../src/passes/graph/rewrite.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { unrollLoops } from '../../src/passes/graph/clean.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import type { MergeRule, Nest, Plan } from '../../src/passes/plan/plan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { runPasses } from '../../src/passes/run.ts';
import { derivativeOf, floatPlaces, mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { scalarNames } from '../../src/testing/grow.ts';
import { programs } from '../../src/testing/index.ts';
import { generator } from '../../src/testing/random.ts';
import { programsFor } from '../../src/testing/rulePrograms.ts';
import { differentiable } from './smooth.ts';
import { everyRule, rewritings } from './tables.ts';

/** what generated programs, and their derivatives, set off on the way through every stage */
const seen = { ops: new Set<OpName>(), fns: new Set<string>(), monoids: new Set<string>(), fired: new Map<string, number>(), merges: new Set<string>(), refusals: new Set<string>(), nests: new Set<string>(), loopPasses: new Set<string>() };

const noteGraph = (nodes: readonly Node[]): void => {
  for (const n of nodes) {
    seen.ops.add(n.op);
    if (n.op === 'map') seen.fns.add(scalarName(n.attrs.fn));
    if (n.op === 'reduce') seen.monoids.add(n.attrs.monoid);
  }
};
const notePlan = (plan: Plan): void => {
  for (const { nest, why } of plan.groups) {
    seen.nests.add(nest.kind);
    for (const r of why) (r.outcome === 'merged' ? seen.merges : seen.refusals).add(r.rule);
  }
};
const follow = (module: Module, fast: boolean): void => {
  for (const graph of module.graphs.values()) noteGraph(topological([...graph.params, ...graph.results]));
  const count = (name: string, n: number): void => { seen.fired.set(name, (seen.fired.get(name) ?? 0) + n); };
  const optimised = runPasses(module, pipelineOf({ fast }), { trace: ({ fired }) => fired.forEach((n, name) => count(name, n)) });
  for (const target of [jsTarget, gpujsTarget]) {
    const after = target.shape === 'flat' ? unrollLoops.run(optimised, (name) => count(name, 1)) : optimised, plan = makePlan(mainOf(after), target, new Set(), [], after);
    notePlan(plan);
    notePlan(makePlan(mainOf(after), target, new Set(mainOf(after).params), [], after));
    runLoopPasses(realise(plan, target), loopPipeline(target), target, { trace: ({ pass, before, after: made }) => { if (made !== before) seen.loopPasses.add(pass); } });
  }
};

beforeAll(() => {
  for (const { module } of fc.sample(programs({ ops: everyOp }), { numRuns: 500, seed: 51 })) follow(module, false);
  for (const { module } of fc.sample(programs({ steps: 16 }), { numRuns: 200, seed: 52 })) follow(module, true);
  for (const { module } of fc.sample(differentiable(), { numRuns: 150, seed: 53 })) follow(derivativeOf(module, 'vjp', floatPlaces(mainOf(module).params)), false);
}, 120_000);

const missing = (all: Iterable<string>, found: { has: (name: string) => boolean }): readonly string[] => [...all].filter((name) => !found.has(name));

describe('nothing in the tables is left out by generated programs', () => {
  it('no operation', () => {
    const all: { readonly [K in OpName]: true } = {
      parameter: true, constant: true, iota: true, map: true, broadcastInDim: true, reshape: true, transpose: true, slice: true, pad: true, reverse: true, concatenate: true, window: true, overlapAdd: true, dotGeneral: true,
      reduce: true, gather: true, scatter: true, dynamicSlice: true, dynamicUpdateSlice: true, argsort: true, scan: true, while: true, case: true, getDimensionSize: true, get: true, call: true, composite: true, transform: true,
    };
    expect(missing(Object.keys(all), seen.ops as ReadonlySet<string>)).toEqual([]);
  });
  it('no scalar function', () => expect(missing(scalarNames, seen.fns)).toEqual([]));
  it('no monoid', () => expect(missing(Object.keys(monoids), seen.monoids)).toEqual([]));
  it('no merge rule, neither where it merges nor where it is refused, and no kind of nest', () => {
    const merges: { readonly [K in MergeRule]: true } = { inline: true, epilogue: true, rows: true, siblings: true, stream: true };
    const nests: { readonly [K in Nest['kind']]: true } = { map: true, rows: true, contract: true, scatter: true, sort: true, control: true, blocks: true, update: true };
    // contractions around a wide value that stays in scratch are made by hand in the tests of attention
    const byHand: readonly string[] = ['stream', 'blocks'];
    const left = (all: object, found: ReadonlySet<string>): readonly string[] => missing(Object.keys(all), found).filter((name) => !byHand.includes(name));
    expect(left(merges, seen.merges)).toEqual([]);
    expect(left(merges, seen.refusals)).toEqual([]);
    expect(left(nests, seen.nests)).toEqual([]);
  });
  it('no loop pass', () => expect(missing(loopPipeline(jsTarget).map((p) => p.name), seen.loopPasses)).toEqual([]));
  it('nothing that passes do beside rules', () => {
    // a composite under a logarithm, and a graph that nothing names, are made by hand in the tests of stabilise and of the pipeline
    const byHand: readonly string[] = ['composite under a logarithm = body', 'drop an unused graph'];
    expect(missing(rewritings.filter((name) => !byHand.includes(name)), seen.fired)).toEqual([]);
  });
});

describe('every rewrite rule fires', () => {
  it('on programs of its own', () => {
    const random = generator(54), idle = [...everyRule.values()].filter((rule) => {
      const own = programsFor(rule, random);
      return own.length === 0 || !own.every(({ module }) => { let count = 0; rewrite(rule.name, [rule]).run(module, () => { count++; }); return count > 0; });
    });
    expect(idle.map((r) => r.name)).toEqual([]);
  });
  it('and most on random ones, as part of the pipeline', () => {
    const never = missing(everyRule.keys(), seen.fired), share = 1 - never.length / everyRule.size;
    console.log(`${everyRule.size - never.length} of ${everyRule.size} rules fire on random programs; the others: ${never.join('; ')}`);
    expect(share).toBeGreaterThan(0.5);
  });
});
