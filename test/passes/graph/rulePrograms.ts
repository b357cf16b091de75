/** For rules, by name: programs that they change beside those that look alike and must stay. Graphs from their parameters on. */
export type RulePrograms = { readonly [rule: string]: readonly string[] };

const unary = (steps: string, last: number): string => `(x: f32[2, 3], y: f32[2, 3]) { ${steps} return %${last} }`;

const algebra: RulePrograms = {
  'x/2^k = x*2^-k': ['8.507059173023462e37', '-8.507059173023462e37', '1.7014118346046923e38', '1.1754943508222875e-38', '5.877471754111438e-39', '-4', '0.5', '3', '0', 'inf']
    .map((c) => unary(`%0 = div(x, ${c})`, 0)).concat('(x: i32[2]) { %0 = div(x, 4) return %0 }', '() { %0: f32[2] = constant 3 %1 = div(%0, 4) return %1 }'),
  'x/(-1) = -x': [unary('%0 = div(x, -1)', 0), '(x: i32[2]) { %0 = div(x, -1) return %0 }'],
  '|-x| = |x|': [unary('%0 = neg(x) %1 = abs(%0)', 1), '(x: u32[2]) { %0 = neg(x) %1 = abs(%0) return %1 }'],
  'n - n = 0': ['(x: i32[2]) { %0 = sub(x, x) return %0 }', unary('%0 = sub(x, x)', 0)],
  'n*0 = 0': ['(x: i32[2]) { %0 = mul(x, 0) return %0 }', unary('%0 = mul(x, 0)', 0)],
  '(n + c) + d = n + (c + d)': ['(x: i32[2]) { %0 = add(x, 2147483647) %1 = add(%0, 3) return %1 }', unary('%0 = add(x, 2) %1 = add(%0, 3)', 1)],
  '(n*c)*d = n*(c*d)': ['(x: i32[2]) { %0 = mul(x, 65537) %1 = mul(%0, 65537) return %1 }', unary('%0 = mul(x, 2) %1 = mul(%0, 3)', 1)],
  'max(x, -x) = |x|': [unary('%0 = neg(x) %1 = max(x, %0)', 1), unary('%0 = neg(y) %1 = max(x, %0)', 1), '(x: i32[2]) { %0 = neg(x) %1 = max(x, %0) return %1 }'],
  'min(x, -x) = -|x|': [unary('%0 = neg(x) %1 = min(x, %0)', 1), '(x: i32[2]) { %0 = neg(x) %1 = min(x, %0) return %1 }'],
  'max(max(x, c), d) = max(x, max(c, d))': [unary('%0 = max(x, 2) %1 = max(%0, 3)', 1), unary('%0 = max(x, 3) %1 = max(%0, 2)', 1), unary('%0 = min(x, 2) %1 = max(%0, 3)', 1)],
  'min(min(x, c), d) = min(x, min(c, d))': [unary('%0 = min(x, 2) %1 = min(%0, 3)', 1), unary('%0 = max(x, 2) %1 = min(%0, 3)', 1)],
  'x and true = x': ['(x: bool[2]) { %0 = and(x, 1) return %0 }', '(x: i32[2]) { %0 = and(x, 1) return %0 }'],
  'x or true = true': ['(x: bool[2]) { %0 = or(x, 1) return %0 }', '(x: i32[2]) { %0 = or(x, 1) return %0 }'],
  '[c]*x = select(c, x, 0)': [
    '(t: bool[2], x: f32[2]) { %0: f32[2] = convert(t) %1 = mul(%0, x) return %1 }', '(t: bool[2], x: f32[2]) { %0: f32[2] = convert(t) %1 = mul(x, %0) return %1 }',
    '(t: bool[2]) { %0: f32[2] = convert(t) %1 = mul(%0, 3) return %1 }', '(t: i32[2], x: f32[2]) { %0: f32[2] = convert(t) %1 = mul(%0, x) return %1 }',
    '(t: bool[2], u: bool[2]) { %0: f32[2] = convert(t) %1: f32[2] = convert(u) %2 = mul(%0, %1) return %2 }', '(t: bool[2], x: f32[2]) { %0: f32[2] = convert(t) %1 = neg(%0) %2 = mul(%1, x) return %2 }',
  ],
  'x*0 = 0': [unary('%0 = mul(x, 0)', 0), '(x: i32[2]) { %0 = mul(x, 0) return %0 }'],
  'x - x = 0': [unary('%0 = sub(x, x)', 0), '(x: i32[2]) { %0 = sub(x, x) return %0 }'],
  'x/c = x*(1/c)': [unary('%0 = div(x, 3)', 0), unary('%0 = div(x, 0)', 0), '(x: i32[2]) { %0 = div(x, 3) return %0 }', '() { %0: f32[2] = constant 3 %1 = div(%0, 5) return %1 }'],
  '(x + c) + d = x + (c + d)': [unary('%0 = add(x, 2) %1 = add(%0, 3)', 1), '(x: i32[2]) { %0 = add(x, 2) %1 = add(%0, 3) return %1 }'],
  '(x*c)*d = x*(c*d)': [unary('%0 = mul(x, 2) %1 = mul(%0, 3)', 1), '(x: i32[2]) { %0 = mul(x, 2) %1 = mul(%0, 3) return %1 }'],
};

