import type { Programs } from './texts.ts';

/** Products of matrices, some of which another order computes with fewer multiplications. */
export const chains: Programs = {
  'from the right': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1 }',
  'from the left': '(a: f32[1, 9], b: f32[9, 8], c: f32[8, 9]) { %0 = dotGeneral(b, c) contract [1] [0] %1 = dotGeneral(a, %0) contract [1] [0] return %1 }',
  'as written already': '(a: f32[1, 9], b: f32[9, 8], c: f32[8, 9]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1 }',
  'as written already, the last crosswise': '(a: f32[1, 9], b: f32[9, 8], c: f32[3, 8]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [1] return %1 }',
  'as written already, the first crosswise': '(a: f32[8, 3], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(b, c) contract [1] [0] %1 = dotGeneral(a, %0) contract [0] [0] return %1 }',
  'several orders are best: the first of them': '(a: f32[1, 3], b: f32[3, 3], c: f32[3, 3], d: f32[3, 1]) { %0 = dotGeneral(b, c) contract [1] [0] %1 = dotGeneral(%0, d) contract [1] [0] %2 = dotGeneral(a, %1) contract [1] [0] return %2 }',
  'no order is better': '(a: f32[4, 4], b: f32[4, 4], c: f32[4, 4]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1 }',
  'two matrices': '(a: f32[9, 8], b: f32[8, 1]) { %0 = dotGeneral(a, b) contract [1] [0] return %0 }',
  'four matrices': '(a: f32[5, 9], b: f32[9, 2], c: f32[2, 9], d: f32[9, 3]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] %2 = dotGeneral(%1, d) contract [1] [0] return %2 }',
  'factors crosswise': '(a: f32[8, 9], b: f32[9, 8], c: f32[1, 9]) { %0 = dotGeneral(a, b) contract [0] [1] %1 = dotGeneral(%0, c) contract [1] [1] return %1 }',
  'an inner product crosswise on the left': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [0] [0] return %1 }',
  'an inner product crosswise on the right': '(a: f32[1, 9], b: f32[9, 8], c: f32[8, 9]) { %0 = dotGeneral(b, c) contract [1] [0] %1 = dotGeneral(a, %0) contract [1] [1] return %1 }',
  'an inner product crosswise, two levels down': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 9], d: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [0] [0] %2 = dotGeneral(%1, d) contract [1] [0] return %2 }',
  'an inner product that is read elsewhere': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] %2 = neg(%0) return %1, %2 }',
  'an inner product that is a result': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1, %0 }',
  'an inner product on both sides': '(a: f32[9, 1], b: f32[1, 9]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, %0) contract [1] [0] return %1 }',
  'batches': '(a: f32[2, 9, 8], b: f32[2, 8, 9], c: f32[2, 9, 1]) { %0 = dotGeneral(a, b) batch [0] [0] contract [2] [1] %1 = dotGeneral(%0, c) batch [0] [0] contract [2] [1] return %1 }',
  'a vector': '(a: f32[9, 8], b: f32[8, 9], c: f32[9]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1 }',
  'a vector on the left': '(a: f32[9], b: f32[9, 8], c: f32[8, 9]) { %0 = dotGeneral(b, c) contract [1] [0] %1 = dotGeneral(a, %0) contract [0] [0] return %1 }',
  'a named dimension': '(a: f32[n<=9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] return %1 }',
  'two contracted axes': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 9]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [0, 1] [0, 1] return %1 }',
  'two chains side by side': '(a: f32[9, 8], b: f32[8, 9], c: f32[9, 1]) { %0 = dotGeneral(a, b) contract [1] [0] %1 = dotGeneral(%0, c) contract [1] [0] %2 = exp(b) %3 = dotGeneral(a, %2) contract [1] [0] %4 = dotGeneral(%3, c) contract [1] [0] return %1, %4 }',
};
/** longer than a piece: 26 factors, of which the last has one column */
const long = Array.from({ length: 25 }, (_, i) => `%${i} = dotGeneral(${i === 0 ? 'a' : `%${i - 1}`}, ${i === 24 ? 'c' : 'b'}) contract [1] [0]`).join(' ');
export const longChain = `(a: f32[3, 3], b: f32[3, 3], c: f32[3, 1]) { ${long} return %24 }`;

