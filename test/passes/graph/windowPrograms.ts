import type { Programs } from './texts.ts';

/** Windows, and paddings of them, that are less than that. */
export const windows: Programs = {
  'of one element': '(x: f32[2, 8, 3]) { %0 = window(x) axis 1 size 1 stride 3 dilation 5 return %0 }',
  'of one element beside a name': '(x: f32[n<=9, 8]) { %0 = window(x) axis 1 size 1 stride 2 return %0 }',
  'side by side': '(x: f32[2, 12, 5]) { %0 = window(x) axis 1 size 3 stride 3 return %0 }',
  'side by side, and some left': '(x: f32[2, 14, 5]) { %0 = window(x) axis 1 size 4 stride 4 return %0 }',
  'side by side, and some left, beside a name': '(x: f32[n<=9, 7]) { %0 = window(x) axis 1 size 2 stride 2 return %0 }',
  'spread out': '(x: f32[2, 14]) { %0 = window(x) axis 1 size 2 stride 2 dilation 2 return %0 }',
  'over each other': '(x: f32[2, 14]) { %0 = window(x) axis 1 size 3 stride 2 return %0 }',
  'sums side by side': '(x: f32[2, 4, 3, 5]) { %0 = overlapAdd(x) axis 1 length 12 stride 3 return %0 }',
  'sums side by side, and zeros beside': '(x: f32[2, 4, 3, 5]) { %0 = overlapAdd(x) axis 1 length 14 stride 3 return %0 }',
  'sums side by side beside a name': '(x: f32[n<=9, 4, 3]) { %0 = overlapAdd(x) axis 1 length 13 stride 3 return %0 }',
  'sums spread out': '(x: f32[2, 4, 3]) { %0 = overlapAdd(x) axis 1 length 14 stride 3 dilation 2 return %0 }',
  'sums apart': '(x: f32[2, 4, 3]) { %0 = overlapAdd(x) axis 1 length 15 stride 4 return %0 }',
  'sums of one window': '(x: f32[2, 1, 3]) { %0 = overlapAdd(x) axis 1 length 8 stride 4 dilation 3 return %0 }',
  'sums of one element each': '(x: f32[n<=9, 4, 1, 2]) { %0 = overlapAdd(x) axis 1 length 11 stride 3 dilation 2 return %0 }',
  'sums of one window of one element': '(x: f32[1, 1]) { %0 = overlapAdd(x) axis 0 length 3 stride 3 dilation 2 return %0 }',
  'sums of no windows of one element': '(x: f32[0, 1]) { %0 = overlapAdd(x) axis 0 length 0 return %0 }',
  'padded before': '(x: f32[3, 7, 5], v: f32[]) { %0 = window(x) axis 1 size 2 %1 = pad(%0, v) low [1, 0, 0, 2] high [2, 0, 0, 0] interior [1, 0, 0, 3] return %1 }',
  'padded beside a name': '(x: f32[n<=9, 7, 5], v: f32[]) { %0 = window(x) axis 1 size 2 %1 = pad(%0, v) low [0, 0, 0, 2] high [0, 0, 0, 1] return %1 }',
  ...Object.fromEntries(([['low', 1, 0, 0], ['high', 0, 1, 0], ['interior', 0, 0, 1]] as const).flatMap(([part, low, high, interior]) => [1, 2].map((axis) => {
    const at = (k: number): string => `[${[0, 1, 2, 3].map((i) => (i === axis ? k : i === 0 ? 1 : 0)).join(', ')}]`;
    return [`padded along their axis ${axis}, ${part}`, `(x: f32[3, 7, 5], v: f32[]) { %0 = window(x) axis 1 size 2 %1 = pad(%0, v) low ${at(low)} high ${at(high)} interior ${at(interior)} return %1 }`];
  }))),
  'padded twice': '(x: f32[2, 3, 4], v: f32[]) { %0 = pad(x, v) low [1, 0, 0] high [2, 0, 0] interior [3, 0, 0] %1 = pad(%0, v) low [0, 0, 4] high [0, 0, 1] interior [0, 0, 2] return %1 }',
  'padded twice by two values': '(x: f32[2, 3], v: f32[], u: f32[]) { %0 = pad(x, v) low [1, 0] high [0, 0] %1 = pad(%0, u) low [0, 1] high [0, 0] return %1 }',
  ...Object.fromEntries(([['low', 'high'], ['high', 'interior'], ['interior', 'low']] as const).map(([first, second]) => {
    const of = (part: string): string => ['low', 'high', 'interior'].map((p) => `${p} [0, ${p === part ? 1 : 0}]`).join(' ');
    return [`padded twice along one axis, ${first} and ${second}`, `(x: f32[2, 3], v: f32[]) { %0 = pad(x, v) ${of(first)} %1 = pad(%0, v) ${of(second)} return %1 }`];
  })),
};

