import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { numbers } from '../../ir/loop/golden.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

/** `copies` of an unrolled loop each take a column of as many rows as there are lanes, and take it twice */
const columnsOf = (dtype: 'f32' | 'f64', lanes: number, copies: number): readonly number[] => {
  const size = lanes * copies, at = `${copies}*s + u`, body = `for u < ${copies} unroll { for s < ${lanes} vector { store y[${lanes}*u + s] = x[${at}] * 0.5:${dtype} + x[${at}] * 0.5:${dtype} } }`;
  const program = parsed(parseProgram(textOf({ params: `x: read ${dtype}[${size}], y: write ${dtype}[${size}]`, body })));
  const x = dtype === 'f32' ? numbers(1, size) : Float64Array.from(numbers(1, size)), y = runTiled(program, new Map([['x', x]])).get('y') ?? [];
  return Array.from(y, (value, i) => value - x[copies * (i % lanes) + Math.floor(i / lanes)]);
};

it.each([['f32', 4, 4], ['f32', 4, 8], ['f32', 4, 12], ['f64', 2, 2], ['f64', 2, 6]] as const)('columns of rows of %s are turned, %i lanes and %i copies', (dtype, lanes, copies) => {
  expect(columnsOf(dtype, lanes, copies)).toEqual(Array.from({ length: lanes * copies }, () => 0));
});
