/** Small programs to be differentiated: a graph's text from its parameters on, each for one branch of the tables. */
export type Programs = { readonly [name: string]: string };

const views: Programs = {
  'reshape': `(x: f32[2, 3]) { %0: f32[3, 1, 2] = reshape(x) return %0 }`,
  'reshape, a named dimension merged': `(x: f32[n<=8, 3]) { %0: f32[3*n<=8] = reshape(x) return %0 }`,
  'transpose': `(x: f32[2, 3, 4]) { %0 = transpose(x) perm [2, 0, 1] return %0 }`,
  'reverse': `(x: f32[2, 3]) { %0 = reverse(x) axes [1] return %0 }`,
  'broadcast along new axes': `(x: f32[2]) { %0: f32[3, 2, 4] = broadcastInDim(x) dims [1] return %0 }`,
  'broadcast along axes of size 1': `(x: f32[2, 1, 3]) { %0: f32[2, 4, 3, 5] = broadcastInDim(x) dims [0, 1, 2] return %0 }`,
  'broadcast, an axis of size 1 stays': `(x: f32[1, 3]) { %0: f32[1, 2, 3] = broadcastInDim(x) dims [0, 2] return %0 }`,
  'broadcast of one number': `(x: f32[]) { %0: f32[n<=8, 2] = broadcastInDim(x) dims [] return %0 }`,
  'broadcast that repeats nothing': `(x: f32[n<=8, 2]) { %0: f32[n<=8, 2] = broadcastInDim(x) dims [0, 1] return %0 }`,
  'slice': `(x: f32[5, 3]) { %0 = slice(x) [1..4, 0..2] return %0 }`,
  'slice by strides, with and without a rest': `(x: f32[7, 9]) { %0 = slice(x) [1..6 by 2, 0..7 by 3] return %0 }`,
  'slice of one': `(x: f32[4, 5]) { %0 = slice(x) [2..3, 1..2 by 3] return %0 }`,
  'slice of nothing by strides': `(x: f32[4]) { %0 = slice(x) [1..1 by 3] return %0 }`,
  'slice of nothing': `(x: f32[4]) { %0 = slice(x) [2..2] return %0 }`,
  'slice beside a named dimension': `(x: f32[n<=8, 5]) { %0 = slice(x) [all, 1..4] return %0 }`,
  'pad': `(x: f32[2, 3], v: f32[]) { %0 = pad(x, v) low [1, 0] high [0, 2] return %0 }`,
  'pad between the elements': `(x: f32[2, 3], v: f32[]) { %0 = pad(x, v) low [0, 1] high [2, 0] interior [2, 1] return %0 }`,
  'pad by less than nothing': `(x: f32[4, 3], v: f32[]) { %0 = pad(x, v) low [-1, -2] high [0, 1] interior [1, 1] return %0 }`,
  'pad beside a named dimension': `(x: f32[n<=8, 3], v: f32[]) { %0 = pad(x, v) low [0, 1] high [0, 2] return %0 }`,
  'concatenate': `(x: f32[2, 3], y: f32[2, 1], z: f32[2, 2]) { %0 = concatenate(x, y, z) axis 1 return %0 }`,
  'concatenate beside a named dimension': `(x: f32[n<=8, 3], y: f32[n<=8, 2]) { %0 = concatenate(x, y) axis 1 return %0 }`,
  'concatenate of one': `(x: f32[n<=8]) { %0 = concatenate(x) axis 0 return %0 }`,
};

