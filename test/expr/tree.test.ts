import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/index.ts';
import { growing, leavesOf, takingAt, valueAt } from '../../src/expr/tree.ts';
import { runs } from '../laws/runs.ts';

/** records and lists of tensors, numbers and nothing */
const trees = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, fc.constantFrom<unknown>(1, undefined, null, 'text'), fc.double({ noNaN: true }).map((x) => constant(x)), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b', 'kernel', '0'), tie('tree'), { maxKeys: 3 })),
})).tree;
const paths = fc.array(fc.array(fc.constantFrom('a', 'b', 'kernel', '0', '1'), { maxLength: 4 }), { maxLength: 6 });

describe('trees', () => {
  it('are taken apart in one walk like path by path', () => {
    fc.assert(fc.property(trees, paths, (tree, at) => {
      const all = [...at, ...leavesOf(tree).map((l) => l.path)];
      expect(takingAt(all)(tree)).toEqual(all.map((path) => valueAt(tree, path)));
    }), runs(300, 91));
  });
  it('give of other trees what those have there, and nothing where they have none', () => {
    const taken = takingAt([['a', 'w'], ['b'], ['a']]), w = constant(2);
    expect(taken({ a: { w }, b: 3 })).toEqual([w, 3, { w }]);
    expect(taken({ a: w })).toEqual([undefined, undefined, w]);
    expect(taken(undefined)).toEqual([undefined, undefined, undefined]);
  });
  it('grow again from what was taken', () => {
    fc.assert(fc.property(trees, (tree) => {
      const leaves = takingAt(leavesOf(tree).map((l) => l.path))(tree);
      expect(growing(tree)((place) => leaves[place])).toEqual(tree);
    }), runs(300, 92));
  });
});
