/** `fluxion/gpujs`: apart from `fluxion/backends`, because it alone needs the optional package gpu.js. */
export { gpujs, type AsyncMode, type SyncMode } from './gpujs.ts';
