import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import type { Diagnostic, Tensor } from 'fluxion';
import { arraysOf } from '../../src/expr/ndarray.ts';
import { scalarOp } from '../../src/expr/scalarOp.ts';
import { lower, type LowerOptions } from '../../src/expr/lower/lower.ts';

const problemsOf = (f: unknown, options: LowerOptions = {}): readonly Diagnostic[] => {
  const lowered = lower(f, { dims: { batch: 4, n: 2 }, ...options });
  return E.isLeft(lowered) ? lowered.left : [];
};
/** what tsc would refuse, handed in all the same */
const unchecked = (x: unknown): never => {
  // SAFETY: not safe at all: that is what is tested
  return x as never;
};
/** the same function without its checks */
const loosely = (f: (...args: never[]) => unknown) => (...args: readonly unknown[]): unknown => f(...args.map(unchecked));
const x = () => t.f32(['batch', 784]);
/** a wrong program over one input */
const wrong = (body: (v: Tensor<['batch', 784], 'f32'>) => unknown): readonly Diagnostic[] => problemsOf(t.fn([x()], body));

/** operations on something that is no tensor */
const operandsOf = (given: unknown): readonly (readonly [string, (v: Tensor<['batch', 784], 'f32'>) => unknown])[] => [
  ['add', (v) => loosely(t.add)(given, v)], ['matmul', (v) => loosely(t.matmul)(given, v)], ['where', (v) => loosely(t.where)(t.greater(v, 0), given, v)],
  ['exp', () => loosely(t.exp)(given)], ['relu', () => loosely(t.relu)(given)], ['clamp', () => loosely(t.clamp)(given, 0, 1)], ['convert', () => loosely(t.convert)(given, 'i32')],
  ['sum', () => loosely(t.sum)(given, 0)], ['softmax', () => loosely(t.softmax)(given)], ['reshape', () => loosely(t.reshape)(given, [3])], ['transpose', () => loosely(t.transpose)(given)],
];

