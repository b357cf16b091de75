import type { LoopBackend } from './backend.ts';
import { js } from './js/js.ts';
import { wasm } from './wasm/wasm.ts';

let made: LoopBackend<'sync'> | undefined;

/**
 * What runs a program that names no backend: wasm, or js where there is no WebAssembly. It is one for the
 * process, so that one program's results are another's arguments without a copy.
 * @example defaultBackend().name // 'wasm'
 */
export const defaultBackend = (): LoopBackend<'sync'> => (made ??= 'WebAssembly' in globalThis ? wasm() : js());
