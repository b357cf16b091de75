import type { DType } from '../core/dtype.ts';

/**
 * What the planner and the loop passes may know of a backend: its limits and the fixed constants of the cost model.
 * Constants are not measured at run time, so that the same input gives the same text.
 */
export interface Target {
  readonly name: string;
  /** `flat`: one grid axis, one store a kernel, no scratch (gpu.js); `tiled`: loops of any shape */
  readonly shape: 'flat' | 'tiled';
  readonly maxBuffers: number;
  /** most elements of one buffer */
  readonly maxElements: number;
  /**
   * Loops of as much work are divided into blocks that threads may share, and steps into phases, whatever the number of
   * threads; blocks of products have as many rows. Absent: one thread runs everything.
   */
  readonly blocks?: { readonly work: number; readonly rows: number; /** a number of one's own, whatever the work */ readonly most?: number };
  /** lanes of a vector of 32-bit numbers, of f64 half as many; with more than one the emitter writes out unrolled and vector loops itself */
  readonly vectorWidth: number;
  /** register tile of a contraction: rows, columns, how far k is written out (of whole tiles inside several loops of k so far: `nested`), and after how many rows a basic block ends */
  readonly tile: { readonly m: number; readonly n: number; readonly k: number; readonly nested?: number; readonly fence?: number };
  /**
   * Factors of a contraction are packed from this stride in bytes on, or where more than so many rows of them, each in a line of
   * its own, would leave the nearest cache; and if that takes no more bytes. Absent: never.
   */
  readonly pack?: { readonly stride: number; readonly lines: number; readonly bytes: number };
  /**
   * Sums of contractions along at least so many steps are made in parts of about so many, where a block has at least so many
   * sums, which need no more bytes of scratch. Absent: never.
   */
  readonly parts?: { readonly least: number; readonly steps: number; readonly sums: number; readonly bytes: number };
  /** bytes of scratch a kernel may allocate */
  readonly scratchBytes: number;
  /** the cost model: operations and bytes per nanosecond, nanoseconds a launch */
  readonly cost: { readonly operations: number; readonly bytes: number; readonly launch: number };
  /** whether a user's scalar function has a spelling here; if not it is expanded */
  readonly spells: 'js' | 'gpujs' | 'none';
}

/** lanes of a vector of the dtype */
export const lanesOf = ({ vectorWidth }: Target, dtype: DType): number => (dtype === 'f64' ? Math.max(1, vectorWidth / 2) : vectorWidth);