const canonical: RulePrograms = {
  'x - c = x + (-c)': [unary('%0 = sub(x, 3)', 0), unary('%0 = sub(3, x)', 0), '() { %0: f32[2] = constant 3 %1 = sub(%0, 5) return %1 }'],
  '(-x)/(-y) = x/y': [unary('%0 = neg(x) %1 = neg(y) %2 = div(%0, %1)', 2), '(x: i32[2], y: i32[2]) { %0 = neg(x) %1 = neg(y) %2 = div(%0, %1) return %2 }', '(y: f32[2]) { %0: f32[2] = constant 3 %1 = neg(%0) %2 = neg(y) %3 = div(%1, %2) return %3 }'],
  '(-x)/y = -(x/y)': [unary('%0 = neg(x) %1 = div(%0, y)', 1), '(x: i32[2], y: i32[2]) { %0 = neg(x) %1 = div(%0, y) return %1 }'],
  'x/(-y) = -(x/y)': [unary('%0 = neg(y) %1 = div(x, %0)', 1), '(x: i32[2], y: i32[2]) { %0 = neg(y) %1 = div(x, %0) return %1 }', '(y: f32[2]) { %0 = neg(y) %1 = div(3, %0) return %1 }'],
  '-(xc) = x(-c)': [unary('%0 = mul(x, 3) %1 = neg(%0)', 1), '() { %0: f32[2] = constant 3 %1 = mul(%0, 5) %2 = neg(%1) return %2 }'],
  '-(x/c) = x/(-c)': [unary('%0 = div(x, 3) %1 = neg(%0)', 1), '(x: i32[2]) { %0 = div(x, 3) %1 = neg(%0) return %1 }'],
  'operands in order, numbers last': [
    unary('%0 = add(3, x)', 0), unary('%0 = add(x, 3)', 0), unary('%0 = mul(y, x)', 0), unary('%0 = mul(x, y)', 0), unary('%0 = sub(3, x)', 0), unary('%0 = eq(3, x)', 0), unary('%0 = exp(x) %1 = max(%0, y)', 1), unary('%0 = exp(x) %1 = max(y, %0)', 1),
    unary('%0 = add(x, x)', 0), '(x: i32[2], y: i32[2]) { %0 = xor(y, x) return %0 }', unary('%0 = div(y, x)', 0),
  ],
  'comparisons: numbers right, else less-than': ['lt', 'le', 'gt', 'ge'].flatMap((fn) => [unary(`%0 = ${fn}(x, y)`, 0), unary(`%0 = ${fn}(x, 3)`, 0), unary(`%0 = ${fn}(3, x)`, 0)])
    .concat('() { %0: f32[2] = constant 3 %1 = gt(%0, 5) return %1 }', unary('%0 = eq(3, x)', 0)),
  'convert to its own dtype': [unary('%0: f32[2, 3] = convert(x)', 0), unary('%0: f64[2, 3] = convert(x)', 0)],
  'convert of a convert that keeps every value': ['bool', 'i32', 'u32', 'f32', 'f64'].flatMap((from) => ['bool', 'i32', 'u32', 'f32', 'f64'].filter((via) => via !== from).map((via) =>
    `(x: ${from}[2]) { %0: ${via}[2] = convert(x) %1: ${via === 'f32' ? 'f64' : 'f32'}[2] = convert(%0) return %1 }`)).concat(unary('%0 = neg(x) %1: f64[2, 3] = convert(%0)', 1)),
  'size of a fixed dimension': ['(x: f32[n<=8, 3]) { %0 = getDimensionSize(x) axis 1 return %0 }', '(x: f32[n<=8, 3]) { %0 = getDimensionSize(x) axis 0 return %0 }'],
  'equal elements written out are a number': [
    '() { %0: f32[3] = constant [2, 2, 2] return %0 }', '() { %0: f32[3] = constant [2, 2, 3] return %0 }', '() { %0: f32[3] = constant [2, 3, 3] return %0 }', '() { %0: f32[2] = constant [0, -0] return %0 }',
    '() { %0: f32[2] = constant [nan, nan] return %0 }', '() { %0: f32[1] = constant [2] return %0 }', '() { %0: f32[2] = constant [2, 2] return %0 }', '() { %0: i32[2] = constant 2 return %0 }',
  ],
  'one result of a reduction of several = reduction of its operand': [
    '(x: f32[2, 3], y: f32[2, 3]) { %0 = reduce argMax(x, y) axes [1] return %0[0], %0[1] }', '(x: f32[2, 3], y: f32[2, 3]) { %0 = reduce add(x, y) axes [0] return %0[1] }',
  ],
  'contracted axes in the left order': [
    '(x: f32[2, 3, 4], y: f32[3, 4, 5]) { %0 = dotGeneral(x, y) contract [2, 1] [1, 0] return %0 }', '(x: f32[2, 3, 4], y: f32[3, 4, 5]) { %0 = dotGeneral(x, y) contract [1, 2] [0, 1] return %0 }',
    '(x: f32[6, 2, 3, 4], y: f32[4, 6, 3, 2, 5]) { %0 = dotGeneral(x, y) batch [0] [1] contract [3, 1, 2] [0, 3, 2] return %0 }',
  ],
};

