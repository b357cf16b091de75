import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { compile, exp, f32, fn, matmul, orThrow, relu, sum } from '../../../src/index.ts';

it('a saved artifact runs where text may not be made code, and gives the same bits', () => {
  const f = fn([f32([3, 4]), f32([4, 2])], (x, w) => ({ h: relu(matmul(x, w)), total: sum(exp(matmul(x, w))) })), run = orThrow(compile(f));
  const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), w = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i));
  const { h, total } = run(x, w), [[name, text]] = Object.entries(run.report?.files ?? {});
  const folder = mkdtempSync(join(tmpdir(), 'saved-'));
  try {
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'caller.mjs'), `import { create } from '${pathToFileURL(join(folder, name)).href}';
try { new Function('return 1'); console.log('code from text'); } catch { /* as it should be */ }
const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), w = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i));
console.log(JSON.stringify(create().run([x, w]).map((a) => [...new Uint32Array(a.buffer, a.byteOffset, a.length)])));`);
    const out = execFileSync(process.execPath, ['--disallow-code-generation-from-strings', join(folder, 'caller.mjs')], { encoding: 'utf8' });
    const bitsOf = (a: Float32Array): readonly number[] => [...new Uint32Array(a.slice().buffer)];
    expect(JSON.parse(out)).toEqual([bitsOf(h.data), bitsOf(total.data)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
