import type { DType } from '../../src/core/dtype.ts';
import { scalarRow, type ScalarName } from '../../src/ir/scalars.ts';

/** whether a scalar function takes operands of a dtype */
export const takes = (fn: ScalarName, dtype: DType): boolean => {
  switch (scalarRow(fn).takes) {
    case 'any': return true;
    case 'number': return dtype !== 'bool';
    case 'float': return dtype === 'f32' || dtype === 'f64';
    case 'integer': return dtype === 'i32' || dtype === 'u32';
    case 'bool': return dtype === 'bool';
    case 'integerOrBool': return dtype === 'i32' || dtype === 'u32' || dtype === 'bool';
  }
};