const views: RulePrograms = {
  'broadcast of a number': ['() { %0: f32[3] = constant 2 %1: f32[2, 3] = broadcastInDim(%0) dims [1] return %1 }', '() { %0: f32[3] = constant [2, 3, 4] %1: f32[2, 3] = broadcastInDim(%0) dims [1] return %1 }'],
  'broadcast that only adds axes of size 1 = reshape': ['(x: f32[2, 3]) { %0: f32[2, 1, 3] = broadcastInDim(x) dims [0, 2] return %0 }', '(x: f32[n<=8, 1]) { %0: f32[n<=8] = reshape(x) %1: f32[1, n<=8] = broadcastInDim(%0) dims [1] return %1 }', '(x: f32[2, 1]) { %0: f32[2, 3] = broadcastInDim(x) dims [0, 1] return %0 }', '(x: f32[]) { %0: f32[1, 1] = broadcastInDim(x) dims [] return %0 }', '(x: f32[2]) { %0: f32[2, 2] = broadcastInDim(x) dims [1] return %0 }'],
  'broadcast x = broadcast of x without its axes of size 1': ['(x: f32[2, 1]) { %0: f32[2, 3] = broadcastInDim(x) dims [0, 1] return %0 }', '(x: f32[1, 3]) { %0: f32[2, 4, 3] = broadcastInDim(x) dims [1, 2] return %0 }', '(x: f32[3]) { %0: f32[2, 3] = broadcastInDim(x) dims [1] return %0 }', '(x: f32[1, 2, 1, 3]) { %0: f32[4, 2, 5, 3] = broadcastInDim(x) dims [0, 1, 2, 3] return %0 }'],
  'broadcast of broadcast': ['(x: f32[3]) { %0: f32[2, 3] = broadcastInDim(x) dims [1] %1: f32[2, 4, 3] = broadcastInDim(%0) dims [0, 2] return %1 }', '(x: f32[2, 3]) { %0 = neg(x) %1: f32[2, 4, 3] = broadcastInDim(%0) dims [0, 2] return %1 }'],
  'broadcast of iota = iota': ['() { %0: i32[2, 3] = iota axis 1 %1: i32[2, 4, 3] = broadcastInDim(%0) dims [0, 2] return %1 }', '() { %0: i32[2, 1] = iota axis 1 %1: i32[2, 3] = broadcastInDim(%0) dims [0, 1] return %1 }', '(x: i32[3]) { %0: i32[2, 3] = broadcastInDim(x) dims [1] return %0 }'],
  'iota along an axis of size 1 = 0': ['() { %0: i32[3, 1] = iota axis 1 return %0 }', '() { %0: i32[3, 1] = iota axis 0 return %0 }'],
  'reshape to the same shape': ['(x: f32[n<=8, 3]) { %0: f32[n<=8, 3] = reshape(x) return %0 }', '(x: f32[2, 3]) { %0: f32[3, 2] = reshape(x) return %0 }'],
  'reshape of reshape': ['(x: f32[2, 6]) { %0: f32[3, 4] = reshape(x) %1: f32[12] = reshape(%0) return %1 }', '(x: f32[2, 6]) { %0 = neg(x) %1: f32[12] = reshape(%0) return %1 }'],
  'reshape of a number': ['() { %0: f32[2, 2] = constant 2 %1: f32[4] = reshape(%0) return %1 }'],
  'reshape of broadcast by axes of size 1 = broadcast': [
    '(x: f32[3]) { %0: f32[2, 3] = broadcastInDim(x) dims [1] %1: f32[1, 2, 1, 3] = reshape(%0) return %1 }', '(x: f32[3]) { %0: f32[2, 3] = broadcastInDim(x) dims [1] %1: f32[6] = reshape(%0) return %1 }',
    '(x: f32[1, 3]) { %0: f32[2, 3] = broadcastInDim(x) dims [0, 1] %1: f32[2, 1, 3] = reshape(%0) return %1 }', '(x: f32[2, 3]) { %0: f32[4, 1, 2, 3] = broadcastInDim(x) dims [2, 3] %1: f32[4, 2, 3] = reshape(%0) return %1 }', '(x: f32[2, 3]) { %0 = neg(x) %1: f32[2, 1, 3] = reshape(%0) return %1 }',
  ],
  'reshape of iota by axes of size 1 = iota': ['() { %0: i32[3, 2] = iota axis 1 %1: i32[1, 3, 1, 2] = reshape(%0) return %1 }', '() { %0: i32[3, 2] = iota axis 1 %1: i32[6] = reshape(%0) return %1 }', '() { %0: i32[1, 3] = iota axis 0 %1: i32[3] = reshape(%0) return %1 }', '(x: i32[3]) { %0: i32[3, 1] = reshape(x) return %0 }'],
  'transpose that moves nothing': ['(x: f32[2, 3]) { %0 = transpose(x) perm [0, 1] return %0 }', '(x: f32[2, 3, 4]) { %0 = transpose(x) perm [0, 2, 1] return %0 }'],
  'transpose of transpose': ['(x: f32[2, 3, 4]) { %0 = transpose(x) perm [1, 2, 0] %1 = transpose(%0) perm [0, 2, 1] return %1 }', '(x: f32[2, 3]) { %0 = neg(x) %1 = transpose(%0) perm [1, 0] return %1 }'],
  'transpose of a number': ['() { %0: f32[2, 3] = constant 2 %1 = transpose(%0) perm [1, 0] return %1 }'],
  'transpose of axes of size 1 = reshape': ['(x: f32[2, 1, 3]) { %0 = transpose(x) perm [1, 0, 2] return %0 }', '(x: f32[2, 1, 3]) { %0 = transpose(x) perm [2, 1, 0] return %0 }', '(x: f32[1, 3]) { %0 = transpose(x) perm [1, 0] return %0 }'],
  'transpose of broadcast = broadcast of transpose': ['(x: f32[2, 3]) { %0: f32[2, 4, 3] = broadcastInDim(x) dims [0, 2] %1 = transpose(%0) perm [2, 1, 0] return %1 }', '(x: f32[2, 3, 5]) { %0: f32[2, 4, 3, 5] = broadcastInDim(x) dims [0, 2, 3] %1 = transpose(%0) perm [3, 0, 1, 2] return %1 }', '(x: f32[2, 3]) { %0 = neg(x) %1 = transpose(%0) perm [1, 0] return %1 }'],
  'transpose of iota = iota': ['() { %0: i32[2, 3, 4] = iota axis 1 %1 = transpose(%0) perm [1, 2, 0] return %1 }', '(x: f32[2, 3]) { %0 = transpose(x) perm [1, 0] return %0 }'],
  'slice of everything': ['(x: f32[2, n<=8, 3]) { %0 = slice(x) [0..2, all, 0..3] return %0 }', '(x: f32[2, 3]) { %0 = slice(x) [0..2, 0..2] return %0 }', '(x: f32[1, 3]) { %0 = slice(x) [0..1 by 2, 0..3] return %0 }', '(x: f32[3]) { %0 = slice(x) [0..3 by 2] return %0 }', '(x: f32[3, 0]) { %0 = slice(x) [0..3, 0..0 by 2] return %0 }', '(x: f32[n<=8, 3]) { %0 = slice(x) [all, 1..3] return %0 }'],
  'slice of a number': ['() { %0: f32[5] = constant 2 %1 = slice(%0) [1..3] return %1 }'],
  'slice of slice': [
    '(x: f32[9, 4]) { %0 = slice(x) [1..9 by 2, 0..3] %1 = slice(%0) [1..4 by 2, 1..3] return %1 }', '(x: f32[n<=8, 9]) { %0 = slice(x) [all, 2..9 by 3] %1 = slice(%0) [all, 1..3] return %1 }',
    '(x: f32[9]) { %0 = slice(x) [2..9 by 3] %1 = slice(%0) [3..3] return %1 }', '(x: f32[9]) { %0 = slice(x) [2..7] %1 = slice(%0) [1..5 by 3] return %1 }', '(x: f32[9]) { %0 = slice(x) [1..8 by 3] %1 = slice(%0) [0..3 by 2] return %1 }', '(x: f32[9]) { %0 = slice(x) [2..8] %1 = slice(%0) [3..4] return %1 }', '(x: f32[9]) { %0 = neg(x) %1 = slice(%0) [1..3] return %1 }',
    '(x: f32[9]) { %0 = slice(x) [2..8 by 2] %1 = slice(%0) [1..1] return %1 }',
  ],
  'slice of broadcast = broadcast of slice': ['(x: f32[4]) { %0: f32[4, 5] = broadcastInDim(x) dims [0] %1 = slice(%0) [1..3, 2..4] return %1 }', '(x: f32[4, 6]) { %0: f32[4, 5, 6] = broadcastInDim(x) dims [0, 2] %1 = slice(%0) [1..3, 2..4, 0..5 by 2] return %1 }', '(x: f32[4, 1]) { %0: f32[4, 5] = broadcastInDim(x) dims [0, 1] %1 = slice(%0) [1..3, 2..4] return %1 }', '(x: f32[4, 5]) { %0 = neg(x) %1 = slice(%0) [1..3, 2..4] return %1 }'],
  'pad by nothing': ['(x: f32[2], v: f32[]) { %0 = pad(x, v) low [0] high [0] return %0 }', '(x: f32[2], v: f32[]) { %0 = pad(x, v) low [1] high [0] return %0 }', '(x: f32[2], v: f32[]) { %0 = pad(x, v) low [0] high [1] return %0 }', '(x: f32[2], v: f32[]) { %0 = pad(x, v) low [1] high [-1] return %0 }', '(x: f32[2, 1], v: f32[]) { %0 = pad(x, v) low [0, 0] high [0, 0] interior [0, 2] return %0 }', '(x: f32[2, 1], v: f32[]) { %0 = pad(x, v) low [0, 0] high [0, 0] interior [1, 2] return %0 }', '(x: f32[2, 1], v: f32[]) { %0 = pad(x, v) low [0, 0] high [0, 1] interior [0, 2] return %0 }'],
  'pad a number with itself': ['() { %0: f32[2] = constant 3 %1 = pad(%0, 3) low [1] high [1] return %1 }', '() { %0: f32[2] = constant 0 %1 = pad(%0, -0) low [1] high [1] return %1 }', '() { %0: f32[2] = constant 3 %1 = pad(%0, 2) low [1] high [1] return %1 }', '(x: f32[2]) { %0 = pad(x, 3) low [1] high [1] return %0 }', '(x: f32[2], v: f32[]) { %0 = pad(x, v) low [1] high [1] return %0 }', '(v: f32[]) { %0: f32[2] = constant 3 %1 = pad(%0, v) low [1] high [1] return %1 }'],
  'reverse of reverse': ['(x: f32[2, 3, 4]) { %0 = reverse(x) axes [0, 1] %1 = reverse(%0) axes [1, 2] return %1 }', '(x: f32[2, 3]) { %0 = neg(x) %1 = reverse(%0) axes [1] return %1 }'],
  'reverse along what does not vary': ['(x: f32[2]) { %0: f32[2, 3] = broadcastInDim(x) dims [0] %1 = reverse(%0) axes [0, 1] return %1 }', '(x: f32[2, 3]) { %0: f32[2, 3, 4] = broadcastInDim(x) dims [0, 1] %1 = reverse(%0) axes [2] return %1 }', '(x: f32[3]) { %0: f32[2, 3] = broadcastInDim(x) dims [1] %1 = reverse(%0) axes [0, 1] return %1 }', '(x: f32[2, 3]) { %0 = reverse(x) axes [1, 0] return %0 }', '(x: f32[2, 3]) { %0 = reverse(x) axes [0, 1] return %0 }', '(x: f32[2, 3]) { %0 = reverse(x) axes [] return %0 }', '(x: f32[1, 3]) { %0 = reverse(x) axes [0] return %0 }', '(x: f32[2, 3, 4]) { %0 = reverse(x) axes [0, 2, 1] return %0 }', '() { %0: i32[2, 3] = iota axis 1 %1 = reverse(%0) axes [0, 1] return %1 }'],
  'concatenate without what is empty': ['(x: f32[2], y: f32[0], z: f32[3]) { %0 = concatenate(x, y, z) axis 0 return %0 }', '(x: f32[2]) { %0 = concatenate(x) axis 0 return %0 }', '(x: f32[0], y: f32[0]) { %0 = concatenate(x, y) axis 0 return %0 }', '(x: f32[2, 0], y: f32[3, 0]) { %0 = concatenate(x, y) axis 0 return %0 }', '(x: f32[2], y: f32[3]) { %0 = concatenate(x, y) axis 0 return %0 }', '(x: f32[0, 2], y: f32[0, 3]) { %0 = concatenate(x, y) axis 1 return %0 }'],
  'map of broadcasts = broadcast of map': [
    '(x: f32[2]) { %0: f32[2, 3] = broadcastInDim(x) dims [0] %1 = exp(%0) return %1 }', '(x: f32[2, 3], y: f32[2]) { %0: f32[2, 3] = broadcastInDim(y) dims [0] %1 = mul(x, %0) return %1 }',
    '(x: f32[3]) { %0: f32[2, 3, 4] = broadcastInDim(x) dims [1] %1: f32[2, 3, 4] = iota axis 1 %2 = mul(%0, %1) return %2 }', '(x: f32[2], y: f32[4]) { %0: f32[2, 3, 4] = broadcastInDim(x) dims [0] %1: f32[2, 3, 4] = broadcastInDim(y) dims [2] %2 = mul(%0, %1) return %2 }',
    '() { %0: f32[2] = constant 3 %1 = add(%0, 2) return %1 }', '(x: f32[0]) { %0: f32[0, 3] = broadcastInDim(x) dims [0] %1 = exp(%0) return %1 }', '(x: f32[2, 1]) { %0 = exp(x) return %0 }', '(x: f32[2, 1]) { %0: f32[2, 3, 4] = broadcastInDim(x) dims [0, 1] %1 = add(%0, 2) return %1 }',
    '(x: f32[2, 1, 1]) { %0: f32[2, 1, 3] = broadcastInDim(x) dims [0, 1, 2] %1: f32[2, 1, 3] = broadcastInDim(x) dims [0, 1, 2] %2 = exp(%1) return %2 }',
    '(x: f32[2, 1]) { %0: f32[1, 2, 1] = reshape(x) %1: f32[1, 2, 3] = broadcastInDim(x) dims [1, 2] %2: i32[1, 2, 3] = convert(%1) return %2 }',
  ],
  'map of reshapes by axes of size 1 = reshape of map': [
    '(x: f32[2]) { %0: f32[2, 1] = reshape(x) %1 = exp(%0) return %1 }', '(x: f32[2, 3], y: f32[3]) { %0: f32[2, 1, 3] = reshape(x) %1: f32[2, 1, 3] = broadcastInDim(y) dims [2] %2 = mul(%0, %1) return %2 }', '(x: f32[2, 3], y: f32[2, 1, 3]) { %0: f32[2, 1, 3] = reshape(x) %1 = mul(%0, y) return %1 }',
    '(x: f32[2, 3]) { %0: f32[6] = reshape(x) %1 = exp(%0) return %1 }', '(x: f32[2, 3], y: f32[2, 3, 1]) { %0: f32[2, 1, 3] = reshape(x) %1: f32[2, 1, 3] = reshape(y) %2 = mul(%0, %1) return %2 }', '(x: f32[2, 3], y: f32[2, 3]) { %0: f32[2, 1, 3] = reshape(x) %1: f32[2, 1, 3] = reshape(y) %2 = lt(%0, %1) return %2 }',
    '(x: f32[2, 3]) { %0: f32[2, 1, 3] = reshape(x) %1: f32[2, 1, 3] = iota axis 2 %2 = mul(%0, %1) %3 = add(%0, 2) return %2, %3 }', '(x: f32[2, 3], y: f32[2, 3]) { %0: f32[2, 1, 3] = reshape(x) %1 = mul(2, %0) return %1 }',
  ],
};

