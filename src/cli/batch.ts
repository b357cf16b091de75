import type { Exported } from './functions.ts';
import type { Dims } from './sizes.ts';

/** what a trainer's batches hold at most, where nobody says */
const assumedBatch = 128;

/** The sizes that a command goes by, and a line for each that nobody gave. */
export interface Sized { readonly dims: Dims; readonly said: readonly string[] }

/** A trainer's training step takes batches of some size: one is assumed, so that a trainer can be looked into as it stands. */
export const sizesFor = ({ trainer }: Exported, dims: Dims): Sized => (trainer === undefined || 'batch' in dims ? { dims, said: [] } : {
  dims: { ...dims, batch: { max: assumedBatch } },
  said: [`batches of at most ${assumedBatch} examples; --dims "batch<=64" for another number`],
});
