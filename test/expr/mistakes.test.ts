import { describe, expect, it } from 'vitest';
import { add, f32, fn, foldIn, i32, isKey, isSpoiled, key, keyOf, keyWords, origin, relu, reword, sameShape, spoil, split, treeLeaves, zeros, type Dyn, type Mistake, type Origin, type Tensor } from 'fluxion';
import { page, saidOf } from '../messages.ts';

const mistake: Mistake = { code: 'FX9001', message: 'swish: needs a matrix', shapes: ['[3]'], hint: 'reshape(x, [n, m])' };
const x = (): Tensor<[3], 'f32'> => zeros([3]);
/** a value whose mistakes show only when it is used */
const made = (): { readonly at: Origin; readonly use: (v: Tensor<unknown>) => Tensor<Dyn> } => {
  const at = origin();
  return { at, use: (v) => spoil([v], mistake, at) };
};

describe('mistakes of libraries', () => {
  it('are told where they are made, or where it is said', async () => {
    const late = made();
    await expect(page({
      'here': saidOf(fn([], () => spoil([x()], mistake))),
      'where the value was made': saidOf(fn([], () => late.use(x()))),
      'in other words': saidOf(fn([], () => reword(x(), spoil([x()], mistake), (m) => `layer 3: ${m}`))),
      'in other words, of another place': saidOf(fn([], () => reword(x(), spoil([x()], mistake), (m) => `layer 3: ${m}`, late.at))),
      'two of them': saidOf(fn([], () => [spoil([x()], mistake), spoil([x()], { ...mistake, message: 'another' })])),
    })).toMatchFileSnapshot('../golden/messages/libraries.txt');
  });
  it('are told once: on several tensors, and on what is built on them', () => {
    expect(saidOf(fn([], () => { const v: Tensor<[3], 'f32'> = spoil([x()], mistake); return [v, relu(v), add(v, 1), spoil([v], { ...mistake, message: 'another' }), spoil([x()], mistake)]; })).match(/error/g)).toHaveLength(1);
  });
  it('leave the type, and mark what they spoil', () => {
    const v: Tensor<[3], 'i32'> = spoil([i32([3]), f32([2])], mistake);
    expect([v.dtype, v.shape, isSpoiled(v), isSpoiled(relu(v)), isSpoiled(x()), isSpoiled(key(0))]).toEqual(['i32', [3], true, true, false, false]);
  });
  it('are put in other words only where they are new', () => {
    const v: Tensor<Dyn> = spoil([x()], mistake), right: Tensor<Dyn> = zeros([3]);
    expect(reword(v, v, () => 'changed')).toBe(v);
    expect(reword(x(), right, () => 'changed')).toBe(right);
  });
});

describe('what libraries ask of leaves', () => {
  it('whether they are keys', () => expect(treeLeaves({ a: x(), k: key(0), l: [split(key(1))[0]], f: foldIn(key(2), i32()) }).map(({ value }) => isKey(value))).toEqual([false, true, true, true]));
  it('the words of a key, out and in', () => {
    expect([keyWords(key(7)), keyWords(key(2 ** 32 + 5)), keyWords(foldIn(key(0), i32()))]).toEqual([[0, 7], [1, 5], undefined]);
    const [k] = split(key(3));
    expect(keyWords(keyOf(keyWords(k) ?? []))).toEqual(keyWords(k));
  });
  it('whether shapes can be the same', () => {
    expect([sameShape([2, 'n'], [2, 'n']), sameShape([2, 'n'], [2, 'm']), sameShape([2], [2, 1]), sameShape([1], [2]), sameShape(['2*n'], [4])]).toEqual([true, false, false, false, true]);
  });
});