const dot = (x: string, y: string, rest: string): string => `(x: f32[${x}], y: f32[${y}]) { ${rest} return %1 }`;
const contractions: RulePrograms = {
  'dot of transpose': [
    dot('3, 2', '3, 4', '%0 = transpose(x) perm [1, 0] %1 = dotGeneral(%0, y) contract [1] [0]'), dot('2, 3', '4, 3', '%0 = transpose(y) perm [1, 0] %1 = dotGeneral(x, %0) contract [1] [0]'),
    dot('3, 2, 5', '3, 4', '%0 = transpose(x) perm [2, 1, 0] %1 = dotGeneral(%0, y) contract [2] [0]'), dot('5, 3, 2', '3, 5, 4', '%0 = transpose(x) perm [2, 0, 1] %1 = dotGeneral(%0, y) batch [1] [1] contract [2] [0]'),
    dot('2, 3', '3, 4', '%0 = neg(x) %1 = dotGeneral(%0, y) contract [1] [0]'), '(x: f32[3, 2], y: f32[4, 3]) { %0 = transpose(x) perm [1, 0] %1 = transpose(y) perm [1, 0] %2 = dotGeneral(%0, %1) contract [1] [0] return %2 }',
    dot('4, 3, 2', '5, 4', '%0 = transpose(x) perm [1, 2, 0] %1 = dotGeneral(%0, y) contract [2] [1]'),
  ],
  'transpose of dot = dot the other way round': [
    dot('2, 3', '3, 4', '%0 = dotGeneral(x, y) contract [1] [0] %1 = transpose(%0) perm [1, 0]'), dot('5, 2, 3', '5, 3, 4', '%0 = dotGeneral(x, y) batch [0] [0] contract [2] [1] %1 = transpose(%0) perm [0, 2, 1]'),
    dot('5, 2, 3', '5, 3, 4', '%0 = dotGeneral(x, y) batch [0] [0] contract [2] [1] %1 = transpose(%0) perm [2, 1, 0]'), dot('2, 6, 3', '3, 4', '%0 = dotGeneral(x, y) contract [2] [0] %1 = transpose(%0) perm [2, 0, 1]'), dot('2, 6, 3', '3, 4', '%0 = dotGeneral(x, y) contract [2] [0] %1 = transpose(%0) perm [1, 2, 0]'),
    '(x: f32[2, 3]) { %0 = neg(x) %1 = transpose(%0) perm [1, 0] return %1 }',
  ],
  'dot with what is repeated': [
    '(x: f32[2, 3]) { %0: f32[3, 4] = constant 0.5 %1 = dotGeneral(x, %0) contract [1] [0] return %1 }', dot('5, 2, 3', '3, 4', '%0: f32[5, 3, 4] = broadcastInDim(y) dims [1, 2] %1 = dotGeneral(x, %0) batch [0] [0] contract [2] [1]'),
    dot('2, 3', '5, 3, 4', '%0: f32[5, 2, 3] = broadcastInDim(x) dims [1, 2] %1 = dotGeneral(%0, y) batch [0] [0] contract [2] [1]'), dot('2', '3, 4', '%0: f32[2, 3] = broadcastInDim(x) dims [0] %1 = dotGeneral(%0, y) contract [1] [0]'),
    dot('3', '3, 4', '%0: f32[2, 3] = broadcastInDim(x) dims [1] %1 = dotGeneral(%0, y) contract [1] [0]'), dot('2, 3', '4', '%0: f32[3, 4] = broadcastInDim(y) dims [1] %1 = dotGeneral(x, %0) contract [1] [0]'), dot('2, 3', '3', '%0: f32[3, 4] = broadcastInDim(y) dims [0] %1 = dotGeneral(x, %0) contract [1] [0]'),
    dot('2, 3', '3, 4', '%0 = neg(x) %1 = dotGeneral(%0, y) contract [1] [0]'), '(x: i32[2], y: i32[3, 4]) { %0: i32[2, 3] = broadcastInDim(x) dims [0] %1 = dotGeneral(%0, y) contract [1] [0] return %1 }', '(x: i32[3], y: i32[3, 4]) { %0: i32[2, 3] = broadcastInDim(x) dims [1] %1 = dotGeneral(%0, y) contract [1] [0] return %1 }',
    dot('2, 0', '0, 4', '%0: f32[2, 0] = iota axis 0 %1 = dotGeneral(%0, y) contract [1] [0]'), dot('2, 1', '1, 4', '%0 = neg(x) %1 = dotGeneral(%0, y) contract [1] [0]'), dot('6, 3', '7, 3, 6, 4', '%0: f32[6, 5, 7, 3] = broadcastInDim(x) dims [0, 3] %1 = dotGeneral(%0, y) batch [2] [0] contract [0, 3] [2, 1]'),
    dot('4, 6, 2, 3', '3, 2', '%0: f32[2, 5, 6, 3] = broadcastInDim(y) dims [0, 3]  %1 = dotGeneral(x, %0) batch [2] [0] contract [3, 1] [3, 2]').replace('f32[3, 2]', 'f32[2, 3]'), dot('n<=8', 'n<=8, 4', '%0: f32[n<=8, n<=8] = broadcastInDim(x) dims [1] %1 = dotGeneral(%0, y) contract [1] [0]'),
    dot('2, 3', '4, 5, 3', '%0: f32[2, 7, 3] = broadcastInDim(x) dims [0, 2] %1 = dotGeneral(%0, y) contract [2] [2]'), dot('4, 5, 3', '2, 3', '%0: f32[2, 7, 3] = broadcastInDim(y) dims [0, 2] %1 = dotGeneral(x, %0) contract [2] [2]'),
  ],
  'dot with one number = product': [dot('2, 3', '', '%0 = neg(y) %1 = dotGeneral(x, %0) contract [] []'), dot('', '2, 3', '%0 = neg(x) %1 = dotGeneral(%0, y) contract [] []'), dot('2', '2', '%0 = neg(x) %1 = dotGeneral(%0, y) contract [0] [0]')],
};

