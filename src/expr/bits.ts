import type { Integer } from '../core/dtype.ts';
import { binary, unary } from './elementwise.ts';
import type { Bin, IntegerUnary } from './types/operations.ts';

/** Integers as words of 32 bits. A number on either side takes the tensor's dtype, as in arithmetic. */

/** The bits that are set in both. @example bitwiseAnd(x, 0xff) */
export const bitwiseAnd: Bin<'bitwiseAnd', Integer> = binary('bitwiseAnd', 'and');
/** The bits that are set in either. @example bitwiseOr(x, 1) */
export const bitwiseOr: Bin<'bitwiseOr', Integer> = binary('bitwiseOr', 'or');
/** The bits that are set in one alone. @example bitwiseXor(x, y) */
export const bitwiseXor: Bin<'bitwiseXor', Integer> = binary('bitwiseXor', 'xor');
/** The bits that are not set. @example bitwiseNot(x) */
export const bitwiseNot: IntegerUnary = unary('bitwiseNot', 'not');
/** x moved up by so many bits, zeros after it; 32 or more leave 0. @example shiftLeft(x, 3) */
export const shiftLeft: Bin<'shiftLeft', Integer> = binary('shiftLeft', 'shiftLeft');
/** x moved down by so many bits, zeros before it; 32 or more leave 0. @example shiftRightLogical(bits, 8) */
export const shiftRightLogical: Bin<'shiftRightLogical', Integer> = binary('shiftRightLogical', 'shiftRightLogical');
/** x moved down by so many bits, copies of its highest bit before it; 32 or more leave 0 or −1. @example shiftRightArithmetic(x, 1) */
export const shiftRightArithmetic: Bin<'shiftRightArithmetic', Integer> = binary('shiftRightArithmetic', 'shiftRightArithmetic');
/** How many bits are set. @example popcount(x) */
export const popcount: IntegerUnary = unary('popcount', 'popcount');
/** How many zeros stand above the highest bit that is set; 32 where none is. @example countLeadingZeros(x) */
export const countLeadingZeros: IntegerUnary = unary('countLeadingZeros', 'countLeadingZeros');
