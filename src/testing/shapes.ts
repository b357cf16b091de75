import fc from 'fast-check';

export interface ShapeOptions {
  readonly minRank?: number;
  /** 5 unless told otherwise */
  readonly maxRank?: number;
  /** 5 unless told otherwise */
  readonly maxSize?: number;
  /** 256 unless told otherwise */
  readonly maxElements?: number;
}
/**
 * Shapes: ranks 0 to 5, sizes 0 to 5, of which 0 is the rarest. They shrink to fewer and smaller axes.
 * @example fc.assert(fc.property(shapes({ maxRank: 2 }), (shape) => …));
 */
export const shapes = ({ minRank = 0, maxRank = 5, maxSize = 5, maxElements = 256 }: ShapeOptions = {}): fc.Arbitrary<readonly number[]> => {
  const axis = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: Math.min(1, maxSize), max: maxSize }) }, { weight: 1, arbitrary: fc.constant(0) });
  const isSmall = (shape: readonly number[]): boolean => shape.reduce((n, d) => n * d, 1) <= maxElements;
  return fc.array(axis, { minLength: minRank, maxLength: maxRank, size: 'max' }).filter(isSmall);
};
