import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoopBackend } from '../../src/backends/backend.ts';
import { js, jsTarget } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { add, argmax, array, compile, f32, fn, logSumExp, matmul, max, orThrow, relu, softmax, sum, transpose } from '../../src/index.ts';
import { reference } from '../../src/backends/reference/reference.ts';
import type { Node } from '../../src/ir/graph/syntax.ts';
import { interpretProgram } from '../../src/ir/loop/interpret.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { schedule, type Choices } from '../../src/passes/loop/choices.ts';
import { fusionRule, type FusionRule } from '../../src/passes/plan/fusion.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { generator } from '../../src/testing/random.ts';
import { running } from '../backends/wasm/threaded.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runModule } from './run.ts';
import { runs } from './runs.ts';

/** forbids a third of the merges, asks for another third, and leaves the others to the planner */
const whim = (seed: number, told: boolean[]): FusionRule => {
  const random = generator(seed);
  return fusionRule('whim', () => {
    const x = random(), merge = x < 1 / 3;
    if (x > 2 / 3) return undefined;
    told.push(merge);
    return { merge, because: 'it came so' };
  });
};
const some = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
/** any legal choice, for vectors of so many lanes */
const choices = (lanes: number): fc.Arbitrary<Choices> => fc.record({
  m: some(fc.integer({ min: 1, max: 16 })), n: some(lanes === 1 ? fc.integer({ min: 1, max: 32 }) : fc.constantFrom(lanes, 2 * lanes, 4 * lanes, 8 * lanes)), k: some(fc.integer({ min: 1, max: 16 })),
  pack: some(fc.boolean()), vectors: some(fc.boolean()), blocks: some(fc.integer({ min: 1, max: 64 })),
}).map(({ m, n, k, pack, vectors, blocks }) => ({
  tile: { ...(m && { m }), ...(n && { n }), ...(k && { k }) }, ...(pack !== undefined && { pack }), ...(vectors !== undefined && { vectors }), ...(blocks && { blocks }),
}));
const backends: readonly (readonly [string, LoopBackend<'sync'>])[] = [['js', js()], ['wasm', wasm({ threads: 1 })]];
const products = { ops: ['dotGeneral', 'map', 'dotGeneral', 'reduce', 'transpose', 'pad', 'dotGeneral', 'map'], steps: 6 } as const;

describe.each(backends)('on %s the results are within their bounds', (_, backend) => {
  it('whatever is forbidden, or asked for, of the planner', () => {
    const t = tally(), told: boolean[] = [];
    fc.assert(fc.property(programs({ ops: everyOp }), fc.nat(), ({ module, args }, seed) => judge(module, args, runModule(backend, module, args, { fusions: [whim(seed, told)] }), 16, t)), runs(150, 41));
    fc.assert(fc.property(programs(products), fc.nat(), ({ module, args }, seed) => judge(module, args, runModule(backend, module, args, { fusions: [whim(seed, told)] }), 16, t)), runs(100, 42));
    fewSkipped(t);
    expect([told.filter((merge) => merge).length > 100, told.filter((merge) => !merge).length > 100]).toEqual([true, true]);
  });
  it('whatever is chosen for the loops', () => {
    const t = tally();
    for (const [options, seed] of [[{ ops: everyOp }, 43], [products, 44]] as const) {
      fc.assert(fc.property(programs(options), choices(backend.target.vectorWidth), ({ module, args }, chosen) => judge(module, args, runModule(backend, module, args, { schedules: [schedule(() => true, chosen)] }), 16, t)), runs(120, seed));
    }
    fewSkipped(t);
  });
  it('at sizes beyond any tile, those of the last batch among them', () => {
    const random = generator(7), fill = (n: number): Float32Array => Float32Array.from({ length: n }, () => 2 * random() - 1);
    const f = fn([f32(['batch', 45]), f32([45, 37]), f32([29, 37]), f32([37])], (x, w, v, b) => softmax(matmul(relu(add(matmul(x, w), b)), transpose(v))), { name: 'f' });
    const dims = { batch: { max: 70 } }, args = (n: number) => [fill(n * 45), fill(45 * 37), fill(29 * 37), fill(37)] as const, meant = orThrow(compile(f, { dims, backend: reference() }));
    fc.assert(fc.property(choices(backend.target.vectorWidth), (chosen) => {
      using run = orThrow(compile(f, { dims, backend, schedules: [schedule(() => true, chosen)] }));
      for (const n of [70, 33]) {
        const given = args(n), wanted = meant(...given).data;
        run(...given).data.forEach((y, i) => { if (Math.abs(y - wanted[i]) > 1e-5) expect(y, `element ${i} at ${n}`).toBe(wanted[i]); });
      }
    }), runs(24, 45));
  });
});

