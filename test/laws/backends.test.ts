import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoopBackend } from '../../src/backends/backend.ts';
import { gpujs, gpujsTarget, type SyncMode } from '../../src/backends/gpujs/gpujs.ts';
import { js, jsTarget } from '../../src/backends/js/js.ts';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import { interpretProgram } from '../../src/ir/loop/interpret.ts';
import { verifyProgram } from '../../src/ir/loop/verify.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { boundedResults, compare } from '../../src/testing/bounds.ts';
import { buildRecipe, recipes, type Recipe } from '../../src/testing/graphs.ts';

/** how many elements were judged, and how many a rounding error could have tripped */
interface Tally { judged: number; skipped: number; refused: number }
const fewSkipped = (t: Tally): void => {
  expect(t.judged).toBeGreaterThan(1000);
  expect(t.skipped / t.judged).toBeLessThan(0.02);
};

const agrees = (recipe: Recipe, run: (built: ReturnType<typeof buildRecipe>) => readonly ArrayLike<number>[] | undefined, t: Tally, ulps: number): void => {
  const built = buildRecipe(recipe), results = run(built);
  if (results === undefined) { t.refused++; return; }
  for (const [i, wanted] of boundedResults(built.module, built.args, { ulps }).entries()) {
    const { beyond, skipped } = compare(results[i], wanted);
    t.judged += wanted.value.length;
    t.skipped += skipped;
    expect(beyond).toBeUndefined();
  }
};
const mainOf = ({ module }: ReturnType<typeof buildRecipe>) => {
  const graph = module.graphs.get(module.main);
  if (graph === undefined) throw new Error('no main');
  return graph;
};

describe('the planner keeps the meaning, on generated programs', () => {
  for (const [target, stage] of [[jsTarget, 'naive'], [gpujsTarget, 'flat']] as const) {
    it(`at the ${stage} stage`, () => {
      const t: Tally = { judged: 0, skipped: 0, refused: 0 };
      fc.assert(fc.property(recipes(), (recipe) => agrees(recipe, (built) => {
        const program = realise(makePlan(mainOf(built), target), target);
        expect(verifyProgram(program, stage)).toEqual([]);
        const outputs = interpretProgram(program, new Map(program.inputs.map((name, i) => [name, built.args[i]])), { precision: 'f64', sizes: {} });
        return program.outputs.map((name) => outputs.get(name) ?? []);
      }, t, 8)), { numRuns: 400, seed: 11 });
      fewSkipped(t);
    });
  }
});

const onBackend = (backend: LoopBackend<'sync'>, numRuns: number, ulps: number): Tally => {
  const t: Tally = { judged: 0, skipped: 0, refused: 0 };
  fc.assert(fc.property(recipes(), (recipe) => agrees(recipe, (built) => {
    const graph = mainOf(built);
    const program = runLoopPasses(realise(makePlan(graph, backend.target), backend.target), loopPipeline(backend.target), backend.target, { verify: true });
    if (backend.refusals(program).length > 0) return undefined;
    const loaded = backend.load(program, backend.emit(program));
    return loaded.run(built.args.map((a, i) => backend.memory.upload(graph.params[i].type.dtype, a)), {}).map((h) => backend.memory.read(h));
  }, t, ulps)), { numRuns, seed: 5 });
  return t;
};

describe('backends equal the reference within its error bounds, on generated programs', () => {
  it('js', () => { const t = onBackend(js(), 400, 8); fewSkipped(t); expect(t.refused).toBe(0); });
});

/** why headless GL cannot be had here, or undefined */
const glProblem = (mode: SyncMode): string | undefined => {
  const program = { name: 'empty', syms: new Map(), buffers: new Map(), kernels: new Map(), steps: [], inputs: [], outputs: [] };
  return gpujs({ mode }).refusals(program)[0]?.message;
};
describe('gpu.js kernels', () => {
  const missing = glProblem('headlessgl');
  it.runIf(process.env['FLUXION_REQUIRE_GL'] === '1')('headless GL is really there', () => expect(missing).toBeUndefined());
  for (const mode of ['cpu', 'webasm', 'headlessgl'] as const) {
    const absent = mode === 'headlessgl' ? missing : undefined;
    it.skipIf(absent !== undefined)(`${mode}: a softmax over rows${absent === undefined ? '' : ` (${absent})`}`, () => {
      const backend = gpujs({ mode });
      const { b, results } = softmaxModule();
      const program = runLoopPasses(realise(makePlan(b, backend.target), backend.target), loopPipeline(backend.target), backend.target, { verify: true });
      expect(backend.refusals(program)).toEqual([]);
      const loaded = backend.load(program, backend.emit(program));
      const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(3 * i) * 4);
      const [y] = loaded.run([backend.memory.upload('f32', x)], {}).map((h) => backend.memory.read(h));
      results(x).forEach((p, i) => expect(Math.abs(y[i] - p)).toBeLessThan(1e-6));
      expect(backend.device()['kernel']).toBe({ cpu: 'CPUKernel', webasm: 'WebAssemblyKernel', headlessgl: 'HeadlessGLKernel' }[mode]);
      expect(backend.device()['fallback']).toBe('none');
    });
  }
});

const softmaxModule = () => {
  const b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype: 'f32', shape: [3, 4] });
  const shifted = b.map('sub', [x, b.expand(b.reduce('max', x, [1]), [3, 4], [1])]), e = b.map('exp', [shifted]);
  b.addGraph({ name: 'main', params: [x], results: [b.map('div', [e, b.expand(b.reduce('add', e, [1]), [3, 4], [1])])] });
  const results = (data: Float32Array): readonly number[] => [0, 1, 2].flatMap((r) => {
    const row = Array.from(data.subarray(4 * r, 4 * r + 4), (v) => Math.exp(v)), total = row.reduce((p, q) => p + q, 0);
    return row.map((v) => v / total);
  });
  return { b: b.graph('main'), results };
};
