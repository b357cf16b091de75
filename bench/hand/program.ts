import { handModule, type HandModule } from './wasm/module.ts';
import { barrier, crew, perThread } from './wasm/threads.ts';
import type { Code } from '../../src/backends/wasm/code.ts';

/** A function fused by hand, of arrays in its own memory. */
export interface HandProgram { readonly run: () => void; readonly outputs: () => { readonly [name: string]: Float32Array }; readonly close: () => void }
/** addresses of arrays, and what each thread does */
export interface Written {
  readonly inputs: readonly { readonly at: number; readonly data: Float32Array }[];
  readonly outputs: { readonly [name: string]: { readonly at: number; readonly length: number } };
  readonly body: (thread: number) => Code;
}
export const handProgram = async (threads: number, write: (module: HandModule) => Written): Promise<HandProgram> => {
  const module = handModule(), { inputs, outputs, body } = write(module);
  perThread(module, 'run', threads, barrier(module, threads), body);
  const instance = module.instantiate(threads > 1), { run, close } = await crew(instance, threads, ['run']);
  for (const { at, data } of inputs) instance.f32.set(data, at / 4);
  return { run: () => run('run'), close, outputs: () => Object.fromEntries(Object.entries(outputs).map(([name, { at, length }]) => [name, instance.f32.slice(at / 4, at / 4 + length)])) };
};