const pick = (steps: string, params = 'x: f32[3, 4], i: i32[3]'): string => `(${params}) { ${steps} }`;
const mask = '%0: i32[3, 4] = iota axis 1 %1: i32[3, 4] = broadcastInDim(i) dims [0] %2 = eq(%0, %1)';
/** a pick from the value of %9, and what looks like one */
const picksOf = (of: string): readonly string[] => [
  pick(`${mask} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`), pick(`%0: i32[3, 4] = iota axis 1 %1: i32[3, 4] = broadcastInDim(i) dims [0] %2 = eq(%1, %0) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`),
  pick(`${mask} ${of} %3 = select(%2, %9, 0) %4 = reduce max(%3) axes [1] LAST`), pick(`${mask} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [0] LAST`.replace('%4 =', '%4: f32[4] =')), pick(`${mask} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [0, 1] LAST`),
  pick(`${mask} ${of} %3 = select(%2, %9, 1) %4 = reduce add(%3) axes [1] LAST`), pick(`${mask} ${of} %3 = select(%2, 0, %9) %4 = reduce add(%3) axes [1] LAST`), pick(`%0: i32[3, 4] = iota axis 1 %1: i32[3, 4] = broadcastInDim(i) dims [0] %2 = ne(%0, %1) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`),
  pick(`%0: i32[3, 4] = iota axis 0 %1: i32[3, 4] = broadcastInDim(i) dims [0] %2 = eq(%0, %1) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`), pick(`%0: i32[3, 4] = iota axis 1 %2 = eq(%0, i) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`, 'x: f32[3, 4], i: i32[3, 4]'),
  pick(`%0: i32[3, 4] = iota axis 1 %1: i32[3, 4] = broadcastInDim(i) dims [1] %2 = eq(%0, %1) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`, 'x: f32[3, 4], i: i32[4]'), pick(`${mask} ${of} %3 = mul(%9, %9) %4 = reduce add(%3) axes [1] LAST`),
  ...[['min', 3, 'max', 0], ['max', 0, 'min', 3], ['min', 4, 'max', 0], ['max', 0, 'min', 4], ['min', 3, 'max', 1], ['max', 1, 'min', 3], ['min', 2, 'max', 0], ['max', 3, 'min', 0], ['min', 0, 'max', 3], ['max', 3, 'max', 0], ['min', 0, 'min', 3]].map(([f, p, g, q]) =>
    pick(`%5 = ${f}(i, ${p}) %6 = ${g}(%5, ${q}) ${mask.replace('(i)', '(%6)')} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`)),
  pick(`%5 = min(3, i) %6 = max(0, %5) ${mask.replace('(i)', '(%6)')} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`), pick(`%5 = min(i, 3) ${mask.replace('(i)', '(%5)')} ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`),
].map((text) => renumbered(text));
const wide = (of: string): readonly string[] => [
  renumbered(pick(`%0: i32[3, n<=8] = iota axis 1 %1: i32[3, n<=8] = broadcastInDim(i) dims [0] %2 = eq(%0, %1) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`, 'x: f32[3, n<=8], i: i32[3]')),
  renumbered(pick(`%0: i32[2, 3, 4] = iota axis 1 %1: i32[2, 3, 4] = broadcastInDim(i) dims [0, 2] %2 = eq(%0, %1) ${of} %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`, 'x: f32[2, 3, 4], i: i32[2, 4]')),
];
/** the lines in order, as the text form wants them */
function renumbered(text: string): string {
  const names = [...new Set([...text.matchAll(/%\d+(?=(?::[^%]*?)? = )/g)].map(([name]) => name))], last = names.length;
  const at = text.replaceAll(/%\d+/g, (name) => `%${names.indexOf(name)}`);
  return at.replace('LAST', `return %${last - 1}`);
}
const logged = (texts: readonly string[]): readonly string[] => texts.map((text) => text.replace(/return %(\d+)/, (_, n) => `%${Number(n) + 1} = log(%${n}) return %${Number(n) + 1}`));
const ofRows = '%8 = reduce add(x) axes [1] %9: SHAPE = broadcastInDim(%8) dims KEPT';
const rowsOf = (shape: string, kept: string): string => ofRows.replace('SHAPE', `f32[${shape}]`).replace('KEPT', kept);

