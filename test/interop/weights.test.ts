import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { array, arrayOf, f32, i32, intArray, key, orThrow, type Result } from 'fluxion';
import { loadWeights, saveWeights } from 'fluxion/interop';
import { keyWords } from '../../src/expr/keys.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'fluxion-weights-'));
const said = (r: Result<unknown>, dir: string): readonly string[] => (E.isLeft(r) ? r.left.map((d) => `${d.code} ${d.message.replaceAll(`${dir}/`, '')}`) : ['done']);
const tree = { params: [{ kernel: array([1, 2, 3, 4, 5, 6], [2, 3]), bias: array([0, -0, 1e-40], [3]) }, {}], count: intArray([7], []), key: key(5), flags: arrayOf('bool', [true, false], [2]) };
const like = { params: [{ kernel: f32([2, 3]), bias: f32([3]) }, {}] as const, count: i32(), key: key(0), flags: arrayOf('bool', [false, false], [2]) };

describe('weights in files', () => {
  it('come back as they were, under stable names', async () => {
    const dir = await folder(), path = join(dir, 'w.safetensors');
    await orThrow(saveWeights(path, tree));
    const back = await orThrow(loadWeights(path, like));
    expect(back.params[0].kernel.toNested()).toEqual([[1, 2, 3], [4, 5, 6]]);
    expect(new Uint32Array(back.params[0].bias.data.buffer)).toEqual(new Uint32Array(Float32Array.of(0, -0, 1e-40).buffer));
    expect([back.count.item(), back.flags.toNested(), keyWords(back.key)]).toEqual([7, [true, false], [0, 5]]);
    expect(back.params[1]).toEqual({});
    const header = new TextDecoder().decode((await readFile(path)).subarray(8, 400));
    expect(Object.keys(JSON.parse(header.slice(0, header.lastIndexOf('}}') + 2)))).toEqual(['params.0.kernel', 'params.0.bias', 'count', 'key', 'flags']);
  });
  it('that differ are refused with every difference', async () => {
    const dir = await folder(), path = join(dir, 'w.safetensors');
    await orThrow(saveWeights(path, tree));
    const other = { params: [{ kernel: f32([2, 4]), bias: i32([3]), extra: f32(['n']) }], count: i32(), key: key(0) };
    expect(said(await loadWeights(path, other)(), dir)).toEqual([
      "FX6108 w.safetensors: 'params.0.kernel' is f32 [2, 3], but f32 [2, 4] is wanted",
      "FX6108 w.safetensors: 'params.0.bias' is f32 [3], but i32 [3] is wanted",
      "FX6108 w.safetensors: 'params.0.extra', wanted as f32 [n], is not in the file",
      "FX6108 w.safetensors: 'flags', bool [2], is in the file, but nothing asks for it",
    ]);
    expect((await orThrow(loadWeights(path, { ...like, params: [{ kernel: f32(['n', 3]), bias: f32(['m']) }] }))).params[0]?.kernel.shape).toEqual([2, 3]);
  });
  it('are not written where that cannot be, or where there are no numbers', async () => {
    const dir = await folder();
    expect(said(await saveWeights(join(dir, 'no', 'w.safetensors'), tree)(), dir)).toEqual(['FX6101 no/w.safetensors: cannot be written: ENOENT']);
    expect(said(await saveWeights(join(dir, 'w.safetensors'), { a: f32([2]), b: array([1], [1]) })(), dir)).toEqual(["FX6109 saveWeights: 'a' is an expression without numbers"]);
    expect(said(await saveWeights(join(dir, 'w.safetensors'), { a: { b: array([1], [1]) }, 'a.b': array([1], [1]) })(), dir)).toEqual(["FX6107 saveWeights: two tensors are called 'a.b'"]);
    expect(said(await loadWeights(join(dir, 'gone.safetensors'), like)(), dir)).toEqual(['FX6102 gone.safetensors: cannot be read: ENOENT']);
    expect(await readdir(dir)).toEqual([]);
  });
  it('leave the old file whole when the new one cannot take its place', async () => {
    const dir = await folder(), path = join(dir, 'w.safetensors');
    await mkdir(path);
    await writeFile(join(path, 'kept'), 'x');
    expect(said(await saveWeights(path, tree)(), dir)).toEqual([expect.stringMatching(/^FX6101 w\.safetensors: cannot be written: E/)]);
    expect(await readdir(dir)).toEqual(['w.safetensors']);
  });
});