const contractions: Programs = {
  'matrices': `(x: f32[n<=8, 3], y: f32[3, 4]) { %0 = dotGeneral(x, y) contract [1] [0] return %0 }`,
  'matrices, both crosswise': `(x: f32[3, 2], y: f32[4, 3]) { %0 = dotGeneral(x, y) contract [0] [1] return %0 }`,
  'batches, the right one last': `(x: f32[2, 5, 3], y: f32[3, 4, 2]) { %0 = dotGeneral(x, y) batch [0] [2] contract [2] [0] return %0 }`,
  'several axes crossed': `(x: f32[3, 2, 4, 5], y: f32[4, 6, 2, 3]) { %0 = dotGeneral(x, y) batch [1] [2] contract [0, 2] [3, 0] return %0 }`,
  'two batches in other orders': `(x: f32[2, 3, 4], y: f32[4, 3, 2]) { %0 = dotGeneral(x, y) batch [1, 0] [1, 2] contract [2] [0] return %0 }`,
  'a table for each of several rows': `(x: f32[2, 5, 3], y: f32[3, 4]) { %0 = dotGeneral(x, y) contract [2] [0] return %0 }`,
  'several free axes on either side': `(x: f32[2, 3, 4, 5], y: f32[3, 6, 2, 7]) { %0 = dotGeneral(x, y) batch [0] [2] contract [1] [0] return %0 }`,
  'outer product': `(x: f32[2], y: f32[3]) { %0 = dotGeneral(x, y) contract [] [] return %0 }`,
  'inner product': `(x: f32[n<=8], y: f32[n<=8]) { %0 = dotGeneral(x, y) contract [0] [0] return %0 }`,
  'with itself': `(x: f32[3, 3]) { %0 = dotGeneral(x, x) contract [1] [0] return %0 }`,
};

const reductions: Programs = {
  'add': `(x: f32[2, n<=8, 4]) { %0 = reduce add(x) axes [0, 2] return %0 }`,
  'add along a named dimension': `(x: f32[2, n<=8]) { %0 = reduce add(x) axes [1] return %0 }`,
  'add, the axes kept': `(x: f32[2, 3]) { %0 = reduce add(x) axes [1] %1: f32[2, 1] = reshape(%0) return %1 }`,
  'mul': `(x: f32[3, 5]) { %0 = reduce mul(x) axes [1] return %0 }`,
  'mul of four': `(x: f32[4]) { %0 = reduce mul(x) axes [0] return %0 }`,
  'mul of one': `(x: f32[1]) { %0 = reduce mul(x) axes [0] return %0 }`,
  'mul along two axes': `(x: f32[2, 2, 3]) { %0 = reduce mul(x) axes [0, 2] return %0 }`,
  'mul along no axes': `(x: f32[2]) { %0 = reduce mul(x) axes [] return %0 }`,
  'mul beside a named dimension': `(x: f32[n<=8, 2]) { %0 = reduce mul(x) axes [1] return %0 }`,
  'mul along a named dimension, refused': `(x: f32[2, n<=8]) { %0 = reduce mul(x) axes [0, 1] return %0 }`,
  'mul of several': `(x: f32[2, 3], y: f32[2, 3]) { %0 = reduce mul(x, y) axes [1] %1 = mul(%0[0], %0[1]) return %1, %0[1] }`,
  'max': `(x: f32[3, 4]) { %0 = reduce max(x) axes [1] return %0 }`,
  'max, the axes kept': `(x: f32[3, 4]) { %0 = reduce max(x) axes [1] %1: f32[3, 1] = reshape(%0) return %1 }`,
  'max along all axes, the last listed first': `(x: f32[2, 3, 4]) { %0 = reduce max(x) axes [2, 0, 1] return %0 }`,
  'max along a named dimension': `(x: f32[3, n<=8]) { %0 = reduce max(x) axes [0, 1] return %0 }`,
  'min': `(x: f32[2, 2, 3]) { %0 = reduce min(x) axes [0, 2] return %0 }`,
  'max of several, one of them read': `(x: f32[2, 3], y: f32[2, 3]) { %0 = reduce max(x, y) axes [1] return %0[1] }`,
  'argMax, no derivative asked for': `(x: f32[2, 3]) { %0 = reduce argMax(x) axes [1] %1: f32[2] = convert(%0) return %1 }`,
  'and, no derivative asked for': `(x: f32[2, 3]) { %0 = gt(x, 0) %1 = reduce and(%0) axes [1] %2: f32[2] = convert(%1) return %2 }`,
  'maxExpSum, refused': `(x: f32[2, 3], y: f32[2, 3]) { %0 = reduce maxExpSum(x, y) axes [1] return %0[0], %0[1] }`,
};

