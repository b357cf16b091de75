/** 'fluxion/backends': what runs programs. `gpujs` has a door of its own, 'fluxion/gpujs', since it needs the package gpu.js. */
export { js, type JsOptions } from './js/js.ts';
export { wasm, type WasmOptions } from './wasm/wasm.ts';
export { reference, type ReferenceOptions } from './reference/reference.ts';
export { defaultBackend } from './defaultBackend.ts';
export { firstAvailable } from './available.ts';
export type { Artifact, Backend, GraphBackend, LoopBackend, Timing } from './backend.ts';