const dot = (left: string, right: string, dims: string, then: string, last: number): string => `(x: f32[${left}], y: f32[${right}]) { %0 = dotGeneral(x, y) ${dims} ${then} return %${last} }`;
/** Sums of overlapping products. */
export const overlaps: Programs = {
  'windows of the left': dot('2, 4, 3', '3, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 6', 1),
  'windows of the left, some left': dot('2, 4, 3', '3, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 6 %2 = neg(%1)', 2),
  'spread out': dot('2, 4, 3', '2, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 7 dilation 3', 1),
  'one window': dot('2, 1, 3', '2, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 2', 1),
  'no windows': dot('2, 0, 3', '2, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 1', 1),
  'windows of the right': dot('3, 5, 2', '2, 6, 3', 'contract [0] [2]', '%1 = transpose(%0) perm [2, 3, 0, 1] %2 = overlapAdd(%1) axis 1 length 10', 2),
  'windows of the right, and more of both': dot('7, 5, 3, 2', '2, 4, 6, 3', 'contract [2] [3]', '%1 = transpose(%0) perm [3, 4, 1, 5, 0, 2] %2 = overlapAdd(%1) axis 1 length 8', 2),
  'what is contracted stands before': dot('3, 4', '5, 3', 'contract [0] [1]', '%1 = overlapAdd(%0) axis 0 length 8', 1),
  'in batches': dot('2, 4, 3', '2, 5, 3', 'batch [0] [0] contract [2] [2]', '%1 = overlapAdd(%0) axis 1 length 8', 1),
  'in batches along other axes': dot('4, 2, 3, 6', '3, 2, 5, 7', 'batch [1] [1] contract [2] [0]', '%1 = transpose(%0) perm [1, 3, 0, 4, 2] %2 = overlapAdd(%1) axis 0 length 8', 2),
  'in batches, with the axis in front of its batch': dot('4, 2, 3', '3, 2, 5', 'batch [1] [1] contract [2] [0]', '%1 = overlapAdd(%0) axis 1 length 8', 1),
  'a batch is the window': dot('4, 1, 2', '4, 2, 3', 'batch [0] [0] contract [2] [1]', '%1 = transpose(%0) perm [0, 2, 1] %2 = overlapAdd(%1) axis 0 length 6', 2),
  'axes of size one between them': '(x: f32[2, 4, 3, 1], y: f32[3, 5, 1]) { %0 = dotGeneral(x, y) batch [2] [0] contract [3] [2] %1: f32[3, 2, 4, 1, 5, 1] = reshape(%0) %2 = transpose(%1) perm [1, 2, 4, 0, 3, 5] %3: f32[2, 4, 5, 3] = reshape(%2) %4 = overlapAdd(%3) axis 1 length 8 return %4 }',
  'axes of size one that go': '(x: f32[1, 4, 3], y: f32[3, 1, 5, 2, 1]) { %0 = dotGeneral(x, y) contract [2] [0] %1: f32[4, 5, 2] = reshape(%0) %2 = transpose(%1) perm [2, 0, 1] %3: f32[1, 2, 4, 5] = reshape(%2) %4 = overlapAdd(%3) axis 2 length 8 return %4 }',
  'axes of size one that go, windows of the right': '(x: f32[1, 2, 5, 3], y: f32[3, 1, 4]) { %0 = dotGeneral(x, y) contract [3] [0] %1: f32[2, 5, 4] = reshape(%0) %2 = transpose(%1) perm [2, 1, 0] %3 = overlapAdd(%2) axis 0 length 8 return %3 }',
  'the windows are an axis that was put in': dot('4, 3', '3, 5', 'contract [1] [0]', '%1: f32[1, 4, 5] = reshape(%0) %2 = overlapAdd(%1) axis 0 length 4', 2),
  'their elements are an axis that was put in': dot('4, 3', '3, 5', 'contract [1] [0]', '%1: f32[4, 1, 5] = reshape(%0) %2 = overlapAdd(%1) axis 0 length 4', 2),
  'a reshape that takes axes apart': dot('4, 3', '3, 6', 'contract [1] [0]', '%1: f32[4, 2, 3] = reshape(%0) %2 = overlapAdd(%1) axis 0 length 5', 2),
  'something else between them': dot('4, 3', '3, 5', 'contract [1] [0]', '%1 = neg(%0) %2 = overlapAdd(%1) axis 0 length 8', 2),
  'both from one factor': dot('4, 5, 3', '3, 2', 'contract [2] [0]', '%1 = overlapAdd(%0) axis 0 length 8', 1),
  'both from the other factor': dot('2, 3', '3, 4, 5', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 1 length 8', 1),
  'by two': dot('2, 4, 3', '3, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 10 stride 2', 1),
  'by two, an odd length': dot('4, 3', '4, 3, 5', 'contract [1] [1]', '%1 = overlapAdd(%0) axis 0 length 11 stride 2', 1),
  'by three, with nothing between': dot('2, 4, 3', '2, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 12 stride 3', 1),
  'by two, spread out': dot('4, 3', '3, 3', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 0 length 13 stride 2 dilation 3', 1),
  'by two, side by side': dot('4, 3', '3, 2', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 0 length 8 stride 2', 1),
  'beside a name': dot('n<=9, 4, 3', '3, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 6', 1),
  'by two, and what lies between gets nothing': dot('4, 3', '3, 3', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 0 length 12 stride 2 dilation 2', 1),
  'by four, spread out by six': dot('4, 3', '3, 5', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 0 length 38 stride 4 dilation 6', 1),
  'by three, longer than it is': dot('2, 3', '3, 4', 'contract [1] [0]', '%1 = overlapAdd(%0) axis 0 length 9 stride 3', 1),
  'along two axes': dot('2, 4, 5, 3', '2, 3, 3', 'contract [3] [2]', '%1 = transpose(%0) perm [0, 1, 3, 2, 4] %2 = overlapAdd(%1) axis 3 length 7 %3 = overlapAdd(%2) axis 1 length 5', 3),
  'along two axes, the last by two': dot('2, 4, 5, 3', '2, 3, 3', 'contract [3] [2]', '%1 = transpose(%0) perm [0, 1, 3, 2, 4] %2 = overlapAdd(%1) axis 3 length 11 stride 2 %3 = overlapAdd(%2) axis 1 length 5', 3),
  'along two axes, by two and three': dot('3, 4, 5, 2, 3', '4, 3, 3, 4', 'contract [4] [2]', '%1 = transpose(%0) perm [0, 1, 4, 2, 5, 3, 6] %2 = overlapAdd(%1) axis 3 length 11 stride 2 %3 = overlapAdd(%2) axis 1 length 13 stride 3', 3),
  'along two axes of the right, the first axis last': dot('3, 2, 3', '3, 4, 5', 'contract [0] [0]', '%1 = transpose(%0) perm [2, 0, 3, 1] %2 = overlapAdd(%1) axis 0 length 5 %3 = overlapAdd(%2) axis 1 length 11 stride 2', 3),
  'in groups that become one axis': '(x: f32[2, 5, 4, 3], y: f32[3, 2, 7, 3]) { %0 = dotGeneral(x, y) batch [0] [1] contract [3] [3] %1: f32[5, 4, 3, 2, 7] = transpose(%0) perm [1, 2, 3, 0, 4] %2: f32[5, 4, 3, 14] = reshape(%1) %3 = overlapAdd(%2) axis 1 length 9 stride 2 return %3 }',
  'over windows that are one axis of two': '(x: f32[5, 4, 3], y: f32[3, 3]) { %0 = dotGeneral(x, y) contract [2] [1] %1: f32[20, 3] = reshape(%0) %2 = overlapAdd(%1) axis 0 length 22 return %2 }',
  'one within the other': dot('4, 3', '2, 3, 3', 'contract [1] [2]', '%1 = overlapAdd(%0) axis 0 length 5 %2 = overlapAdd(%1) axis 0 length 7', 2),
  'from the left and from the right': dot('4, 2, 3', '3, 5, 3', 'contract [2] [2]', '%1 = transpose(%0) perm [0, 2, 3, 1] %2 = overlapAdd(%1) axis 2 length 6 %3 = overlapAdd(%2) axis 0 length 6', 3),
  'used twice': dot('2, 4, 5, 3', '2, 3, 3', 'contract [3] [2]', '%1 = transpose(%0) perm [0, 1, 3, 2, 4] %2 = overlapAdd(%1) axis 3 length 11 stride 2 %3 = overlapAdd(%2) axis 1 length 5 %4 = exp(%2) %5 = overlapAdd(%4) axis 1 length 5 %6 = mul(%3, %5)', 6),
  'beside a name, in groups': '(x: f32[2, n<=9, 4, 3], y: f32[3, 2, 7, 3]) { %0 = dotGeneral(x, y) batch [0] [1] contract [3] [3] %1: f32[n<=9, 4, 3, 2, 7] = transpose(%0) perm [1, 2, 3, 0, 4] %2: f32[n<=9, 4, 3, 14] = reshape(%1) %3 = overlapAdd(%2) axis 1 length 9 stride 2 return %3 }',
  'beside a name, by two': dot('n<=9, 4, 3', '3, 3, 5', 'contract [2] [1]', '%1 = overlapAdd(%0) axis 1 length 10 stride 2', 1),
};

/** Sums of what overlaps, whatever it is. */
export const sums: Programs = {
  'one': '(x: f32[4, 3]) { %0 = overlapAdd(x) axis 0 length 6 return %0 }',
  'beyond the last': '(x: f32[2, 4, 3, 5]) { %0 = overlapAdd(x) axis 1 length 12 stride 2 dilation 2 return %0 }',
  'by more than the windows are long': '(x: f32[4, 2]) { %0 = overlapAdd(x) axis 0 length 12 stride 3 return %0 }',
  'beside a name': '(x: f32[n<=9, 4, 3]) { %0 = overlapAdd(x) axis 1 length 9 stride 2 return %0 }',
  'whole numbers': '(x: i32[4, 3]) { %0 = overlapAdd(x) axis 0 length 6 return %0 }',
  'no windows': '(x: f32[0, 3, 2], y: f32[2, 2]) { %0 = overlapAdd(x) axis 0 length 2 %1 = add(%0, y) return %1 }',
  'windows beside nothing': '(x: f32[0, 3, 2]) { %0 = overlapAdd(x) axis 1 length 4 return %0 }',
  'along two axes, the last first': '(x: f32[4, 3, 5, 2]) { %0 = overlapAdd(x) axis 2 length 6 %1 = overlapAdd(%0) axis 0 length 9 stride 2 return %1 }',
  'along two axes, the first first': '(x: f32[4, 3, 5, 2]) { %0 = overlapAdd(x) axis 0 length 6 %1 = overlapAdd(%0) axis 1 length 10 stride 2 return %1 }',
  'one within the other': '(x: f32[2, 5, 2, 3]) { %0 = overlapAdd(x) axis 1 length 6 %1 = overlapAdd(%0) axis 1 length 8 return %1 }',
  'three of them': '(x: f32[2, 3, 2, 3, 2, 3]) { %0 = overlapAdd(x) axis 2 length 4 %1 = overlapAdd(%0) axis 0 length 6 stride 2 %2 = overlapAdd(%1) axis 1 length 5 dilation 1 return %2 }',
  'three within each other': '(x: f32[5, 2, 3, 2, 4]) { %0 = overlapAdd(x) axis 0 length 6 %1 = overlapAdd(%0) axis 0 length 8 %2 = overlapAdd(%1) axis 0 length 9 return %2 }',
  'something between them': '(x: f32[4, 3, 5, 2]) { %0 = overlapAdd(x) axis 2 length 6 %1 = neg(%0) %2 = overlapAdd(%1) axis 0 length 6 return %2 }',
  'of a sum': '(x: f32[4, 3, 5]) { %0 = reduce add(x) axes [2] %1 = overlapAdd(%0) axis 0 length 6 return %1 }',
  'read twice': '(x: f32[4, 3, 5, 2]) { %0 = overlapAdd(x) axis 2 length 6 %1 = overlapAdd(%0) axis 0 length 6 return %1, %0 }',
  'in a called graph': `graph part(x: f32[4, 3]) { %0 = overlapAdd(x) axis 0 length 6 return %0 }
    graph main(x: f32[4, 3]) { %0 = call part(x) return %0 }`,
  'none': '(x: f32[4, 3]) { %0 = neg(x) return %0 }',
};