// the words are those that tsc prints for the same mistake: test/types/mistakes.ts
const mistakes: readonly (readonly [string, () => readonly Diagnostic[], string, string])[] = [
  ['inner sizes', () => wrong((v) => t.matmul(v, unchecked(t.zeros([512, 10])))), 'FX1003', 'matmul: inner sizes differ: [batch, 784] x [512, 10]: 784 is not 512'],
  ['rank of the right operand', () => wrong((v) => t.matmul(v, unchecked(t.zeros([784])))), 'FX1009', 'matmul: the right operand needs rank 2 or more, but is [784]'],
  ['broadcasting', () => wrong((v) => t.add(v, unchecked(t.zeros([3])))), 'FX1001', 'add: cannot broadcast [batch, 784] with [3]: 784 is not 3, and neither is 1'],
  ['a name against a size', () => wrong((v) => t.add(v, unchecked(t.zeros([32, 784])))), 'FX1001', 'add: cannot broadcast [batch, 784] with [32, 784]: batch is not 32, and neither is 1'],
  ['dtypes', () => wrong((v) => t.add(v, unchecked(t.zeros([784], 'i32')))), 'FX1002', 'add: dtypes differ: f32 and i32'],
  ['a dtype that is not taken', () => wrong(() => t.exp(unchecked(t.iota(3)))), 'FX1008', 'exp: does not take i32'],
  ['an activation of integers', () => wrong(() => t.gelu(unchecked(t.iota(3)))), 'FX1008', 'gelu: does not take i32'],
  ['a condition that is not bool', () => wrong((v) => t.where(unchecked(v), v, 0)), 'FX1008', 'where: the condition must be bool, but is f32'],
  ['axis', () => wrong((v) => t.sum(v, unchecked(2))), 'FX1004', 'sum: axis 2 is out of range for [batch, 784]'],
  ['axis by name', () => wrong((v) => t.sum(v, unchecked('seq'))), 'FX1004', 'sum: axis seq is out of range for [batch, 784]'],
  ['axis of softmax', () => wrong((v) => t.softmax(v, unchecked(2))), 'FX1004', 'softmax: axis 2 is out of range for [batch, 784]'],
  ['reshape', () => wrong((v) => t.reshape(v, unchecked(['batch', 28, 27]))), 'FX1005', 'reshape: [batch, 784] has 784*batch elements, but [batch, 28, 27] has 756*batch'],
  ['reshape by -1', () => wrong((v) => t.reshape(v, unchecked(['batch', 27, -1]))), 'FX1005', 'reshape: [batch, 784] does not divide evenly into [batch, 27, -1]'],
  ['two -1', () => wrong((v) => t.reshape(v, unchecked([-1, -1]))), 'FX1005', 'reshape: only one -1 is allowed in [-1, -1]'],
  ['permute', () => wrong((v) => t.permute(v, unchecked([0, 0]))), 'FX1004', 'permute: [0, 0] repeats an axis of [batch, 784]'],
  ['permute of another rank', () => wrong((v) => t.permute(v, unchecked([0]))), 'FX1004', 'permute: [0] must list each of the 2 axes of [batch, 784] once'],
  ['transpose', () => wrong(() => t.transpose(unchecked(t.zeros([3])))), 'FX1009', 'transpose: needs rank 2 or more, but is [3]'],
  ['too few starts', () => wrong((v) => t.dynamicSlice(v, [0], unchecked([1]))), 'FX1009', 'dynamicSlice: needs one size and one start for each axis of [batch, 784]'],
  ['a part too large', () => wrong((v) => t.dynamicSlice(v, [0, 0], ['batch', 785] as never)), 'FX1012', 'dynamicSlice: a part [batch, 785] does not fit in [batch, 784]'],
  ['a part of a name', () => wrong((v) => t.dynamicUpdateSlice(v, t.zeros([1, 784]), [0, 0])), 'FX1012', 'dynamicUpdateSlice: a part [1, 784] does not fit in [batch, 784]'],
  ['a start that is no integer', () => wrong((v) => t.dynamicSlice(v, [unchecked(t.constant(1)), 0], ['batch', 784])), 'FX1008', 'dynamicSlice: the starts must be i32[], but one is f32[]'],
  ['an update of another dtype', () => wrong((v) => t.dynamicUpdateSlice(v, unchecked(t.zeros(['batch', 1], 'i32')), [0, 0])), 'FX1002', 'dynamicUpdateSlice: dtypes differ: f32 and i32'],
  ['updates of another shape', () => wrong((v) => t.scatterSet(v, t.zeros([3], 'i32'), t.zeros([3]) as never)), 'FX1011', 'scatterSet: the updates must be [3, 784], but are [3]'],
  ['ids that are no integers', () => wrong((v) => t.scatterAdd(v, unchecked(t.zeros([3])), t.zeros([3, 784]))), 'FX1008', 'scatterAdd: the indices must be integers, but are f32'],
  ['ids beside x', () => wrong((v) => t.takeAlong(v, t.zeros([3, 784], 'i32'), 1)), 'FX1011', 'takeAlong: ids [3, 784] must have the shape of x but for axis 1: [batch, 784]'],
  ['ids for other rows', () => wrong((v) => t.segmentSum(v, unchecked(t.zeros([3], 'i32')), 2)), 'FX1011', 'segmentSum: needs one id for each row of [batch, 784], but the ids are [3]'],
  ['keys of other shapes', () => wrong((v) => t.sortTogether([v, t.zeros([784])])[1]), 'FX1011', 'sortTogether: shapes differ: [batch, 784] and [784]'],
  ['more keys than tensors', () => wrong((v) => t.sortTogether([v], { keys: 2 })[0]), 'FX1017', 'sortTogether: 2 of 1 tensors cannot be the keys'],
  ['more than there are', () => wrong((v) => t.topK(v, 785 as never).values), 'FX1012', 'topK: axis -1 of [batch, 784] has no 785 elements'],
  ['a sorted matrix', () => wrong((v) => t.searchSorted(unchecked(v), v)), 'FX1009', 'searchSorted: the sorted must be a vector, but are [batch, 784]'],
  ['runs backwards', () => wrong((v) => t.foriLoop(-1, (_, x) => t.mul(x, 2), v)), 'FX1017', 'foriLoop: the number of runs must be a whole number from 0 on, but is -1'],
  ['half a run at most', () => wrong((v) => t.whileLoop((x) => t.less(t.sum(x), 1), (x) => t.mul(x, 2), v, { most: 0.5 })), 'FX1017', 'whileLoop: the number of runs must be a whole number from 0 on, but is 0.5'],
  ['a tangent of another shape', () => wrong((v) => t.customJvp((x: typeof v) => t.mul(x, 2), (_, [dx]) => unchecked(t.sum(dx)))(v)), 'FX1010', 'customJvp: the tangent must be f32[batch, 784], but is f32[]'],
  ['no tangent', () => wrong((v) => t.customJvp((x: typeof v) => ({ y: t.mul(x, 2) }), () => unchecked({}))(v).y), 'FX1010', "customJvp: the tangent 'y' is missing"],
  ['a cotangent of another shape from customVjp', () => wrong((v) => t.customVjp((x: typeof v) => t.mul(x, 2), (x) => [t.mul(x, 2), 0], (_, ct) => [unchecked(t.sum(ct))])(v)), 'FX1010', "customVjp: the cotangent '0' must be f32[batch, 784], but is f32[]"],
  ['a cotangent of another dtype', () => wrong((v) => t.customVjp((x: typeof v) => t.mul(x, 2), (x) => [t.mul(x, 2), 0], (_, ct) => [unchecked(t.convert(ct, 'f64'))])(v)), 'FX1010', "customVjp: the cotangent '0' must be f32[batch, 784], but is f64[batch, 784]"],
  ['a cotangent under another key', () => wrong((v) => t.customVjp((p: { x: typeof v }) => t.mul(p.x, 2), (p) => [t.mul(p.x, 2), 0], (_, ct) => [unchecked({ y: ct })])({ x: v })), 'FX1010', "customVjp: the cotangent '0.x' is missing"],
  ['a cotangent too many', () => wrong((v) => t.customVjp((x: typeof v) => t.mul(x, 2), (x) => [t.mul(x, 2), 0], (_, ct) => unchecked([ct, ct]))(v)), 'FX1010', "customVjp: the cotangent '1' is one too many"],
  ['a forward result of another shape', () => wrong((v) => t.customVjp((x: typeof v) => t.mul(x, 2), (x) => [unchecked(t.sum(x)), 0], (_, ct) => [ct])(v)), 'FX1010', 'customVjp: the forward result must be f32[batch, 784], but is f32[]'],
  ['a forward result without a key', () => wrong((v) => t.customVjp((x: typeof v) => ({ y: t.mul(x, 2) }), () => [unchecked({}), 0], (_, { y }) => [y])(v).y), 'FX1010', "customVjp: the forward result 'y' is missing"],
  ['a forward result with a key more', () => wrong((v) => t.customVjp((x: typeof v) => ({ y: t.mul(x, 2) }), (x) => [unchecked({ y: x, z: x }), 0], (_, { y }) => [y])(v).y), 'FX1010', "customVjp: the forward result 'z' is one too many"],
  ['fewer than none', () => wrong(() => t.permutation(t.key(0), -1)), 'FX1017', 'permutation: there must be a whole number of them, from 0 on, but it is -1'],
  ['a choice of too many', () => wrong(() => t.choice(t.key(0), 3, [4], { replace: false })), 'FX1012', 'choice: [4] are more than the 3 there are'],
  ['slice', () => wrong((v) => t.slice(v, 1, 700, unchecked(800))), 'FX1012', 'slice: 700:800 is outside axis 1 of [batch, 784], which has size 784'],
  ['pad', () => wrong((v) => t.pad(v, [0], [0])), 'FX1009', 'pad: needs one amount for each axis of [batch, 784]'],
  ['concat', () => wrong((v) => t.concat([v, t.zeros(['n', 16])], unchecked(1))), 'FX1011', 'concat on axis 1: [batch, 784] and [n, 16] must agree on every other axis'],
  ['concat of nothing', () => wrong(() => t.concat([], unchecked(0))), 'FX1011', 'concat: needs at least one tensor'],
  ['stack', () => wrong((v) => t.stack(unchecked([v, t.zeros([784])]))), 'FX1011', 'stack: shapes differ: [batch, 784] and [784]'],
  ['broadcastTo', () => wrong((v) => t.broadcastTo(v, unchecked([784]))), 'FX1001', 'broadcastTo: cannot broadcast [batch, 784] to [784]'],
  ['squeeze', () => wrong((v) => t.squeeze(v, 1)), 'FX1004', 'squeeze: axis 1 of [batch, 784] has size 784, not 1'],
  ['einsum sizes', () => wrong((v) => t.einsum(unchecked('ij,jk->ik'), v, t.zeros([512, 10]))), 'FX1006', "einsum: 'j' is 784 before, but 512 in operand 2"],
  ['einsum output', () => wrong((v) => t.einsum(unchecked('ij->iz'), v)), 'FX1006', "einsum: output index 'z' occurs in no operand"],
  ['einsum without arrow', () => wrong((v) => t.einsum(unchecked('ij'), v)), 'FX1006', "einsum: 'ij' needs an output, as in 'ij,jk->ik'"],
  ['einsum rank', () => wrong((v) => t.einsum(unchecked('ijk->i'), v)), 'FX1006', "einsum: 'ijk' does not fit operand 1, which is [batch, 784]"],
  ['einsum operands', () => wrong((v) => t.einsum(unchecked('ij,jk->ik'), v)), 'FX1006', 'einsum: fewer operands than the equation names'],
  ['float indices', () => wrong((v) => t.take(v, unchecked(v))), 'FX1008', 'take: the indices must be integers, but are f32'],
  ['float indices of rows', () => wrong((v) => t.pick(v, unchecked(t.zeros(['batch'])))), 'FX1008', 'pick: the indices must be integers, but are f32'],
  ['a list for a number', () => wrong(() => t.constant(unchecked([1, 2]))), 'FX1017', 'constant: the value must be a number, but is a list'],
  ['nothing for a number', () => wrong(() => t.full([2], unchecked(undefined))), 'FX1017', 'full: the value must be a number, but is undefined'],
  ['examples that nobody counted', () => wrong((v) => t.vmap((row: Tensor) => row, unchecked(undefined))(v)), 'FX1018', 'vmap: the second argument must be the new axis: its name, or how many examples there are'],
  ['a scalar table', () => wrong(() => t.take(t.constant(1), unchecked(t.iota(3)))), 'FX1009', 'gather: the table is a scalar'],
  ['the loss is not a scalar', () => wrong((v) => t.grad(unchecked((w: Tensor) => t.mul(w, 2)))(v)), 'FX1007', 'grad: the loss must be a scalar, but is [batch, 784]; reduce it with mean or sum'],
  ['the loss is an integer', () => wrong((v) => t.grad(unchecked((w: Tensor) => t.sum(t.convert(w, 'i32'))))(v)), 'FX1016', 'grad: the loss must be a float, but is i32'],
  ['a gradient in integers', () => wrong(() => t.grad((p: { n: Tensor<[3], 'i32'> }) => t.sum(t.convert(p.n, 'f32')))({ n: t.iota(3) })), 'FX1016', "grad: 'n' of the first argument is i32, which has no gradient"],
  ['a gradient in a key', () => wrong(() => t.grad((k: t.Key) => t.sum(t.normal(k, [2])))(t.key(0))), 'FX1016', 'grad: the first argument is a random key, which has no gradient'],
  ['a cotangent of another shape', () => wrong((v) => t.vjp((w: typeof v) => t.mul(w, 2))(v)[1](unchecked(t.zeros([3])))), 'FX1010', 'vjp: the cotangent must be f32[batch, 784], but is f32[3]'],
  ['a missing tangent', () => wrong((v) => t.jvp((w: typeof v) => w)([v], unchecked([]))), 'FX1010', "jvp: the tangent '0' is missing"],
  ['assertShape', () => wrong((v) => t.assertShape(v, [4, 784])), 'FX1014', 'assertShape: [4, 784] is not the shape [batch, 784]'],
  ['numbers that do not fill the shape', () => wrong(() => t.array([1, 2, 3], [2, 2])), 'FX1013', 'array: 3 elements given for [2, 2], which has 4'],
  ['ragged rows', () => wrong(() => t.array([[1, 2], [3]])), 'FX1013', 'array: the nested rows have different lengths'],
  ['an array with a name', () => wrong(() => t.array([1, 2], ['n'])), 'FX1013', 'array: [n] is not a shape of sizes'],
  ['numbers on an asynchronous device', () => wrong(() => arraysOf({ dtype: 'f32', shape: [2] }, { trace: {} })({ read: () => Promise.resolve(new Float32Array(2)), dispose: () => undefined })), 'FX1017', 'the numbers of this array are on an asynchronous device'],
  ['a call at another size', () => wrong((v) => t.fn([t.f32([3])], (y) => y)(unchecked(v))), 'FX1015', "main: argument 'arg0' must be f32[3], but is f32[batch, 784]"],
  ['poly: names that do not unify', () => wrong((v) => loosely(t.poly(t.fn([t.f32(['a', 'b']), t.f32(['b'])], (y, z) => t.add(y, z))))(v, t.zeros([3]))), 'FX1015', "argument 1: 'b' is 784 before, but 3 here"],
  ['poly: dtype', () => wrong((v) => loosely(t.poly(t.fn([t.i32(['a', 'b'])], (y) => y)))(v)), 'FX1002', 'argument 0: dtypes differ: i32 and f32'],
  ['an input that no function takes', () => wrong((v) => t.add(v, t.f32([784]))), 'FX1020', "'main' uses an input that it does not take: f32[784]"],
  ['an unbound name', () => problemsOf(t.fn([t.f32(['rows', 2])], (v) => v)), 'FX1021', "the dimension 'rows' has no size"],
  ['a size that is none', () => problemsOf(t.fn([t.f32(['n'])], (v) => v), { dims: { n: -1 } }), 'FX1025', "dims: 'n' must be a size, but is -1"],
  ['a computed size below 0', () => problemsOf(t.fn([t.f32(['n'])], (v) => t.slice(v, 0, -5, Infinity)), { dims: { n: 2 } }), 'FX1024', 'slice: -3 to 2 is out of range for axis 0 of [2]'],
  ['a bounded dimension joined', () => problemsOf(t.fn([t.f32(['n', 2])], (v) => t.concat([v, v], 0)), { dims: { n: { max: 4 } } }), 'FX1025', "'n+n' cannot be a dimension while one of its names has no fixed size"],
  ['a key used twice', () => wrong(() => { const k = t.key(0); return [t.normal(k, [2]), t.uniform(k, [2])]; }), 'FX1022', 'a random key is used twice'],
  ['a seed that is no integer', () => wrong(() => t.normal(t.key(1.5), [2])), 'FX1017', 'key: the seed must be an integer, but is 1.5'],
  ['a seed that is no number', () => wrong(() => t.normal(t.split(t.key(NaN))[0], [2])), 'FX1017', 'key: the seed must be an integer, but is NaN'],
  ['a key split in halves', () => wrong(() => { const [, , k] = loosely(t.split)(t.key(0), 2.5) as readonly t.Key[]; return t.normal(k, [2]); }), 'FX1017', 'split: a key is split into a whole number of keys, not into 2.5'],
  ['a key split into less than none', () => wrong(() => { const [k] = loosely(t.split)(t.key(0), -1) as readonly t.Key[]; return t.normal(k, [2]); }), 'FX1017', 'not into -1'],
  ['bounds the other way round', () => wrong(() => t.uniform(t.key(0), [2], { low: 2, high: 1 })), 'FX1017', 'uniform: there is no range of f32 from 2 to 1'],
  ['bounds that are none', () => wrong(() => t.uniform(t.key(0), [2], { low: NaN })), 'FX1017', 'from NaN to 1'],
  ['a range beyond f32', () => wrong(() => t.uniform(t.key(0), [2], { low: -3e38, high: 3e38 })), 'FX1017', 'from -3e+38 to 3e+38'],
  ['a probability beyond 1', () => wrong(() => t.bernoulli(t.key(0), 1.5, [2])), 'FX1017', 'bernoulli: a probability is a number from 0 to 1, and 1.5 is none'],
  ['no probability', () => wrong(() => t.bernoulli(t.key(0), NaN, [2])), 'FX1017', 'and NaN is none'],
  ['probabilities of another dtype', () => wrong(() => t.bernoulli(t.key(0), unchecked(t.iota(2)), [2])), 'FX1002', 'bernoulli: the probabilities must be f32, but are i32'],
  ['probabilities of another shape', () => wrong(() => t.bernoulli(t.key(0), t.zeros([3]), [2])), 'FX1001', 'broadcastTo: cannot broadcast [3]'],
  ['a side that is none', () => wrong(() => t.searchSorted(t.zeros([3]), t.zeros([2]), unchecked('middle'))), 'FX1017', "searchSorted: there is no side 'middle'"],
  ['a reduction that is none', () => wrong((v) => t.reduceWindow(v, unchecked('median'), { size: [1, 2] })), 'FX1017', "reduceWindow: there is no reduction 'median'"],
  ['a way to save that is none', () => wrong((v) => t.checkpoint((u: typeof v) => t.sin(u), { save: unchecked('all') })(v)), 'FX1017', "checkpoint: there is no way to save 'all'"],
  ['a half that is none', () => wrong((v) => t.halfPrecision((u: typeof v) => t.sin(u), unchecked('f8'))(v)), 'FX1017', "halfPrecision: 'f8' is no format of 16 bits"],
  ['a key drawn from and split', () => wrong(() => { const k = t.key(0), [a] = t.split(k); return [t.normal(k, [2]), t.normal(a, [2])]; }), 'FX1022', 'a random key is used twice'],
  ['two arguments of one name', () => problemsOf(t.fn([t.f32([1]), t.f32([1])], (a, b) => t.add(a, b), { args: ['a', 'a'] })), 'FX1023', "two arguments of 'main' are called 'a'"],
  ['a scalar function that is not element-wise', () => wrong(() => scalarOp('bad', { define: (v) => t.sum(t.reshape(v, [1])) })(t.zeros([2]))), 'FX1017', 'bad: a scalar function is made of element-wise operations only'],
  ...[undefined, 'a', [1, 2, 3], new Float32Array(3)].flatMap((given) => operandsOf(given).map(([name, build]): (typeof mistakes)[number] => [
    `${name} of ${JSON.stringify(given) ?? 'undefined'}`, () => wrong(build), 'FX1017', 'a tensor is needed here, but this is',
  ])),
  ['an operand on the right', () => wrong((v) => t.add(v, unchecked([1, 2]))), 'FX1017', 'a tensor is needed here, but this is a list'],
  ['one tensor for a list', () => wrong((v) => t.stack(unchecked(v))), 'FX1011', 'stack: needs a list of tensors, but this is one tensor'],
  ['nothing for a list', () => wrong(() => loosely(t.concat)(undefined, 0)), 'FX1011', 'concat: needs a list of tensors, but this is undefined'],
  ['a list that holds something else', () => wrong((v) => t.concat(unchecked([v, [1]]), unchecked(0))), 'FX1017', 'but this is a list'],
  ['an axis that is none', () => wrong((v) => t.sum(v, unchecked(null))), 'FX1004', 'sum: axis null is out of range for [batch, 784]'],
  ['an axis that is a tensor', () => wrong((v) => t.reverse(v, unchecked(v))), 'FX1004', 'reverse: axis an object is out of range'],
  ['not a function', () => problemsOf(() => 1), 'FX1010', 'lower: not a function made by fn'],
];

