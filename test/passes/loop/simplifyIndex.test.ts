import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printKernel } from '../../../src/ir/loop/print.ts';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { simplifyIndex } from '../../../src/passes/loop/simplifyIndex.ts';
import { meaning } from './programs.ts';

it('what a loop of one round defines ends with it', () => {
  const text = `
program twice
buffer x: f32[2] input
buffer y: f32[2] output
kernel twice(x: read f32[2], y: write f32[2]) {
  for i < 1 {
    let v = x[i]
    store y[i] = v * 2.0
  }
  for j < 1 {
    let v = x[j + 1]
    store y[j + 1] = v * 3.0
  }
}
steps {
  run twice(x, y)
}
`;
  const before = parsed(parseProgram(text)), after = simplifyIndex(before), c = { text, sizes: {} };
  expect(verifyProgram(before, 'naive')).toEqual([]);
  expect(verifyProgram(after, 'naive')).toEqual([]);
  expect(meaning(after, c)).toEqual(meaning(before, c));
  expect(after.kernels.get('twice')?.body.map((s) => s.kind)).toEqual(['block', 'block']);
});

it('an axis of the steps around a kernel counts from 0, to wherever', () => {
  const text = `
program rounds
buffer x: f32[2] input
buffer y: f32[3] output
kernel round(x: read f32[2], y: update f32[3]) {
  store y[t] = x[t - 1] if t - 1 >= 0 && t >= 0 else 7.0
}
steps {
  loop t < 3 {
    run round(x, y)
  }
}
`;
  const before = parsed(parseProgram(text)), after = simplifyIndex(before), c = { text, sizes: {} };
  expect(meaning(after, c)).toEqual(meaning(before, c));
  expect(printKernel(after.kernels.get('round') ?? { name: '', params: [], body: [] })).toContain('store y[t] = x[t - 1] if t - 1 >= 0 else 7.0');
});