const composite = (name: string, body: string): string => `graph ${name}(x: f32[2]) { ${body} }`;
const soft = composite('soft', '%0 = exp(x) %1 = reduce add(%0) axes [0] %2: f32[2] = broadcastInDim(%1) dims [] %3 = div(%0, %2) return %3');
const main = (steps: string): string => `graph main(x: f32[2], y: f32[2], t: bool[2], i: i32[2]) { ${steps} }`;
const c = '%0 = composite soft(x) body soft';
/** Composites under a logarithm become their bodies; others stay whole. */
export const underLogarithms: Programs = {
  'none': `${soft}\n${main(`${c} return %0`)}`,
  'directly': `${soft}\n${main(`${c} %1 = log(%0) return %1`)}`,
  'directly, log1p': `${soft}\n${main(`${c} %1 = log1p(%0) return %1`)}`,
  ...Object.fromEntries(['add', 'sub', 'mul', 'div', 'max', 'pow'].map((fn) => [`through ${fn}`, `${soft}\n${main(`${c} %1 = ${fn}(%0, y) %2 = log(%1) return %2`)}`])),
  ...Object.fromEntries(['neg', 'exp', 'stopGradient'].map((fn) => [`through ${fn}`, `${soft}\n${main(`${c} %1 = ${fn}(%0) %2 = log(%1) return %2`)}`])),
  'through select': `${soft}\n${main(`${c} %1 = select(t, %0, y) %2 = log(%1) return %2`)}`,
  'through a sum': `${soft}\n${main(`${c} %1 = reduce add(%0) axes [0] %2 = log(%1) return %2`)}`,
  'through a maximum': `${soft}\n${main(`${c} %1 = reduce max(%0) axes [0] %2 = log(%1) return %2`)}`,
  'through a broadcast': `${soft}\n${main(`${c} %1: f32[2, 3] = broadcastInDim(%0) dims [0] %2 = log(%1) return %2`)}`,
  'through a reshape': `${soft}\n${main(`${c} %1: f32[2, 1] = reshape(%0) %2 = log(%1) return %2`)}`,
  'through a transpose': `${soft}\n${main(`${c} %1 = transpose(%0) perm [0] %2 = log(%1) return %2`)}`,
  'through a slice': `${soft}\n${main(`${c} %1 = slice(%0) [0..1] %2 = log(%1) return %2`)}`,
  'through a reversal': `${soft}\n${main(`${c} %1 = reverse(%0) axes [0] %2 = log(%1) return %2`)}`,
  'through a gather': `${soft}\n${main(`${c} %1 = gather(%0, i) %2 = log(%1) return %2`)}`,
  'through a concatenation': `${soft}\n${main(`${c} %1 = concatenate(%0, y) axis 0 %2 = log(%1) return %2`)}`,
  'in a loss that takes the logarithm of its operand': `${soft}\ngraph loss(x: f32[2], y: f32[2]) { %0 = log(y) %1 = mul(x, %0) return %1 }\n${main(`${c} %1 = composite loss(y, %0) body loss return %1`)}`,
  'in a loss that takes the logarithm of another operand': `${soft}\ngraph loss(x: f32[2], y: f32[2]) { %0 = log(x) %1 = mul(y, %0) return %1 }\n${main(`${c} %1 = composite loss(y, %0) body loss return %1`)}`,
  'with a derivative of its own': `${soft}\ngraph back(x: f32[2], y: f32[2], d: f32[2]) { return d }\n${main('%0 = composite soft(x) body soft vjp back %1 = log(%0) return %1')}`,
  'with a forward derivative of its own': `${soft}\ngraph forth(x: f32[2], d: f32[2]) { return x, d }\n${main('%0 = composite soft(x) body soft jvp forth %1 = log(%0) return %1')}`,
};