describe('a mistake is reported with its code and words', () => {
  for (const [name, find, code, message] of mistakes) {
    it(name, () => {
      const found = find();
      expect(found.map((d) => d.code)).toContain(code);
      expect(found.find((d) => d.code === code)?.message).toContain(message);
      expect(found).toHaveLength(1);
    });
  }
});

describe('diagnostics', () => {
  const line = (marker: string): number => Number(new Error(marker).stack?.split('\n')[2]?.match(/:(\d+):\d+\)?$/)?.[1]);
  it('of vectors say what multiplies them', () => {
    const sizes: Readonly<Record<string, number>> = { i: 3, j: 4, a: 2, m: 3, n: 4, k: 5 };
    for (const [a, b] of [[[5], [5, 4]], [[3, 5], [5]], [[2, 3, 5], [5]], [[5], [2, 5, 4]], [[5], [5]]]) {
      const hint = String(wrong(() => t.matmul(t.zeros(unchecked(a)), unchecked(t.zeros(unchecked(b)))))[0].hint), [, equation = ''] = /einsum\('([^']+)'/.exec(hint) ?? [];
      const [left, right, out] = equation.split(/,|->/).map((letters) => [...letters].map((l) => sizes[l]));
      if (a.length + b.length > 2) expect([left, right]).toEqual([a, b]);
      else expect(hint).toContain('sum(mul(x, y)) is the inner product');
      expect(t.einsum(equation, t.zeros(unchecked(left)), t.zeros(unchecked(right))).shape).toEqual(out);
    }
    expect(wrong(() => t.matmul(unchecked(t.zeros([])), unchecked(t.zeros([2, 2]))))[0].hint).toContain('mul(x, y)');
  });
  it('name the file, line and column of the user', () => {
    let at = 0;
    const [found] = wrong((v) => { at = line(''); return t.matmul(v, unchecked(t.zeros([512, 10]))); });
    expect(found.place?.file.endsWith('/test/expr/diagnostics.test.ts')).toBe(true);
    expect([found.place?.line, typeof found.place?.column]).toEqual([at, 'number']);
    expect(found.shapes).toEqual(['[batch, 784]', '[512, 10]']);
  });
  it('also for mistakes inside composites and inner functions', () => {
    let at = 0;
    const [found] = wrong((v) => t.grad((w: typeof v) => { at = line(''); return t.sum(t.add(w, unchecked(t.zeros([5])))); })(v));
    expect([found.code, found.place?.line]).toEqual(['FX1001', at]);
  });
  it('come all at once, each mistake once', () => {
    const found = wrong((v) => {
      const first = t.matmul(v, unchecked(t.zeros([512, 10])));
      return { followed: t.sum(t.relu(first), unchecked(7)), second: t.sum(v, unchecked(3)), third: t.add(v, t.f32([784])) };
    });
    expect(found.map((d) => d.code).sort()).toEqual(['FX1003', 'FX1004', 'FX1020']);
  });
  it('render as text', () => {
    const [{ place: _, ...rest }] = wrong((v) => t.add(v, unchecked(t.zeros([784], 'i32'))));
    expect(t.render([{ ...rest, place: { file: 'net.ts', line: 3, column: 7 } }])).toBe("error FX1002: add: dtypes differ: f32 and i32\n  at net.ts:3:7\n  shapes: [batch, 784], [784]\n  hint: convert(x, 'f32')");
  });
  it('are thrown by orThrow', () => { expect(() => t.orThrow(lower(t.fn([x()], (v) => v)))).toThrow(/FX1021.*'batch' has no size/); });
  it('let a key be used twice where asked, and folded as often as wanted', () => {
    const f = t.fn([t.key(0)], (k) => [t.normal(k, [2]), t.normal(k, [2])]);
    expect(problemsOf(f).map((d) => d.code)).toEqual(['FX1022']);
    expect(problemsOf(f, { checkKeys: false })).toEqual([]);
    expect(problemsOf(t.fn([t.key(0)], (k) => [t.normal(t.foldIn(k, 0), [2]), t.normal(t.foldIn(k, 1), [2])]))).toEqual([]);
  });
  it('let a key be used once in each branch of a choice, but not beside it, nor twice in one', () => {
    const k = t.key(0), draw = () => t.normal(k, [2]), codes = (body: (v: Tensor<[], 'f32'>) => unknown) => problemsOf(t.fn([t.f32([])], body)).map((d) => d.code);
    const i = (v: Tensor<[], 'f32'>) => t.convert(v, 'i32');
    expect(codes((v) => t.cond(t.less(v, 0), draw, () => t.uniform(k, [2])))).toEqual([]);
    expect(codes((v) => t.cond(t.less(v, 0), draw, () => { const [a, b] = t.split(k); return t.add(t.normal(a, [2]), t.normal(b, [2])); }))).toEqual([]);
    expect(codes((v) => t.cond(t.less(v, 0), draw, () => t.cond(t.less(v, 1), draw, draw)))).toEqual([]);
    expect(codes((v) => t.foriLoop(2, (_, c) => t.switchCase(i(v), [draw, draw, () => c]), t.zeros([2])))).toEqual([]);
    expect(codes((v) => [t.cond(t.less(v, 0), draw, () => t.zeros([2])), draw()])).toEqual(['FX1022']);
    expect(codes((v) => t.cond(t.less(v, 0), draw, () => t.add(draw(), draw())))).toEqual(['FX1022']);
    expect(codes((v) => [t.cond(t.less(v, 0), draw, () => t.zeros([2])), t.cond(t.less(v, 1), () => t.zeros([2]), draw)])).toEqual(['FX1022']);
    const both = draw();
    expect(codes((v) => t.cond(t.less(v, 0), () => t.add(both, draw()), () => both))).toEqual(['FX1022']);
  });
  it('warn of large arrays in a program', () => {
    const lowered = t.orThrow(lower(t.fn([], () => t.array(new Float32Array(1 << 20), [1 << 20]))));
    expect(lowered.warnings.map((w) => [w.code, w.severity])).toEqual([['FX1026', 'warning']]);
  });
  it('leave names open where asked', () => {
    const lowered = t.orThrow(lower(t.fn([x()], (v) => t.sum(v, 0), { args: ['x'] }), { open: true }));
    expect([lowered.params[0].name, lowered.params[0].type.shape[0]]).toEqual(['x', { name: 'batch', by: 1, max: Infinity }]);
  });
});
