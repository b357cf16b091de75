/** 'fluxion/interop': weights in files, and programs as modules of their own. */
export { loadWeights, saveWeights } from './weights.ts';
export { emitTrainer } from './emit.ts';
export { emit, type EmitOptions, type Emitted } from '../index.ts';
