import { sym, type Dim, type TensorType } from '../../core/dim.ts';
import { dtypes } from '../../core/dtype.ts';
import { accept, expect, fail, integer, listUntil, name, peek, word, type Cursor } from '../lexer.ts';

/** An integer that is not negative. */
export const natural = (c: Cursor): number => {
  const token = peek(c), value = integer(c);
  if (c.error === undefined && value < 0) fail(c, c.syntax, `expected a natural number, found ${value}`, token);
  return value;
};
/** `[1, 2]` */
export const integers = (c: Cursor): readonly number[] => (expect(c, '['), listUntil(c, ']', () => integer(c)));

/** `784`, `batch`, `4*batch<=128` */
const dim = (c: Cursor): Dim => {
  const isNumber = peek(c).kind === 'number', size = isNumber ? natural(c) : 1;
  if (isNumber && !accept(c, '*')) return size;
  const called = name(c, 'a size');
  return sym(called, accept(c, '<=') ? natural(c) : Infinity, size);
};
/** `f32[batch<=128, 784]` */
export const parseType = (c: Cursor): TensorType => {
  const dtype = word(c, dtypes, 'a dtype');
  expect(c, '[');
  return { dtype, shape: listUntil(c, ']', () => dim(c)) };
};
/** one type, or several in parentheses */
export const parseTypes = (c: Cursor): readonly TensorType[] => (accept(c, '(') ? listUntil(c, ')', () => parseType(c)) : [parseType(c)]);
