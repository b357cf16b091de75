import { createHash } from 'node:crypto';
import type { TypedArray } from '../../../src/core/dtype.ts';

/** For thousands of numbers quicker to compare than they are. */
export const bits = (values: ReadonlyMap<string, TypedArray>): readonly string[] =>
  [...values].map(([id, { buffer, length }]) => `${id}: ${length} ${createHash('sha1').update(new Uint8Array(buffer)).digest('hex')}`);