it('results are written over donated parameters bit for bit, whatever shares a kernel', () => {
  let overwritten = 0;
  fc.assert(fc.property(programs({ steps: 10, dtypes: ['f32'], ops: ['map', 'map', 'reduce', 'broadcastInDim', 'dotGeneral', 'gather', 'reshape'] }), fc.nat(), ({ module, args }, seed) => {
    const graph = mainOf(module), [plain, donated] = [new Set<Node>(), new Set<Node>(graph.params)].map((given) => makePlan(graph, jsTarget, given, [whim(seed, [])]));
    const [wanted, got] = [plain, donated].map((plan) => {
      const program = realise(plan, jsTarget), outputs = interpretProgram(program, new Map(program.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes: {} });
      return program.outputs.map((name) => Array.from(outputs.get(name) ?? []));
    });
    expect(got).toEqual(wanted);
    overwritten += donated.inPlace.size;
  }), runs(200, 46));
  expect(overwritten).toBeGreaterThan(25);
});
it('any number of threads gives the same bits, into however many blocks loops are divided', async () => {
  const f = fn([f32(['batch', 64]), f32([64, 48])], (x, w) => softmax(relu(matmul(x, w))), { name: 'f' }), random = generator(3), dims = { batch: { max: 200 } };
  const [x, w] = [200 * 64, 64 * 48].map((n) => Float32Array.from({ length: n }, () => random() - 0.5)), [one, two] = [1, 2].map((threads) => wasm({ threads }));
  for (const blocks of [1, 2, 3, 7, 64]) {
    const schedules = [schedule(() => true, { blocks })], alone = orThrow(compile(f, { dims, backend: one, schedules })), shared = orThrow(compile(f, { dims, backend: two, schedules }));
    if (blocks > 1) await running(2, two.device);
    expect(shared(x, w).data).toEqual(alone(x, w).data);
    alone[Symbol.dispose]();
    shared[Symbol.dispose]();
  }
});
it('what rows of any number are folded into is the same with one thread and with two, and what it means', async () => {
  const f = fn([f32(['batch', 48])], (x) => ({ loss: sum(logSumExp(x, 1)), slopes: sum(softmax(x), 0), top: max(x), best: argmax(max(x, 1), 0) }), { name: 'f' });
  const random = generator(4), [one, two] = [1, 2].map((threads) => wasm({ threads })), dims = { batch: { max: 300 } }, alone = orThrow(compile(f, { dims, backend: one })), shared = orThrow(compile(f, { dims, backend: two })), meant = orThrow(compile(f, { dims, backend: reference({ precision: 'f64' }) }));
  for (const n of [300, 299, 101, 75, 76, 4, 1]) {
    const x = array(Float32Array.from({ length: n * 48 }, () => 4 * random() - 2), [n, 48]);
    const [a, b, c] = [alone, shared, meant].map((run) => { const all = run(x); return [all.loss, all.slopes, all.top, all.best].flatMap((r) => Array.from(r.data as ArrayLike<number>)); });
    expect(b).toEqual(a);
    a.forEach((value, i) => expect(Math.abs(value - c[i])).toBeLessThan(2e-5 * (1 + Math.abs(c[i]))));
    if (n === 300) await running(2, two.device);
  }
});