const sum = (shape: string, steps: string, last: number): string => `(x: f32[${shape}]) { ${steps} return %${last} }`;
const reductions: RulePrograms = {
  'reduce along axes of size 1 = reshape': [
    sum('2, 1', '%0 = reduce add(x) axes [1]', 0), sum('2, 1, 3', '%0 = reduce max(x) axes [1, 2]', 0), sum('2', '%0 = reduce add(x) axes []', 0), sum('2, 3', '%0 = reduce add(x) axes [1]', 0), sum('1, 1', '%0 = reduce argMax(x) axes [1]', 0), '(x: f32[2, 1], y: f32[2, 1]) { %0 = reduce add(x, y) axes [1] return %0[0] }', '(x: bool[1, 2]) { %0 = reduce or(x) axes [0] %1 = reduce and(x) axes [0] return %0, %1 }',
  ],
  'reduce of reduce': [sum('2, 3, 4', '%0 = reduce add(x) axes [1] %1 = reduce add(%0) axes [1]', 1), sum('2, 3, 4', '%0 = reduce add(x) axes [1] %1 = reduce max(%0) axes [1]', 1), sum('2, 3, 4', '%0 = reduce min(x) axes [0] %1 = reduce min(%0) axes [0]', 1), sum('2, 3', '%0 = neg(x) %1 = reduce add(%0) axes [1]', 1), sum('2, 3, 4', '%0 = reduce argMax(x) axes [1] %1 = reduce argMax(%0) axes [1]', 1)],
  'reduce of broadcast: once, times the size': [
    ...['add', 'mul', 'max', 'min'].map((m) => sum('2', `%0: f32[2, 3] = broadcastInDim(x) dims [0] %1 = reduce ${m}(%0) axes [0, 1]`, 1)), sum('2', '%0: f32[2, n<=8] = broadcastInDim(x) dims [0] %1 = reduce add(%0) axes [1]', 1), sum('2', '%0: f32[2, n<=8] = broadcastInDim(x) dims [0] %1 = reduce max(%0) axes [1]', 1),
    sum('2', '%0: f32[2, 3, 0] = broadcastInDim(x) dims [0] %1 = reduce add(%0) axes [1, 2]', 1), sum('2', '%0: f32[2, 3, n<=8] = broadcastInDim(x) dims [0] %1 = reduce max(%0) axes [1, 2]', 1),
    sum('2', '%0: f32[2, 0] = broadcastInDim(x) dims [0] %1 = reduce add(%0) axes [1]', 1), sum('2, 3', '%0: f32[2, 3, 4] = broadcastInDim(x) dims [0, 1] %1 = reduce add(%0) axes [1]', 1), sum('3', '%0: f32[4, 5, 3, 6] = broadcastInDim(x) dims [2] %1 = reduce add(%0) axes [0, 2, 3]', 1), sum('n<=8', '%0: f32[n<=8, 5, m<=4, 1] = broadcastInDim(x) dims [0] %1 = reduce add(%0) axes [1, 2, 3]', 1), '() { %0: f32[2, 3] = constant 0.5 %1 = reduce add(%0) axes [1] return %1 }',
    '(x: i32[2]) { %0: i32[2, 3] = broadcastInDim(x) dims [0] %1 = reduce add(%0) axes [1] return %1 }', '(x: bool[2]) { %0: bool[2, 3] = broadcastInDim(x) dims [0] %1 = reduce and(%0) axes [1] return %1 }', sum('2, 3', '%0: f32[2, 3, 1] = broadcastInDim(x) dims [0, 1] %1 = reduce add(%0) axes [2]', 1), sum('3, 2', '%0: f32[4, 3, 5, 2] = broadcastInDim(x) dims [1, 3] %1 = reduce max(%0) axes [2, 3]', 1),
  ],
  'reduce of transpose': [sum('2, 3, 4', '%0 = transpose(x) perm [2, 0, 1] %1 = reduce add(%0) axes [1]', 1), sum('2, 3, 4, 5', '%0 = transpose(x) perm [3, 1, 0, 2] %1 = reduce max(%0) axes [0]', 1), sum('2, 3', '%0 = neg(x) %1 = reduce add(%0) axes [1]', 1), sum('2, 3, 4', '%0 = transpose(x) perm [2, 0, 1] %1 = reduce argMax(%0) axes [1, 2]', 1)],
  'reduce of reshape by axes of size 1': [sum('2, 3', '%0: f32[2, 1, 3] = reshape(x) %1 = reduce add(%0) axes [1, 2]', 1), sum('2, 1, 3', '%0: f32[1, 2, 3] = reshape(x) %1 = reduce max(%0) axes [1]', 1), sum('2, 3', '%0: f32[3, 2] = reshape(x) %1 = reduce add(%0) axes [1]', 1), sum('2, 3', '%0: f32[2, 1, 3] = reshape(x) %1 = reduce add(%0) axes [1]', 1), sum('2, 3', '%0 = neg(x) %1 = reduce add(%0) axes [1]', 1)],
  'sum of -x = -(sum of x)': [sum('2, 3', '%0 = neg(x) %1 = reduce add(%0) axes [1]', 1), sum('2, 3', '%0 = neg(x) %1 = reduce max(%0) axes [1]', 1), sum('2, 3', '%0 = exp(x) %1 = reduce add(%0) axes [1]', 1)],
  'sum of x*c = c*(sum of x)': [
    sum('2, 3', '%0 = reduce max(x) axes [1] %1: f32[2, 3] = broadcastInDim(%0) dims [0] %2 = mul(x, %1) %3 = reduce add(%2) axes [1]', 3), sum('2, 3', '%0 = reduce max(x) axes [1] %1: f32[2, 3] = broadcastInDim(%0) dims [0] %2 = mul(%1, x) %3 = reduce add(%2) axes [1]', 3), sum('2, 3', '%0 = reduce max(x) axes [1] %1: f32[2, 3] = broadcastInDim(%0) dims [0] %2 = mul(%1, x) %3 = reduce add(%2) axes [0, 1]', 3),
    sum('2, 3', '%0 = mul(x, 3) %1 = reduce add(%0) axes [1]', 1), sum('2, 3', '%0 = mul(x, 3) %1 = reduce max(%0) axes [1]', 1), sum('2, 3', '%0 = div(x, 3) %1 = reduce add(%0) axes [1]', 1), '(x: i32[2, 3]) { %0 = mul(x, 3) %1 = reduce add(%0) axes [1] return %1 }', sum('2, 3', '%0 = mul(x, x) %1 = reduce add(%0) axes [1]', 1),
    sum('2, 3, 4', '%0 = reduce max(x) axes [1] %1: f32[2, 3, 4] = broadcastInDim(%0) dims [0, 2] %2 = mul(x, %1) %3 = reduce add(%2) axes [1]', 3),
  ],
  'picked from what is constant along the row = that, or 0': [...picksOf(rowsOf('3, 4', '[0]')), wide(rowsOf('3, n<=8', '[0]'))[0], wide(rowsOf('2, 3, 4', '[0, 2]'))[1], renumbered(pick(`${mask} %9 = neg(x) %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`))],
};

const moves: RulePrograms = {
  'map of transposes = transpose of map': [
    '(x: f32[2, 3, 4]) { %0 = transpose(x) perm [1, 2, 0] %1 = exp(%0) return %1 }', '(x: f32[2, 3], y: f32[3]) { %0 = transpose(x) perm [1, 0] %1: f32[3, 2] = broadcastInDim(y) dims [0] %2 = mul(%0, %1) return %2 }', '(x: f32[2, 3, 4], y: f32[2, 3, 4]) { %0 = transpose(x) perm [1, 2, 0] %1 = transpose(y) perm [1, 2, 0] %2 = lt(%0, %1) return %2 }',
    '(x: f32[2, 2, 2], y: f32[2, 2, 2]) { %0 = transpose(x) perm [1, 2, 0] %1 = transpose(y) perm [2, 0, 1] %2 = mul(%0, %1) return %2 }', '(x: f32[2, 3], y: f32[3, 2]) { %0 = transpose(x) perm [1, 0] %1 = mul(%0, y) return %1 }', '(x: f32[2, 3, 4]) { %0 = transpose(x) perm [2, 0, 1] %1: f32[4, 2, 3] = iota axis 1 %2 = mul(%1, %0) %3 = add(%0, 2) return %2, %3 }', '(x: f32[2, 3]) { %0 = exp(x) return %0 }',
  ],
  'map of reshapes = reshape of map': [
    '(x: f32[2, 3]) { %0: f32[6] = reshape(x) %1 = exp(%0) return %1 }', '(x: f32[2, 3], y: f32[2, 3]) { %0: f32[6] = reshape(x) %1: f32[6] = reshape(y) %2 = lt(%0, %1) return %2 }', '(x: f32[2, 3], y: f32[3, 2]) { %0: f32[6] = reshape(x) %1: f32[6] = reshape(y) %2 = mul(%0, %1) return %2 }', '(x: f32[2, 3], y: f32[6]) { %0: f32[6] = reshape(x) %1 = mul(%0, y) return %1 }', '(x: f32[2, 3]) { %0: f32[6] = reshape(x) %1 = mul(2, %0) return %1 }', '(x: f32[2, 3]) { %0 = exp(x) return %0 }',
  ],
};

