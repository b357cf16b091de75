import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujs, type SyncMode } from '../../src/backends/gpujs/gpujs.ts';
import { floatPlaces, mainOf, sizeOfNode, derivativeOf, weights, type Kind } from '../../src/testing/derivatives.ts';
import { typedArray, type DType } from '../../src/core/dtype.ts';
import { fewSkipped, judge, tally } from './meaning.ts';
import { runModule } from './run.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

/** why a mode cannot be had here, or undefined */
const missing = (mode: SyncMode): string | undefined =>
  gpujs({ mode }).refusals({ name: 'empty', syms: new Map(), buffers: new Map(), kernels: new Map(), steps: [], inputs: [], outputs: [] })[0]?.message;

const few = { cpu: 60, webasm: 20, headlessgl: 20 } as const satisfies Partial<Record<SyncMode, number>>;
const kinds: readonly (readonly Kind[])[] = [[], ['vjp'], ['jvp'], ['vjp', 'jvp']];

describe.each(Object.entries(few) as readonly (readonly [keyof typeof few, number])[])('generated derivatives on gpu.js, mode %s', (mode, numRuns) => {
  const absent = missing(mode), isRequired = process.env['FLUXION_REQUIRE_GL'] === '1';
  it.skipIf(absent !== undefined && !isRequired).each(kinds.map((k) => [k.join(' of ') || 'the program itself', k] as const))(`%s${absent === undefined ? '' : ` (${absent})`}`, (_, order) => {
    expect(absent).toBeUndefined();
    const t = tally(), backend = gpujs({ mode });
    fc.assert(fc.property(differentiable({ steps: 6, dtypes: ['f32'] }), (program) => {
      const wrt = floatPlaces(mainOf(program.module).params), module = order.reduce((m, kind) => derivativeOf(m, kind, wrt), program.module);
      const seeds = mainOf(module).params.slice(program.args.length).map((p, i) => typedArray<DType>(p.type.dtype, weights(sizeOfNode(p), i)));
      const args = [...program.args, ...seeds];
      judge(module, args, runModule(backend, module, args), 64, t);
    }), runs(numRuns, 61));
    fewSkipped(t, { least: 200 });
    // folds of several numbers, and what reads more buffers than a kernel takes
    expect(t.refused / runs(numRuns, 61).numRuns, 'programs refused').toBeLessThan(0.25);
  });
});
