import type { Programs } from './texts.ts';

/** Σ P·(C·vᵀ) beside P·v; `last` is what is summed, and what else is returned */
const attention = (sum: string, product: string, params = 'p: f32[2, 3, 7], c: f32[2, 3, 4], v: f32[2, 7, 4], s: f32[2, 3], t: f32[2, 3, 7]'): string =>
  `(${params}) { %0 = dotGeneral(c, v) batch [0] [0] contract [2] [2] ${sum} ${product} return %8, %9 }`;
const small = '%9 = dotGeneral(p, v) batch [0] [0] contract [2] [1]', summed = (value: string): string => `%8 = reduce add(${value}) axes [2]`;
const steady = '%3 = sign(s) %4 = abs(%3) %5 = add(%4, 1) %6: f32[2, 3, 7] = broadcastInDim(%5) dims [0, 1]';

export const exchanges: Programs = {
  'P·v is there': attention(`%1 = mul(p, %0) ${summed('%1')}`, small),
  'v comes first': attention(`%1 = mul(%0, p) ${summed('%1')}`, '%9 = dotGeneral(v, p) batch [0] [0] contract [1] [2]'),
  'v is the left of the wide product': '(p: f32[2, 7, 3], c: f32[2, 3, 4], v: f32[2, 7, 4]) { %0 = dotGeneral(v, c) batch [0] [0] contract [2] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [1] %3 = dotGeneral(p, v) batch [0] [0] contract [1] [1] return %2, %3 }',
  'v is the left of both': '(p: f32[2, 7, 3], c: f32[2, 3, 4], v: f32[2, 7, 4]) { %0 = dotGeneral(v, c) batch [0] [0] contract [2] [2] %1 = mul(%0, p) %2 = reduce add(%1) axes [1] %3 = dotGeneral(v, p) batch [0] [0] contract [1] [1] return %2, %3 }',
  'v is the left, and C lies crosswise': '(p: f32[7, 3], c: f32[4, 3], v: f32[7, 4]) { %0 = dotGeneral(v, c) contract [1] [0] %1 = mul(p, %0) %2 = reduce add(%1) axes [0] %3 = dotGeneral(p, v) contract [0] [0] return %2, %3 }',
  'C lies crosswise': '(p: f32[3, 7], c: f32[4, 3], v: f32[4, 7]) { %0 = dotGeneral(c, v) contract [0] [0] %1 = mul(p, %0) %2 = reduce add(%1) axes [1] %3 = dotGeneral(p, v) contract [1] [1] return %2, %3 }',
  'with a factor': attention(`${steady} %1 = mul(p, %6) %2 = mul(%0, %1) ${summed('%2')}`, small),
  'with a factor outside': attention(`${steady} %1 = mul(p, %0) %2 = mul(%6, %1) ${summed('%2')}`, small),
  'with a divisor': attention(`${steady} %1 = mul(p, %0) %2 = div(%1, %6) ${summed('%2')}`, small),
  'with two factors and two divisors': attention(`${steady} %1 = div(p, %6) %2 = mul(%0, %6) %7 = mul(%1, %2) %10 = mul(%7, 3) %11 = div(%10, 4) ${summed('%11')}`, small),
  'with a divisor that varies': attention(`%1 = mul(p, %0) %3 = abs(t) %4 = add(%3, 1) %5 = div(%1, %4) ${summed('%5')}`, small),
  'with a third value that varies': attention(`%1 = mul(p, %0) %2 = mul(%1, t) ${summed('%2')}`, small),
  'with a fourth': attention(`%1 = mul(p, t) %2 = mul(%0, %1) %3 = neg(t) %4 = mul(%2, %3) ${summed('%4')}`, small),
  'of one value': attention(`%1 = mul(%0, 3) ${summed('%1')}`, small),
  'P·v is another': attention(`%1 = mul(p, %0) ${summed('%1')}`, '%9 = dotGeneral(t, v) batch [0] [0] contract [2] [1]'),
  'P·v of another v': attention(`%1 = mul(p, %0) ${summed('%1')}`, '%9 = dotGeneral(p, w) batch [0] [0] contract [2] [1]', 'p: f32[2, 3, 7], c: f32[2, 3, 4], v: f32[2, 7, 4], w: f32[2, 7, 4]'),
  'v·P is another, v first': attention(`%1 = mul(p, %0) ${summed('%1')}`, '%9 = dotGeneral(v, t) batch [0] [0] contract [1] [2]'),
  'v·P of another v, that first': attention(`%1 = mul(p, %0) ${summed('%1')}`, '%9 = dotGeneral(w, p) batch [0] [0] contract [1] [2]', 'p: f32[2, 3, 7], c: f32[2, 3, 4], v: f32[2, 7, 4], w: f32[2, 7, 4]'),
  'P·v over other axes': attention(`%1 = mul(p, %0) ${summed('%1')}`, '%9 = dotGeneral(p, v) batch [0] [0] contract [2] [2]', 'p: f32[2, 3, 4], c: f32[2, 3, 4], v: f32[2, 4, 4]'),
  'P·v over other axes, and smaller': '(p: f32[9, 6, 6], c: f32[9, 2], v: f32[6, 6, 2]) { %0 = dotGeneral(c, v) contract [1] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [1, 2] %3 = dotGeneral(p, v) contract [2, 1] [0, 1] return %2, %3 }',
  'P·v over two axes': '(p: f32[9, 6, 6], c: f32[9, 2], v: f32[6, 6, 2]) { %0 = dotGeneral(c, v) contract [1] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [1, 2] %3 = dotGeneral(p, v) contract [1, 2] [0, 1] return %2, %3 }',
  'P·v over one axis of two': '(p: f32[9, 6, 5], c: f32[9, 2], v: f32[6, 5, 2]) { %0 = dotGeneral(c, v) contract [1] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [1, 2] %3 = dotGeneral(p, v) batch [1] [0] contract [2] [1] return %2, %3 }',
  'C·v keeps two axes': '(p: f32[3, 2, 25], c: f32[4, 3, 5, 2], v: f32[25, 5, 4]) { %0 = dotGeneral(c, v) contract [0, 2] [2, 1] %1 = mul(p, %0) %2 = reduce add(%1) axes [2] %3 = dotGeneral(p, v) contract [2] [0] return %2, %3 }',
  'C·v keeps two axes, v first': '(p: f32[3, 2, 9], c: f32[3, 2, 2, 2], v: f32[9, 2, 2]) { %0 = dotGeneral(c, v) contract [2, 3] [1, 2] %1 = mul(p, %0) %2 = reduce add(%1) axes [2] %3 = dotGeneral(v, p) contract [0] [2] return %2, %3 }',
  'batches along two axes': '(p: f32[2, 5, 3, 7], c: f32[3, 5, 4, 2], v: f32[4, 2, 7, 5]) { %0 = dotGeneral(c, v) batch [3, 1] [1, 3] contract [2] [0] %1 = mul(p, %0) %2 = reduce add(%1) axes [3] %3 = dotGeneral(p, v) batch [0, 1] [1, 3] contract [3] [2] return %2, %3 }',
  'batches in another order': '(p: f32[2, 2, 3, 7], c: f32[2, 2, 3, 4], v: f32[2, 2, 7, 4]) { %0 = dotGeneral(c, v) batch [0, 1] [0, 1] contract [3] [3] %1 = mul(p, %0) %2 = reduce add(%1) axes [3] %3 = dotGeneral(p, v) batch [0, 1] [1, 0] contract [3] [2] return %2, %3 }',
  'batches of another order, and so of P': '(p: f32[2, 2, 3, 7], c: f32[2, 2, 3, 4], v: f32[2, 2, 7, 4]) { %0 = dotGeneral(c, v) batch [0, 1] [0, 1] contract [3] [3] %1 = mul(p, %0) %2 = reduce add(%1) axes [3] %3 = dotGeneral(p, v) batch [1, 0] [0, 1] contract [3] [2] return %2, %3 }',
  'no batches of P·v': '(p: f32[2, 3, 40], c: f32[2, 3, 2], v: f32[2, 40, 2]) { %0 = dotGeneral(c, v) batch [0] [0] contract [2] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [2] %3 = dotGeneral(p, v) contract [2] [1] return %2, %3 }',
  'P·v is no smaller': attention(`%1 = mul(p, %0) ${summed('%1')}`, small, 'p: f32[2, 3, 4], c: f32[2, 3, 4], v: f32[2, 4, 4]'),
  'P is a product, too': '(a: f32[3, 2], b: f32[2, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(c, v) contract [1] [1] %2 = mul(%0, %1) %3 = reduce add(%2) axes [1] %4 = dotGeneral(%0, v) contract [1] [0] return %3, %4 }',
  'P is a product, too, the last': '(a: f32[3, 2], b: f32[2, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(c, v) contract [1] [1] %2 = mul(%1, %0) %3 = reduce add(%2) axes [1] %4 = dotGeneral(%0, v) contract [1] [0] return %3, %4 }',
  'both could be P': '(a: f32[3, 2], b: f32[2, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(c, v) contract [1] [1] %2 = mul(%0, %1) %3 = reduce add(%2) axes [1] %4 = dotGeneral(%0, v) contract [1] [0] %5 = dotGeneral(%1, b) contract [1] [1] return %3, %4, %5 }',
  'the largest instead': attention(`%1 = mul(p, %0) %8 = reduce max(%1) axes [2]`, small),
  'whole numbers': '(p: i32[3, 7], c: i32[3, 4], v: i32[7, 4]) { %0 = dotGeneral(c, v) contract [1] [1] %1 = mul(p, %0) %2 = reduce add(%1) axes [1] %3 = dotGeneral(p, v) contract [1] [0] return %2, %3 }',
  'over the rows': attention('%1 = mul(p, %0) %8 = reduce add(%1) axes [1]', small),
  'over the batches, too': attention('%1 = mul(p, %0) %8 = reduce add(%1) axes [0, 2]', small),
  'beside a name': '(p: f32[n<=9, 3, 7], c: f32[n<=9, 3, 4], v: f32[n<=9, 7, 4]) { %0 = dotGeneral(c, v) batch [0] [0] contract [2] [2] %1 = mul(p, %0) %2 = reduce add(%1) axes [2] %3 = dotGeneral(p, v) batch [0] [0] contract [2] [1] return %2, %3 }',
  'v is the left of both, with a factor and a divisor': '(p: f32[2, 7, 3], c: f32[2, 3, 4], v: f32[2, 7, 4], s: f32[3], t: f32[2, 3]) { %0 = dotGeneral(v, c) batch [0] [0] contract [2] [2] %1: f32[2, 7, 3] = broadcastInDim(s) dims [2] %2 = sign(t) %3 = abs(%2) %4 = add(%3, 1) %5: f32[2, 7, 3] = broadcastInDim(%4) dims [0, 2] %6 = mul(p, %1) %7 = mul(%0, %6) %8 = div(%7, %5) %9 = reduce add(%8) axes [1] %10 = dotGeneral(v, p) batch [0] [0] contract [1] [1] return %9, %10 }',
  'in one of two graphs': `graph part(p: f32[3, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = dotGeneral(c, v) contract [1] [1] %1 = mul(p, %0) %2 = reduce add(%1) axes [1] %3 = dotGeneral(p, v) contract [1] [0] return %2, %3 }
    graph main(p: f32[3, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = neg(p) %1 = call part(%0, c, v) return %1[0], %1[1] }`,
  'P·v in another graph alone': `graph part(p: f32[3, 7], v: f32[7, 4]) { %0 = dotGeneral(p, v) contract [1] [0] return %0 }
    graph main(p: f32[3, 7], c: f32[3, 4], v: f32[7, 4]) { %0 = dotGeneral(c, v) contract [1] [1] %1 = mul(p, %0) %2 = reduce add(%1) axes [1] %3 = call part(p, v) return %2, %3 }`,
  'and of a third': attention(`%1 = mul(p, %0) ${summed('%1')} %2 = neg(%8) %7 = exp(%0)`, small).replace('return', 'return %2, %7,'),
};
