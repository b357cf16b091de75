import { expect, it } from 'vitest';
import type { DType } from '../../../src/core/dtype.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { scalarRow, type ScalarName } from '../../../src/ir/scalars.ts';
import { isCheap } from '../../../src/passes/plan/seeds.ts';
import { scalarNames } from '../../../src/testing/grow.ts';

const takes: { readonly [T in ReturnType<typeof scalarRow>['takes']]: DType } = { float: 'f32', number: 'f32', integer: 'i32', bool: 'bool', integerOrBool: 'i32', any: 'f32' };

/** the function of as many parameters as it takes */
const mapOf = (fn: ScalarName): Node => {
  const b = createBuilder(), row = scalarRow(fn);
  const args = Array.from({ length: row.arity }, (_, i) => b.parameter('main', i, `x${i}`, { dtype: fn === 'select' && i === 0 ? 'bool' : takes[row.takes], shape: [4] }));
  return fn === 'convert' ? b.convert(args[0], 'i32') : b.map(fn, args);
};

it('all functions but these cost no more than a read', () => {
  expect(scalarNames.filter((fn) => !isCheap(mapOf(fn))).sort()).toEqual(['atan2', 'cos', 'div', 'erf', 'exp', 'expm1', 'log', 'log1p', 'logistic', 'pow', 'rem', 'rsqrt', 'sin', 'sqrt', 'tanh']);
});
