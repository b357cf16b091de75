import type { Programs } from './texts.ts';

const others = 'graph two(x: f32[3]) { %0 = neg(x) %1 = reduce add(x) axes [0] return %0, %1 }';
const kept = (params: string, body: string, types = params, before = '', dtype = 'bf16', names = params.split(/, (?=[a-z]:)/).map((p) => p.split(':')[0]).join(', ')): string =>
  `${before}${before === '' ? '' : '\n'}graph f(${params}) { ${body} }\ngraph main(${types}) { ${main(body, names, dtype)} }`;
/** each result of the graph by its place */
const main = (body: string, names: string, dtype: string): string => {
  const count = body.slice(body.lastIndexOf('return')).split(',').length;
  return `%0 = transform store f(${names}) as ${dtype} return ${count === 1 ? '%0' : Array.from({ length: count }, (_, i) => `%0[${i}]`).join(', ')}`;
};

/** Graphs whose tensors are kept as halves. */
export const halves: Programs = {
  'arithmetic': kept('x: f32[3], y: f32[3]', '%0 = mul(x, y) %1 = add(%0, 2) return %1'),
  'in the other format': kept('x: f32[3], y: f32[3]', '%0 = mul(x, y) return %0', undefined, '', 'f16'),
  'numbers': kept('a: f32[], x: f32[3]', '%0 = mul(a, a) %1: f32[3] = broadcastInDim(%0) dims [] %2 = mul(%1, x) return %2, %0'),
  'an argument as it is': kept('a: f32[], x: f32[3], i: i32[3]', 'return x, a, i'),
  'a sum of all, and of rows': kept('x: f32[3, 2]', '%0 = reduce add(x) axes [0, 1] %1 = reduce add(x) axes [1] return %0, %1'),
  'two sums in one': kept('x: f32[3], i: i32[3]', '%0 = reduce add(x, i) axes [0] return %0[0], %0[1]'),
  'constants': kept('x: f32[3]', '%0: f32[3] = constant [1, 2, 3] %1: f32[] = constant 4 %2: f32[3] = constant 2.5 %3 = mul(x, %0) %4 = mul(%3, %2) return %4, %1, %0'),
  'whole numbers and truths': kept('i: i32[3], t: bool[3], x: f32[3]', '%0 = add(i, 1) %1 = select(t, x, 0) %2: i32[3] = constant [1, 2, 3] %3 = add(%0, %2) %4 = lt(x, 1) return %3, %1, %4'),
  'doubles': kept('x: f64[3], y: f32[3]', '%0: f32[3] = convert(x) %1 = mul(%0, y) %2: f64[3] = convert(%1) %3 = add(%2, x) return %3'),
  'conversions': kept('i: i32[3], a: f32[], x: f32[3]', '%0: f32[3] = convert(i) %1 = mul(%0, x) %2: f32[3] = convert(%1) %3: i32[3] = convert(x) %4: i32[] = convert(a) %5: f32[] = convert(%4) return %2, %3, %5, %0'),
  'a conversion to what it is': kept('a: f32[], x: f32[3]', '%0: f32[] = convert(a) %1: f32[3] = convert(x) return %0, %1'),
  'conversions to halves': kept('x: f32[3], i: i32[3]', '%0: f16[3] = convert(x) %1: bf16[3] = convert(i) %2: f16[3] = convert(%1) return %0, %1, %2'),
  'positions': kept('x: f32[3]', '%0: f32[3] = iota axis 0 %1 = mul(x, %0) %2: f32[3] = iota axis 0 return %1'),
  'positions as a result': kept('x: f32[3]', '%0: f32[3] = iota axis 0 return %0'),
  'a broadcast of a tensor': kept('x: f32[3]', '%0: f32[2, 3] = broadcastInDim(x) dims [1] return %0'),
  'views': kept('x: f32[4, 3], i: i32[2], k: i32[]', '%0: f32[12] = reshape(x) %1 = transpose(x) perm [1, 0] %2 = reverse(x) axes [0] %3 = slice(x) [1..3, 0..3] %4 = window(x) axis 0 size 2 %5 = dynamicSlice(x, k, k) sizes [1, 1] %6 = gather(x, i) return %0, %1, %2, %3, %4, %5, %6'),
  'views of a number for each': kept('a: f32[], x: f32[2]', '%0: f32[4, 3] = broadcastInDim(a) dims [] %1: f32[12] = reshape(%0) %2 = slice(%1) [0..2] %3 = mul(%2, x) return %3'),
  'a number as a tensor of one': kept('a: f32[], x: f32[1]', '%0: f32[1] = reshape(a) %1 = mul(x, %0) %2: f32[] = reshape(x) return %1, %2, %0'),
  'side by side': kept('x: f32[3], y: f32[2], a: f32[], i: i32[2], k: i32[]', '%0 = concatenate(x, y) axis 0 %1 = pad(x, 0) low [1] high [2] %2 = pad(x, a) low [1] high [2] %3 = scatter add(x, i, y) %4 = dynamicUpdateSlice(x, y, k) return %0, %1, %2, %3, %4'),
  'side by side with a number for each': kept('x: f32[3], a: f32[], i: i32[2]', '%0: f32[2] = broadcastInDim(a) dims [] %1 = concatenate(%0, x) axis 0 %2 = concatenate(%0, %0) axis 0 %3 = pad(%0, a) low [1] high [2] return %1, %2, %3'),
  'side by side, whole numbers': kept('i: i32[2], x: f32[2]', '%0 = concatenate(i, i) axis 0 %1: f32[4] = convert(%0) return %1, x'),
  'products': kept('x: f32[2, 3], y: f32[3, 4], z: f32[3]', '%0 = dotGeneral(x, y) contract [1] [0] %1 = dotGeneral(z, z) contract [0] [0] return %0, %1'),
  'order': kept('x: f32[3]', '%0 = argsort(x) axis 0 %1 = gather(x, %0) return %0, %1'),
  'sizes': kept('x: f32[n<=9]', '%0 = getDimensionSize(x) axis 0 %1: f32[] = convert(%0) return %1, x'),
  'a call': kept('x: f32[3]', '%0 = call two(x) %1 = add(%0[0], 1) return %1, %0[1]', undefined, others),
  'a call with a number for each': kept('a: f32[], x: f32[3]', '%0: f32[3] = broadcastInDim(a) dims [] %1 = call two(%0) return %1[0], %1[1], x', undefined, others),
  'a composite': kept('x: f32[3]', '%0 = composite two(x) body two return %0[0], %0[1]', undefined, others),
  'a composite with a number for each': kept('a: f32[], x: f32[3]', '%0: f32[3] = broadcastInDim(a) dims [] %1 = composite two(%0) body two return %1[0], %1[1], x', undefined, others),
  'a composite with a derivative of its own': kept('x: f32[3]', '%0 = composite two(x) body two vjp back %1 = add(%0[0], 1) return %1, %0[1]', undefined, `${others}\ngraph back(x: f32[3], y: f32[3], z: f32[], d: f32[3], e: f32[]) { return d }`),
  'a composite with a forward derivative of its own': kept('x: f32[3]', '%0 = composite two(x) body two jvp forth return %0[0], %0[1]', undefined, `${others}\ngraph forth(x: f32[3], d: f32[3]) { %0 = reduce add(d) axes [0] %1 = neg(x) %2 = reduce add(x) axes [0] return %1, %2, d, %0 }`),
  'a scan': kept('c: f32[2], a: f32[], x: f32[4, 2], y: f32[4], s: f32[2]', '%0 = scan step(c, a, x, y, s) carries 2 slices 2 length 4 return %0[0], %0[1], %0[2], %0[3]', undefined,
    'graph step(c: f32[2], a: f32[], x: f32[2], y: f32[], s: f32[2]) { %0 = add(c, x) %1 = add(a, y) %2 = mul(%0, s) return %0, %1, %2, %1 }'),
  'a scan over numbers': kept('c: f32[], x: f32[4]', '%0 = scan step(c, x) carries 1 slices 1 length 4 return %0[0], %0[1]', undefined, 'graph step(c: f32[], x: f32[]) { %0 = add(c, x) return %0, %0 }'),
  'a scan of a number for each': kept('a: f32[], x: f32[4, 2]', '%0: f32[2] = broadcastInDim(a) dims [] %1 = scan step(%0, x) carries 1 slices 1 length 4 return %1', undefined, 'graph step(c: f32[2], x: f32[2]) { %0 = add(c, x) return %0 }'),
  'a loop': kept('i: i32[], x: f32[3], a: f32[]', '%0 = while goes step(i, x, a) carries 2 return %0[0], %0[1]', undefined,
    'graph goes(i: i32[], x: f32[3], a: f32[]) { %0 = lt(i, 5) return %0 }\ngraph step(i: i32[], x: f32[3], a: f32[]) { %0 = add(i, 1) %1: f32[3] = broadcastInDim(a) dims [] %2 = add(x, %1) return %0, %2 }'),
  'branches': kept('k: i32[], x: f32[3], a: f32[]', '%0: f32[3] = broadcastInDim(a) dims [] %1 = case(k, x, %0) branches [one, other] return %1', undefined,
    'graph one(x: f32[3], y: f32[3]) { %0 = neg(x) return %0 }\ngraph other(x: f32[3], y: f32[3]) { return y }'),
  'within each other': kept('x: f32[3]', '%0 = transform store g(x) as f16 %1 = neg(%0) return %1', undefined, 'graph g(x: f32[3]) { %0 = mul(x, x) return %0 }'),
  'beside what is not': 'graph f(x: f32[3]) { %0 = mul(x, x) return %0 }\ngraph main(x: f32[3]) { %0 = neg(x) %1 = transform store f(x) as bf16 %2 = add(%1, %0) return %2 }',
};
