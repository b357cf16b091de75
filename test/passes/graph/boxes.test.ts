import { describe, expect, it } from 'vitest';
import { sym, type Dims } from '../../../src/core/dim.ts';
import { around, both, endOf, isEmpty, isWhole, reshapedBox, runsOf, sameBox, shapeIn, span, startOf, wholeOf, type Box, type Span } from '../../../src/passes/graph/boxes.ts';

const n = sym('n', 9), w = 'whole', s = (lo: number, hi: number): Span => ({ lo, hi });

describe('spans', () => {
  it.each([
    [[0, 3, 3], w], [[-1, 4, 3], w], [[1, 3, 3], s(1, 3)], [[0, 2, 3], s(0, 2)], [[-2, 2, 3], s(0, 2)], [[1, 9, 3], s(1, 3)], [[0, 0, 3], s(0, 0)], [[0, 0, 0], w], [[5, 9, 3], s(5, 3)],
  ] as const)('%j are those of an axis', ([lo, hi, size], made) => { expect(span(lo, hi, size)).toEqual(made); });
  it('are whole along a named dimension', () => { expect(span(1, 2, n)).toBe(w); });
  it('begin and end', () => {
    expect([startOf(w), startOf(s(2, 4)), endOf(w, 5), endOf(w, n), endOf(s(2, 4), 5)]).toEqual([0, 2, 5, 9, 4]);
  });
});

describe('boxes', () => {
  it('are whole', () => { expect([wholeOf([2, n]), isWhole([w, w]), isWhole([w, s(0, 1)]), isWhole([])]).toEqual([[w, w], true, false, true]); });
  it('are empty along one axis', () => { expect([isEmpty([w, s(2, 2)]), isEmpty([s(3, 2), w]), isEmpty([s(1, 2), w]), isEmpty([w])]).toEqual([true, true, false, false]); });
  it.each<readonly [Box, Box, boolean]>([
    [[w, s(1, 2)], [w, s(1, 2)], true], [[s(1, 2)], [s(0, 2)], false], [[s(1, 2)], [s(1, 3)], false], [[s(1, 2)], [w], false], [[w], [s(1, 2)], false], [[w, s(1, 2)], [w, s(1, 3)], false],
  ])('%j and %j are the same or not', (a, b, same) => { expect(sameBox(a, b)).toBe(same); });
  it('have sizes', () => { expect(shapeIn([w, s(1, 3), w], [4, 5, n])).toEqual([4, 2, n]); });
  it.each<readonly [Box, Box, Dims, Box, Box]>([
    [[s(1, 4), w], [s(2, 6), s(0, 2)], [7, 3], [s(2, 4), s(0, 2)], [s(1, 6), w]],
    [[s(0, 4)], [s(2, 7)], [7], [s(2, 4)], [w]],
    [[s(1, 5)], [s(2, 3)], [7], [s(2, 3)], [s(1, 5)]],
    [[s(1, 2)], [s(4, 5)], [7], [s(4, 2)], [s(1, 5)]],
    [[w, w], [w, w], [n, 3], [w, w], [w, w]],
    [[s(2, 2), w], [s(4, 5), w], [7, 3], [s(4, 2), w], [s(4, 5), w]],
    [[s(4, 5), w], [s(2, 2), w], [7, 3], [s(4, 2), w], [s(4, 5), w]],
  ])('%j and %j have a part in common, and one around them', (a, b, shape, common, least) => { expect([both(a, b, shape), around(a, b, shape)]).toEqual([common, least]); });
});

describe('reshapes', () => {
  it.each<readonly [Dims, Dims, string | undefined]>([
    [[2, 3], [2, 3], '0=0 1=1'], [[2, 3, 4], [6, 4], '01=0 2=1'], [[6, 4], [2, 3, 4], '0=01 1=2'], [[6, 4], [8, 3], '01=01'], [[2, 3, 5, 7], [6, 35], '01=0 23=1'],
    [[4, 6, 5], [2, 12, 5], '01=01 2=2'], [[2, 1, 3], [2, 3], '0=0 12=1'], [[2, 3], [2, 1, 3], '0=0 1=12'], [[6, 1], [6], '0=0 1='], [[6], [6, 1, 1], '0=0 =1 =2'], [[1], [], '0='], [[], [1], '=0'], [[], [], ''],
    [[n, 6], [n, 2, 3], '0=0 1=12'], [[6, n], [2, 3, n], '0=01 1=2'], [[n], [n, 1], '0=0 =1'], [[n, 1], [n], '0=0 1='],
    [[n, 2], [sym('n', 9, 2)], undefined], [[2, n], [sym('n', 9, 2)], undefined], [[2, n, 3], [6, n], undefined], [[6, n], [2, n, 3], undefined], [[4, 1, n], [2, n, 2], undefined], [[0], [0, n], undefined], [[0, n], [0], undefined],
    [[0, 3], [0], undefined], [[0], [0, 3], undefined], [[0, 3], [3, 0], undefined],
  ])('from %j to %j go run by run', (from, to, runs) => {
    expect(runsOf(from, to)?.map((run) => `${run.from.join('')}=${run.to.join('')}`).join(' ')).toBe(runs);
  });
  it.each<readonly [Box, Dims, Dims, Box]>([
    [[s(2, 8), w], [12, 4], [6, 2, 4], [s(1, 4), w, w]], [[s(3, 8), w], [12, 4], [6, 2, 4], [s(1, 4), w, w]], [[s(4, 9), w], [12, 4], [6, 2, 4], [s(2, 5), w, w]],
    [[s(1, 4), w, w], [6, 2, 4], [12, 4], [s(2, 8), w]], [[s(1, 2), w], [4, 3], [2, 6], [s(0, 1), w]], [[s(1, 3), w], [4, 3], [2, 6], [w, w]],
    [[w, s(0, 1), w], [6, 2, 4], [12, 4], [w, w]], [[s(1, 2), s(0, 1)], [6, 2], [12], [w]], [[s(1, 2), s(1, 3)], [6, 5], [6, 5, 1], [s(1, 2), s(1, 3), w]],
    [[w, s(1, 2), w], [1, 6, 1], [6], [s(1, 2)]], [[s(1, 2)], [6], [1, 6, 1], [w, s(1, 2), w]], [[w], [1], [1, 1], [w, w]], [[w, s(3, 6)], [n, 6], [n, 2, 3], [w, s(1, 2), w]],
    [[w, s(1, 2), w], [n, 2, 2], [sym('n', 9, 2), 2], [w, w]], [[s(2, 3), w, w, s(1, 2)], [5, 3, 2, 7], [15, 2, 7, 1], [s(6, 9), w, s(1, 2), w]],
  ])('%j of %j as %j', (box, from, to, made) => { expect(reshapedBox(box, from, to)).toEqual(made); });
});
