import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujs, type SyncMode } from '../../src/backends/gpujs/gpujs.ts';
import { js } from '../../src/backends/js/js.ts';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runGraph, runModule } from './run.ts';
import { runs } from './runs.ts';

describe('backends equal the reference within its error bounds', () => {
  it('js, on generated graphs as they are', () => {
    const t = tally(), backend = js();
    fc.assert(fc.property(programs(), ({ module, args }) => judge(module, args, runGraph(backend, mainOf(module), args), 8, t)), runs(300, 5));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
  it('js, on generated modules through every stage', () => {
    const t = tally(), backend = js();
    fc.assert(fc.property(programs({ ops: everyOp }), ({ module, args }) => judge(module, args, runModule(backend, module, args), 16, t)), runs(200, 6));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
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
