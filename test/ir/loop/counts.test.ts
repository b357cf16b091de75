import { expect, it } from 'vitest';
import { count } from '../../../src/ir/loop/counts.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';

const text = (arena: string): string => `program p (batch <= 8)
${arena}
buffer x: f32[batch*4] input
buffer w: f32[4*5] state
buffer h: f32[batch*5] temporary
buffer flag: bool[1] temporary
buffer out: f32[batch*5] output
kernel dense(x: read f32[batch*4], w: read f32[20], h: write f32[batch*5]) {
  contract m(i < batch) n(j < 5) k(p < 4) c = x[4*i + p] * w[5*p + j] { store h[5*i + j] = max(c, 0.0) }
}
kernel sums(h: read f32[batch*5], out: update f32[batch*5]) {
  for i < batch { for j < 5 { store out[5*i + j] = 0.0 for q < j + 1 { fold add into out[5*i + j] with h[5*i + q] } } }
}
steps { run dense(x, w, h); barrier; loop t < 3 { run sums(h, out); barrier } }`;

it('counts launches, bytes, operations and memory', () => {
  const counts = count(parsed(parseProgram(text(''))), { batch: 2 });
  expect(counts).toEqual({
    kernels: 2, launches: 4, barriers: 4,
    loadedBytes: 2 * 5 * 4 * 8 + 3 * (2 * 15 * 8),
    storedBytes: 2 * 5 * 4 + 3 * (2 * 5 * 4 + 2 * 15 * 4),
    operations: 2 * 5 * (4 * 2 + 1) + 3 * 2 * 15,
    peakBytes: 8 * 5 * 4 + 1 + 20 * 4,
  });
});
it('takes the arena where it is planned', () => {
  expect(count(parsed(parseProgram(text('arena 512 { h @ 0, flag @ 160 }'))), { batch: 8 }).peakBytes).toBe(512 + 80);
});
it('knows how much is left for the last block', () => {
  const program = parsed(parseProgram(`program p (batch <= 128)
buffer x: f32[batch] input
buffer out: f32[batch] output
kernel copy(x: read f32[batch], out: write f32[batch]) {
  for b < floorDiv(batch + 63, 64) { let left = index(batch - 64*b) for i < data(left, 0..64) { store out[64*b + i] = x[64*b + i] } }
}
steps { run copy(x, out) }`));
  expect([64, 128].map((batch) => count(program, { batch }).storedBytes)).toEqual([256, 512]);
});