// ── stabilise

/** a logarithm of y times the value of the last line, of which the value is asked whether it is exponential */
const logOf = (steps: string, last: number, shape = '2'): string => `(x: f32[2], y: f32[${shape}], z: f32[2], t: bool[2]) { ${steps} %${last + 1} = mul(y, %${last}) %${last + 2} = log(%${last + 1}) return %${last + 2} }`;
const deep = (n: number): string => `(x: f32[2], y: f32[2]) { %0 = exp(x) ${Array.from({ length: n }, (_, i) => `%${i + 1} = mul(%${i}, y)`).join(' ')} %${n + 1} = log(%${n}) return %${n + 1} }`;
const softly = (steps: string, last: number, params = 'x: f32[3, 4], y: f32[3, 4], c: f32[3]'): string => `(${params}) { ${steps} %${last + 1} = sub(x, %${last}) %${last + 2} = exp(%${last + 1}) %${last + 3} = reduce add(%${last + 2}) axes [1] SHARE${last + 3} }`;
const asShare = (text: string): string => text.replace(/SHARE(\d+)/, (_, n) => `%${Number(n) + 1}: f32[3, 4] = broadcastInDim(%${n}) dims [0] %${Number(n) + 2} = div(%${Number(n) - 1}, %${Number(n) + 1}) return %${Number(n) + 2}`);
const asLog = (text: string): string => text.replace(/SHARE(\d+)/, (_, n) => `%${Number(n) + 1} = log(%${n}) return %${Number(n) + 1}`);
const shifts: readonly string[] = [
  softly('%0: f32[3, 4] = broadcastInDim(c) dims [0]', 0), softly('%0 = reduce max(x) axes [1] %1: f32[3, 4] = broadcastInDim(%0) dims [0]', 1), softly('%0 = reduce max(x) axes [1] %1 = stopGradient(%0) %2: f32[3, 4] = broadcastInDim(%1) dims [0]', 2), softly('%0 = reduce max(y) axes [1] %1 = stopGradient(%0) %2: f32[3, 4] = broadcastInDim(%1) dims [0]', 2),
  softly('%0 = reduce min(x) axes [1] %1 = stopGradient(%0) %2: f32[3, 4] = broadcastInDim(%1) dims [0]', 2), softly('%0 = reduce max(x) axes [1] %1 = abs(%0) %2 = eq(%1, inf) %3 = select(%2, 0, %0) %4 = stopGradient(%3) %5: f32[3, 4] = broadcastInDim(%4) dims [0]', 5), softly('%0 = reduce max(x) axes [1] %1 = eq(%0, inf) %2 = select(%1, c, %0) %3 = stopGradient(%2) %4: f32[3, 4] = broadcastInDim(%3) dims [0]', 4),
  softly('%0 = reduce max(x) axes [1] %1 = eq(%0, inf) %2 = select(%1, %0, 0) %3 = stopGradient(%2) %4: f32[3, 4] = broadcastInDim(%3) dims [0]', 4), softly('%0 = reduce max(x) axes [0, 1] %1 = stopGradient(%0) %2: f32[3, 4] = broadcastInDim(%1) dims []', 2), softly('%0 = reduce max(x) axes [1] %1 = stopGradient(%0) %2: f32[3, 1] = reshape(%1) %3: f32[3, 4] = broadcastInDim(%2) dims [0, 1]', 3), softly('%0 = reduce max(x) axes [0] %1 = stopGradient(%0) %2: f32[3, 4] = broadcastInDim(%1) dims [1]', 2),
  softly('%0 = reduce max(x) axes [1] %1 = neg(%0) %2 = stopGradient(%1) %3: f32[3, 4] = broadcastInDim(%2) dims [0]', 3),
];
const bare = (shape: string): string => `(x: f32[${shape}]) { %0 = exp(x) %1 = reduce add(%0) axes [1] SHARE1 }`;
/** a row alone: its largest stands as a reshape to one number, spread along both axes */
const oneRow = (reshape: string): string => `(x: f32[1, 4]) { %0 = reduce max(x) axes [1] %1 = stopGradient(%0) ${reshape} %4 = sub(x, %3) %5 = exp(%4) %6 = reduce add(%5) axes [1] %7 = log(%6) return %7 }`;

