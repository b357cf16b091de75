/** 'fluxion/interop': weights in files. */
export { loadWeights, saveWeights } from './weights.ts';
