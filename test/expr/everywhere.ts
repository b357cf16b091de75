import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { compile, orThrow, treeLeaves, type CompileOptions } from '../../src/index.ts';

export const exact = { reference: reference(), js: js(), wasm: wasm({ threads: 1 }), 'wasm of two threads': wasm({ threads: 2 }) } as const satisfies { readonly [name: string]: Backend<'sync'> };
export const everywhere = { ...exact, gpujs: gpujs({ mode: 'cpu' }) } as const satisfies { readonly [name: string]: Backend<'sync'> };

/** a function's results as lists of numbers, a leaf each, on one backend */
export const numbersOn = (backend: Backend<'sync'>, f: unknown, args: readonly unknown[], options: Omit<CompileOptions, 'backend'> = {}): readonly (readonly number[])[] => {
  // SAFETY: a function made by fn, and arguments of its own
  const run = orThrow(compile(f as Parameters<typeof compile>[0], { ...options, backend })) as unknown as (...given: readonly unknown[]) => unknown;
  // SAFETY: a program's results are arrays
  return treeLeaves(run(...args)).map(({ value }) => Array.from((value as unknown as { readonly data: Iterable<number> }).data));
};
/** the same of each of the backends, by their names */
export const numbersOf = (backends: { readonly [name: string]: Backend<'sync'> }, f: unknown, args: readonly unknown[], options: Omit<CompileOptions, 'backend'> = {}): { readonly [name: string]: readonly (readonly number[])[] } =>
  Object.fromEntries(Object.entries(backends).map(([name, backend]) => [name, numbersOn(backend, f, args, options)]));
/** what `numbersOf` gives where all give the same */
export const onEach = <T>(backends: { readonly [name: string]: Backend<'sync'> }, wanted: T): { readonly [name: string]: T } => Object.fromEntries(Object.keys(backends).map((name) => [name, wanted]));