/** x[r, column of r], the table laid flat */
const pick = (rows: string, flat: string, steps: string): string =>
  `(x: f32[${flat}], c: i32[${rows}]) { %0: i32[${rows}] = iota axis 0 ${steps} }`;
const clamp = '%1 = min(c, 2) %2 = max(%1, 0)';
const indices: Programs = {
  'gather': `(x: f32[3, 2], i: i32[4]) { %0 = gather(x, i) return %0 }`,
  'gather by a table of indices': `(x: f32[3], i: u32[2, 2]) { %0 = gather(x, i) return %0 }`,
  'gather by one index': `(x: f32[3, 2], i: i32[]) { %0 = gather(x, i) return %0 }`,
  'gather from named rows': `(x: f32[n<=8, 2], i: i32[4]) { %0 = gather(x, i) return %0 }`,
  'gather by one index from named rows': `(x: f32[n<=8], i: i32[]) { %0 = gather(x, i) return %0 }`,
  'scatter add': `(x: f32[3, 2], i: i32[4], u: f32[4, 2]) { %0 = scatter add(x, i, u) return %0 }`,
  'scatter add into named rows': `(x: f32[n<=8], i: i32[2, 2], u: f32[2, 2]) { %0 = scatter add(x, i, u) return %0 }`,
  'scatter set': `(x: f32[n<=8, 2], i: i32[4], u: f32[4, 2]) { %0 = scatter set(x, i, u) return %0 }`,
  'scatter max, refused': `(x: f32[3], i: i32[2], u: f32[2]) { %0 = scatter max(x, i, u) return %0 }`,
  'scatter min, refused': `(x: f32[3], i: i32[2], u: f32[2]) { %0 = scatter min(x, i, u) return %0 }`,
  'scatter mul, refused': `(x: f32[3], i: i32[2], u: f32[2]) { %0 = scatter mul(x, i, u) return %0 }`,
  'a part': `(x: f32[n<=8, 5], i: i32[], j: i32[]) { %0 = dynamicSlice(x, i, j) sizes [-1, 2] return %0 }`,
  'a part replaced': `(x: f32[n<=8, 5], u: f32[n<=8, 2], i: i32[], j: i32[]) { %0 = dynamicUpdateSlice(x, u, i, j) return %0 }`,
  'one of each row': pick('4', '12', `${clamp} %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'one of each row, the bounds and operands the other way round': pick('4', '12', `%1 = max(0, c) %2 = min(2, %1) %3 = mul(3, %0) %4 = add(%2, %3) %5 = gather(x, %4) return %5`),
  'one of each row, the lower bound outside and first': pick('4', '12', `%1 = min(2, c) %2 = max(0, %1) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'one of each named row': pick('n<=8', '3*n<=8', `${clamp} %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'one of each row, the size seen through views': pick('4', '12', `${clamp} %3: i32[] = constant 3 %4: i32[1] = reshape(%3) %5: i32[4] = broadcastInDim(%4) dims [0]
    %6 = mul(%0, %5) %7 = add(%6, %2) %8 = gather(x, %7) return %8`),
  'one of each row, more than a number in each': `(x: f32[12, 2], c: i32[4]) { %0: i32[4] = iota axis 0 ${clamp} %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5 }`,
};
/** gathers that look like picks of one element of each row: two indices may meet, or the rows are not all there */
export const nearPicks: Programs = {
  'no bounds': pick('4', '12', `%1 = mul(%0, 3) %2 = add(%1, c) %3 = gather(x, %2) return %3`),
  'only the upper bound': pick('4', '12', `%1 = min(c, 2) %2 = mul(%0, 3) %3 = add(%2, %1) %4 = gather(x, %3) return %4`),
  'only the lower bound': pick('4', '12', `%1 = max(c, 0) %2 = mul(%0, 3) %3 = add(%2, %1) %4 = gather(x, %3) return %4`),
  'a bound at the size': pick('4', '12', `%1 = min(c, 3) %2 = max(%1, 0) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a bound at the size, outside': pick('4', '12', `%1 = max(c, 0) %2 = min(%1, 3) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a bound below the last': pick('4', '12', `%1 = max(c, 0) %2 = min(%1, 1) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a lower bound at 1': pick('4', '12', `%1 = min(c, 2) %2 = max(%1, 1) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a lower bound at 1, inside': pick('4', '12', `%1 = max(c, 1) %2 = min(%1, 2) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'the bounds exchanged': pick('4', '12', `%1 = max(c, 2) %2 = min(%1, 0) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'two upper bounds': pick('4', '12', `%1 = min(c, 0) %2 = min(%1, 2) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'two lower bounds': pick('4', '12', `%1 = max(c, 2) %2 = max(%1, 0) %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'rows counted by a value': `(x: f32[12], c: i32[4], r: i32[4]) { ${clamp} %3 = mul(r, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5 }`,
  'rows of sizes that are not known': `(x: f32[12], c: i32[4], w: i32[4]) { %0: i32[4] = iota axis 0 ${clamp} %3 = mul(%0, w) %4 = add(%3, %2) %5 = gather(x, %4) return %5 }`,
  'rows of sizes written out': pick('4', '12', `${clamp} %3: i32[4] = constant [3, 3, 3, 2] %4 = mul(%0, %3) %5 = add(%4, %2) %6 = gather(x, %5) return %6`),
  'rows of a size written out': pick('4', '12', `${clamp} %3: i32[1] = constant [3] %4: i32[4] = broadcastInDim(%3) dims [0] %5 = mul(%0, %4) %6 = add(%5, %2) %7 = gather(x, %6) return %7`),
  'rows beyond the table': pick('4', '9', `${clamp} %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'as many elements as rows and columns together': pick('4', '7', `${clamp} %3 = mul(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a difference': pick('4', '12', `${clamp} %3 = mul(%0, 3) %4 = sub(%3, %2) %5 = gather(x, %4) return %5`),
  'a sum of rows and sizes': pick('4', '12', `${clamp} %3 = add(%0, 3) %4 = add(%3, %2) %5 = gather(x, %4) return %5`),
  'a table of indices': `(x: f32[8], c: i32[4, 2]) { %0: i32[4, 2] = iota axis 0 %1 = min(c, 1) %2 = max(%1, 0) %3 = mul(%0, 2) %4 = add(%3, %2) %5 = gather(x, %4) return %5 }`,
};

const flow: Programs = {
  'a result that depends on nothing': `(x: f32[2]) { %0: f32[2] = constant 3 return %0 }`,
  'a parameter as two results': `(x: f32[2]) { return x, x }`,
  'one value read twice': `(x: f32[2]) { %0 = sin(x) %1 = mul(%0, %0) %2 = add(%1, %0) return %2 }`,
  'no derivative flows through stopGradient': `(x: f32[2], y: f32[2]) { %0 = stopGradient(x) %1 = mul(%0, y) return %1 }`,
  'what has no derivative may stand where none flows': `(x: f32[n<=8], y: f32[]) { %0 = reduce mul(x) axes [0] %1 = stopGradient(%0) %2 = mul(%1, y) return %2 }`,
  'what has no derivative may stand over integers': `(i: i32[n<=8], y: f32[]) { %0: f32[n<=8] = convert(i) %1 = reduce mul(%0) axes [0] %2 = mul(%1, y) return %2 }`,
  'what has no derivative may stand beside the results': `(x: f32[n<=8], y: f32[]) { %0 = reduce mul(x) axes [0] %1 = gt(%0, y) %2: i32[] = convert(%1) return y, %2 }`,
  'integers and truths beside floats': `(x: f32[2], i: i32[2], t: bool[2]) { %0: f32[2] = convert(i) %1 = select(t, x, %0) %2 = mul(i, i) return %1, %2 }`,
  'a float on its way through another dtype': `(x: f32[2], y: f64[2]) { %0: f64[2] = convert(x) %1 = mul(%0, y) %2: f32[2] = convert(%1) return %2 }`,
  'a float made whole': `(x: f32[2]) { %0: i32[2] = convert(x) %1: f32[2] = convert(%0) return %1 }`,
  'a size is no function of the values': `(x: f32[n<=8]) { %0 = getDimensionSize(x) axis 0 %1: f32[] = convert(%0) %2 = reduce add(x) axes [0] %3 = mul(%2, %1) return %3 }`,
  'iota': `(x: f32[3]) { %0: f32[3] = iota axis 0 %1 = mul(x, %0) return %1 }`,
};

/** modules whose last graph is differentiated */
export const nested: Programs = {
  'a call': `
graph g(x: f32[2], y: f32[2]) { %0 = mul(x, y) %1 = sin(%0) return %0, %1 }
graph main(x: f32[2], y: f32[2]) { %0 = call g(x, y) %1 = add(%0[0], %0[1]) return %1 }`,
  'a call of one value twice': `
graph g(x: f32[2], y: f32[2]) { %0 = mul(x, y) %1 = mul(%0, x) return %1 }
graph main(x: f32[2]) { %0 = call g(x, x) return %0 }`,
  'a call that leaves an argument alone': `
graph g(x: f32[2], y: f32[]) { %0 = sin(x) return %0 }
graph main(x: f32[2], z: f32[n<=8]) { %0 = reduce mul(z) axes [0] %1 = call g(x, %0) return %1 }`,
  'a composite': `
graph g(x: f32[2], i: i32[2]) { %0: f32[2] = convert(i) %1 = mul(x, %0) %2 = exp(%1) return %2 }
graph main(x: f32[2], i: i32[2]) { %0 = composite g(x, i) body g return %0 }`,
  'a composite with a reverse rule of its own': `
graph g(x: f32[2], i: i32[2], y: f32[2]) { %0 = mul(x, y) %1 = add(i, 1) %2 = exp(%0) return %0, %1, %2 }
graph back(x: f32[2], i: i32[2], y: f32[2], r0: f32[2], r1: i32[2], r2: f32[2], c0: f32[2], c2: f32[2]) { %0 = mul(c2, r2) %1 = add(c0, %0) %2 = mul(%1, y) %3 = mul(%1, x) return %2, %3 }
graph main(x: f32[2], i: i32[2], y: f32[2]) { %0 = composite g(x, i, y) body g vjp back return %0[2], %0[1] }`,
  'a composite with rules of its own': `
graph g(x: f32[2], i: i32[2], y: f32[2]) { %0 = mul(x, y) %1 = add(i, 1) %2 = exp(%0) return %0, %1, %2 }
graph back(x: f32[2], i: i32[2], y: f32[2], r0: f32[2], r1: i32[2], r2: f32[2], c0: f32[2], c2: f32[2]) { %0 = mul(c2, r2) %1 = add(c0, %0) %2 = mul(%1, y) %3 = mul(%1, x) return %2, %3 }
graph forth(x: f32[2], i: i32[2], y: f32[2], dx: f32[2], dy: f32[2]) { %0 = mul(x, y) %1 = add(i, 1) %2 = exp(%0) %3 = mul(dx, y) %4 = mul(x, dy) %5 = add(%3, %4) %6 = mul(%5, %2) return %0, %1, %2, %5, %6 }
graph main(x: f32[2], i: i32[2], y: f32[2]) { %0 = composite g(x, i, y) body g vjp back jvp forth return %0[2], %0[1] }`,
  'a composite with a forward rule of its own': `
graph g(x: f32[2]) { %0 = exp(x) return %0 }
graph forth(x: f32[2], dx: f32[2]) { %0 = exp(x) %1 = mul(dx, %0) return %0, %1 }
graph main(x: f32[2]) { %0 = sin(x) %1 = composite g(%0) body g jvp forth return %1 }`,
};

export const groups: { readonly [file: string]: Programs } = { views, contractions, reductions, indices, flow };