const stable: RulePrograms = {
  'log(x*y) = log x + log y': [
    logOf('%0 = exp(x)', 0), logOf('%0 = logistic(x)', 0), logOf('%0 = sin(x)', 0), logOf('%0 = exp(x) %1 = mul(%0, z)', 1), logOf('%0 = exp(x) %1 = div(z, %0)', 1), logOf('%0 = div(x, z)', 0), logOf('%0 = mul(x, z)', 0),
    ...['%2 = select(t, %0, 2)', '%2 = select(t, 2, %0)', '%2 = select(t, %0, z)', '%2 = select(t, z, %0)', '%2 = select(t, %0, 0)', '%2 = select(t, %0, %1)', '%2 = select(t, %0, -1)'].map((s) => logOf(`%0 = exp(x) %1 = logistic(z) ${s}`, 2)),
    logOf('%0: f32[2] = constant 3 %1 = select(t, %0, 2)', 1),
    logOf('%0 = logistic(x) %1 = sub(1, %0)', 1), logOf('%0 = logistic(x) %1 = sub(2, %0)', 1), logOf('%0 = exp(x) %1 = sub(1, %0)', 1), logOf('%0 = logistic(x) %1 = sub(%0, 1)', 1), logOf('%0 = logistic(x) %1 = sub(z, %0)', 1),
    logOf('%0 = exp(x) %1 = add(%0, 1)', 1), logOf('%0 = exp(x) %1 = add(2, %0)', 1), logOf('%0 = exp(x) %1 = add(%0, z)', 1), logOf('%0 = exp(x) %1 = add(%0, -1)', 1), logOf('%0 = exp(x) %1 = add(%0, 0)', 1), logOf('%0 = exp(x) %1 = exp(z) %2 = add(%0, %1)', 2), logOf('%0 = logistic(x) %1 = add(%0, 1)', 1), logOf('%0 = add(x, 1)', 0),
    logOf('%0 = exp(x) %1 = reduce add(%0) axes [0]', 1, ''), logOf('%0 = exp(x) %1 = reduce max(%0) axes [0]', 1, ''), logOf('%0 = logistic(x) %1 = reduce add(%0) axes [0]', 1, ''), logOf('%0 = reduce add(x) axes [0]', 0, ''),
    logOf('%0: i32[2] = iota axis 0 %1: i32[] = constant 1 %2: i32[2] = broadcastInDim(%1) dims [] %3 = eq(%0, %2) %4 = logistic(x) %5 = select(%3, %4, 0) %6 = reduce add(%5) axes [0]', 6, ''), logOf('%0: i32[2] = iota axis 0 %1: i32[] = constant 1 %2: i32[2] = broadcastInDim(%1) dims [] %3 = eq(%0, %2) %4 = select(%3, x, 0) %5 = reduce add(%4) axes [0]', 5, ''),
    logOf('%0 = exp(x) %1: f32[2, 3] = broadcastInDim(%0) dims [0]', 1, '2, 3'), logOf('%0 = exp(x) %1: f32[2, 1] = reshape(%0)', 1, '2, 1'), logOf('%0 = exp(x) %1 = transpose(%0) perm [0]', 1), logOf('%0 = exp(x) %1 = slice(%0) [0..1]', 1, '1'), logOf('%0 = exp(x) %1 = reverse(%0) axes [0]', 1), logOf('%0 = exp(x) %1: i32[3] = iota axis 0 %2 = gather(%0, %1)', 2, '3'), logOf('%0: i32[3] = iota axis 0 %1 = gather(x, %0)', 1, '3'), logOf('%0 = exp(x) %1 = concatenate(%0, z) axis 0', 1, '4'), deep(11), deep(12), deep(13),
  ],
  'log(x/y) = log x - log y': [
    '(x: f32[2], y: f32[2], a: f32[2]) { %0 = exp(a) %1 = mul(x, %0) %2 = div(%1, y) %3 = log(%2) return %3 }', '(x: f32[2], y: f32[2], a: f32[2]) { %0 = exp(a) %1 = mul(y, %0) %2 = div(x, %1) %3 = log(%2) return %3 }', '(x: f32[2], y: f32[2]) { %0 = div(x, y) %1 = log(%0) return %1 }', '(x: f32[2], y: f32[2]) { %0 = exp(y) %1 = div(x, %0) %2 = log(%1) return %2 }',
  ],
  'log(1/x) = -log x': ['(x: f32[2]) { %0 = exp(x) %1 = div(1, %0) %2 = log(%1) return %2 }', '(x: f32[2]) { %0 = div(1, x) %1 = log(%0) return %1 }'],
  'log select(c, x, y) = select(c, log x, log y)': ['%2 = select(t, %0, x)', '%2 = select(t, x, %0)', '%2 = select(t, x, %1)', '%2 = select(t, %0, %0)'].map((s) => `(x: f32[2], t: bool[2]) { %0 = exp(x) %1 = sin(x) ${s} %3 = log(%2) return %3 }`),
  'log(exp x + exp y) = max(x, y) + log1p(exp(-|x - y|))': ['(x: f32[2], y: f32[2]) { %0 = exp(x) %1 = exp(y) %2 = add(%0, %1) %3 = log(%2) return %3 }', '(x: f32[2]) { %0 = exp(x) %1 = add(%0, %0) %2 = log(%1) return %2 }'],
  'log1p(exp x) = max(x, 0) + log1p(exp(-|x|))': ['%2 = neg(%0)', '%2 = neg(%1)', '%2 = min(x, %1)', '%2 = min(%1, x)', '%2 = min(x, 0)', '%2 = min(0, x)', '%2 = min(x, -1)', '%2 = min(x, 1)', '%2 = min(x, y)', '%2 = neg(y) %3 = min(x, %2)', '%2 = neg(y) %3 = min(%2, x)', '%2 = add(%0, x)', '%2: f32[2] = constant [-1, -2] %3 = min(x, %2)', '%2 = max(x, %1)', '%2 = max(x, 0)']
    .map((s) => { const last = s.includes('%3') ? 3 : 2; return `(x: f32[2], y: f32[2]) { %0 = abs(x) %1 = neg(x) ${s} %${last + 1} = exp(%${last}) %${last + 2} = log1p(%${last + 1}) return %${last + 2} }`; }),
  'log of a view = view of log': [
    ...['%1: f32[4] = reshape(%0)', '%1 = transpose(%0) perm [1, 0]', '%1 = slice(%0) [0..1, 0..2]', '%1 = reverse(%0) axes [1]', '%1: f32[2, 2, 3] = broadcastInDim(%0) dims [0, 1]'].flatMap((s) => ['exp', 'sin'].map((fn) => `(x: f32[2, 2]) { %0 = ${fn}(x) ${s} %2 = log(%1) return %2 }`)),
    '(x: f32[2, 2], i: i32[3]) { %0 = exp(x) %1 = gather(%0, i) %2 = log(%1) return %2 }', '(x: f32[2, 2], i: i32[3]) { %0 = gather(x, i) %1 = log(%0) return %1 }', '(x: f32[2, 2]) { %0 = exp(x) %1 = log(%0) return %1 }',
  ],
  'log of a picked x = picked log x, or log 0 where none is': logged([...picksOf('%9 = logistic(x)'), ...wide('%9 = logistic(x)'), renumbered(pick(`${mask} %9 = sin(x) %3 = select(%2, %9, 0) %4 = reduce add(%3) axes [1] LAST`)), renumbered(pick(`${mask} %9 = exp(x) %3 = reduce add(%9) axes [1] LAST`))]),
  'contraction with a mask = sum of its choices': [
    '(t: bool[3, 4], x: f32[4, 3]) { %0: f32[3, 4] = convert(t) %1 = dotGeneral(%0, x) batch [0] [1] contract [1] [0] return %1 }', '(t: bool[3, 4], x: f32[4, 3]) { %0: f32[3, 4] = convert(t) %1 = dotGeneral(x, %0) contract [0, 1] [1, 0] return %1 }', '(t: bool[3, 4], x: f32[4, 3]) { %0: f32[3, 4] = convert(t) %1 = dotGeneral(%0, x) contract [1] [0] return %1 }', '(t: i32[3, 4], x: f32[4, 3]) { %0: f32[3, 4] = convert(t) %1 = dotGeneral(%0, x) batch [0] [1] contract [1] [0] return %1 }', '(t: f32[3, 4], x: f32[4, 3]) { %0 = dotGeneral(t, x) batch [0] [1] contract [1] [0] return %0 }', '(t: bool[3], x: f32[3, 4]) { %0: f32[3] = convert(t) %1 = dotGeneral(%0, x) contract [0] [0] return %1 }',
    '(t: bool[5, 3, 4], x: f32[4, 3, 5]) { %0: f32[5, 3, 4] = convert(t) %1 = dotGeneral(%0, x) batch [1] [1] contract [2, 0] [0, 2] return %1 }', '(t: f32[3, 4], x: f32[4, 3]) { %0 = neg(t) %1 = dotGeneral(%0, x) batch [0] [1] contract [1] [0] return %1 }',
  ],
  'exp x/sum exp x = exp(x - max)/sum exp(x - max)': [asShare(bare('3, 4')), ...shifts.map(asShare)],
  'exp(x - c)/sum exp(x - c) = exp x/sum exp x': shifts.map(asShare),
  'log sum exp x = top + log sum exp(x - top)': [asLog(bare('3, 4')), ...shifts.map(asLog), oneRow('%2: f32[] = reshape(%1) %3: f32[1, 4] = broadcastInDim(%2) dims []'), oneRow('%2: f32[1, 1] = reshape(%1) %3: f32[1, 4] = broadcastInDim(%2) dims [0, 1]'),
    '(x: f32[3, 3, 3]) { %0 = reduce max(x) axes [0, 1] %1 = stopGradient(%0) %2: f32[3, 3, 3] = broadcastInDim(%1) dims [1] %3 = sub(x, %2) %4 = exp(%3) %5 = reduce add(%4) axes [0, 1] %6 = log(%5) return %6 }',
    '(x: f32[3, 3, 3]) { %0 = reduce max(x) axes [0, 1] %1 = stopGradient(%0) %2: f32[3, 3, 3] = broadcastInDim(%1) dims [2] %3 = sub(x, %2) %4 = exp(%3) %5 = reduce add(%4) axes [0, 1] %6 = log(%5) return %6 }'],
  'log sum exp(x - c) = (top - c) + log sum exp(x - top)': shifts.map(asLog),
  'log sum exp(x - max x) = (top - max x) + log sum exp(x - top)': shifts.map(asLog),
};

export const tables: { readonly [file: string]: RulePrograms } = { algebra, canonical, views, contractions, reductions, moves, stable };
