import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { inParts, partsApart, refusesUpdate, updatesOf, type Updates } from '../../../src/passes/plan/updates.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { readGraph } from '../graph/texts.ts';

/** the main graph of a body over p, which is donated, and q, which is not */
const graphOf = (body: string): { readonly results: readonly Node[]; readonly p: Node; readonly updates: (mayTake?: (result: number, param: number) => boolean) => Updates } => {
  const { params, results } = mainOf(readGraph(`(p: f32[8, 4], q: f32[8, 4], x: f32[1, 4], i: i32[], j: i32[]) { ${body} }`));
  return { results, p: params[0], updates: (mayTake) => updatesOf(results, new Set([params[0]]), mayTake) };
};
const once = '%0 = dynamicUpdateSlice(p, x, i, j)';

describe('a result is a parameter with other parts', () => {
  it('one after the other, in the order in which they are written', () => {
    const { results: [both, one], p, updates } = graphOf(`${once} %1 = dynamicUpdateSlice(%0, x, j, i) return %1, %0`), found = updates();
    expect(found.get(both)?.parts).toEqual([one, both]);
    expect(found.get(both)?.over).toBe(p);
    expect(found.get(one)?.parts).toEqual([one]);
  });
  it('not the parameter itself, not one that is not donated, not what is computed', () => {
    expect(graphOf('return p').updates().size).toBe(0);
    expect(graphOf('%0 = dynamicUpdateSlice(q, x, i, j) return %0').updates().size).toBe(0);
    expect(graphOf('%0 = exp(p) %1 = dynamicUpdateSlice(%0, x, i, j) return %1').updates().size).toBe(0);
    expect(graphOf(`${once} %1 = exp(%0) return %1`).updates().size).toBe(0);
  });
  it('where that result may take over that parameter', () => {
    const { results, updates } = graphOf(`${once} %1 = dynamicUpdateSlice(p, x, j, i) return x, %0, %1`);
    expect([...updates((result, param) => result === 1 && param === 0).keys()]).toEqual([results[1]]);
    expect([...updates((result) => result === 0)]).toEqual([]);
  });
});

describe('parts are computed apart', () => {
  const apart = (body: string): readonly string[] => [...partsApart(graphOf(body).updates())].map((n) => n.op);
  it.each([
    ['of what they overwrite', '%0 = dynamicSlice(p, i, j) sizes [1, 4] %1 = dynamicUpdateSlice(p, %0, j, i) return %1', ['dynamicSlice']],
    ['of that and something else', '%0 = dynamicSlice(p, i, j) sizes [1, 4] %1 = mul(x, %0) %2 = dynamicUpdateSlice(p, %1, j, i) return %2', ['map']],
    ['the second of two', `%0 = exp(x) %1 = dynamicUpdateSlice(p, %0, i, j) %2 = dynamicSlice(p, i, j) sizes [1, 4] %3 = dynamicUpdateSlice(%1, %2, j, i) return %3`, ['dynamicSlice']],
    ['not of others', '%0 = exp(x) %1 = dynamicUpdateSlice(p, %0, j, i) return %1', []],
    ['not as large as the whole', '%0 = exp(p) %1 = dynamicUpdateSlice(p, %0, i, i) return %1', []],
  ])('%s', (_, body, wanted) => expect(apart(body)).toEqual(wanted));
});

describe('a kernel writes parts only', () => {
  const { results: [both, other], p, updates } = graphOf(`${once} %1 = dynamicUpdateSlice(%0, x, j, i) %2 = exp(q) return %1, %2`), [one] = both.inputs, all = updates();
  const inPlace = (over: Node): ReadonlyMap<Node, Node> => new Map([[both, over]]);
  it('where it has all of them, and takes over the memory', () => {
    expect(inParts([both], [one, both], all, inPlace(p))).toEqual({ kind: 'update', parts: [one, both] });
    expect(inParts([both], [both], all, inPlace(p))).toBe(undefined);
    expect(inParts([both], [one, both], all, inPlace(other))).toBe(undefined);
    expect(inParts([other], [other], all, new Map([[other, p]]))).toBe(undefined);
  });
  it('and stores nothing else, and reads nothing that it overwrites', () => {
    const refused = (seeds: readonly Node[], roots: readonly Node[], readers: readonly Node[]): string | undefined => refusesUpdate({ seeds, roots: new Set(roots) }, all, (n) => (readers.includes(n) ? new Set([p]) : undefined));
    expect(refused([other], [other, p], [])).toBe(undefined);
    expect(refused([one, both], [both], [one, both])).toBe(undefined);
    expect(refused([other, both], [both, other], [])).toBe('a kernel that writes parts of a value stores nothing else');
    expect(refused([other, one, both], [both], [other])).toBe('a part is made of what it overwrites');
    expect(refused([one, both, other], [both], [other])).toBe('a part is made of what it overwrites');
    expect(refused([other, one, both], [both], [])).toBe(undefined);
  });
});
