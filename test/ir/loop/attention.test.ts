import { describe, expect, it } from 'vitest';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { golden, list, numbers, runLoop, smaller, total, unlike } from './golden.ts';

// Two heads of 64 × 16 instead of eight of 256 × 64: two blocks of 32 rows, two panels of 8 columns.
const heads = 2, length = 64, width = 16;
const small = smaller.attentionRows;

const [q, k, v, go] = list(4, (n) => numbers(40 + n, heads * length * width).map((x) => 3 * x));
const at = (h: number, i: number, d: number): number => width * (length * h + i) + d;
const dot = (a: Float32Array, b: Float32Array, h: number, i: number, j: number): number => total(width, (d) => a[at(h, i, d)] * b[at(h, j, d)]);
const cells = (value: (h: number, i: number, d: number) => number): readonly number[] =>
  list(heads, (h) => list(length, (i) => list(width, (d) => value(h, i, d)))).flat(2);

/** [head][row][column ≤ row] */
const probabilities = list(heads, (h) => list(length, (i) => {
  const scores = list(i + 1, (j) => dot(q, k, h, i, j) / 8), top = Math.max(...scores), e = scores.map((s) => Math.exp(s - top));
  return e.map((x) => x / total(i + 1, (j) => e[j]));
}));
const out = cells((h, i, d) => total(i + 1, (j) => probabilities[h][i][j] * v[at(h, j, d)]));
const lse = list(heads, (h) => list(length, (i) => Math.log(total(i + 1, (j) => Math.exp(dot(q, k, h, i, j) / 8))))).flat();
const scoreGradients = list(heads, (h) => list(length, (i) => {
  const p = probabilities[h][i], dp = p.map((_, j) => dot(go, v, h, i, j)), mean = total(i + 1, (j) => p[j] * dp[j]);
  return p.map((x, j) => x * (dp[j] - mean) / 8);
}));
/** Σ over the rows that see the column */
const below = (j: number, term: (i: number) => number): number => total(length - j, (n) => term(j + n));
const gradients = {
  dq: cells((h, i, d) => total(i + 1, (j) => scoreGradients[h][i][j] * k[at(h, j, d)])),
  dk: cells((h, j, d) => below(j, (i) => scoreGradients[h][i][j] * q[at(h, i, d)])),
  dv: cells((h, j, d) => below(j, (i) => probabilities[h][i][j] * go[at(h, i, d)])),
};

const run = (program: Program, inputs: Parameters<typeof runLoop>[1], backward = true): ReturnType<typeof runLoop> => runLoop(program, inputs, { precision: 'f64', backward });
const known = { out: Float64Array.from(out), lse: Float64Array.from(lse) };

describe.each(['naive', 'tiled'])('causal attention, %s', (stage) => {
  it('by rows', () => expect(unlike(run(golden(`attentionRows.${stage}`, small), { q, k, v }), { out })).toEqual([]));
  it('by rows, backward', () => expect(unlike(run(golden(`attentionRowsBackward.${stage}`, small), { q, k, v, do: go }), gradients)).toEqual([]));
  it('online', () => expect(unlike(run(golden(`attentionOnline.${stage}`, small), { q, k, v }), { out, lse })).toEqual([]));
  it('online, backward', () => expect(unlike(run(golden(`attentionOnlineBackward.${stage}`, small), { q, k, v, do: go, ...known }), gradients)).toEqual([]));
});

it('no scratch grows with the square of the length', () => {
  const scratch = (text: string): number => Math.max(...[...text.matchAll(/alloc scratch \w+: f32\[([\d, ]+)\]/g)].map(([, shape]) => shape.split(', ').reduce((n, d) => n * Number(d), 1)));
  let largest = 0;
  for (const name of ['Rows', 'RowsBackward', 'Online', 'OnlineBackward']) {
    for (const stage of ['naive', 'tiled']) golden(`attention${name}.${stage}`, (text) => { largest = Math.max(largest, scratch(text)); return text; });
  }
  expect(largest).toBe(256 * 64);
});
