import { fromStored, toStored, type DType, type TypedArray } from '../../../src/core/dtype.ts';
import { emit } from '../../../src/backends/js/emit.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import type { JsModule } from '../../../src/backends/js/load.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';

export const textOf = (program: Program): string => Object.values(emit(program).files)[0];
export const ready = (naive: Program): Program => runLoopPasses(naive, loopPipeline(jsTarget), jsTarget, { verify: true });

const dtypeOf = (program: Program, name: string): DType => program.buffers.get(name)?.dtype ?? 'f32';
/** What the emitted text gives for arrays. */
export const runText = (program: Program, inputs: ReadonlyMap<string, TypedArray>, sizes: Readonly<Record<string, number>> = {}): Readonly<Record<string, readonly number[]>> => {
  // SAFETY: the text is what `emit` wrote
  const module = new Function(`${textOf(program).replaceAll(/^export const /gm, 'const ')}\nreturn { create, fingerprint };`)() as JsModule;
  const results = module.create().run(program.inputs.map((name) => toStored(dtypeOf(program, name), inputs.get(name) ?? new Float32Array()).slice()), sizes);
  return Object.fromEntries(program.outputs.map((name, i) => [name, Array.from(fromStored(dtypeOf(program, name), results[i]))]));
};
