import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { array, f32, intArray } from 'fluxion';
import { dataset, mnist } from 'fluxion/data';
import { loadWeights, saveWeights } from 'fluxion/interop';
import { dense, input, meanSquaredError, sequential } from 'fluxion/nn';
import { sgd } from 'fluxion/optim';
import { loadTrained, trainer } from 'fluxion/train';
import { said } from '../../messages.ts';
import type { Triggers } from './trigger.ts';

/** something done in a folder of its own, which the text does not name */
const inFolder = async (files: Readonly<Record<string, Uint8Array>>, run: (folder: string) => Promise<string>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'errors-'));
  try {
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
    return (await run(folder)).replaceAll(folder, 'folder');
  } finally {
    await rm(folder, { recursive: true });
  }
};

const idx = (shape: readonly number[], bytes: readonly number[] = []): Uint8Array =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((d) => [0, 0, d >> 8, d & 255]), ...(bytes.length > 0 ? bytes : new Uint8Array(shape.reduce((n, d) => n * d, 1)))]);
const good = { 'train-images-idx3-ubyte': idx([2, 28, 28]), 'train-labels-idx1-ubyte': idx([2]), 't10k-images-idx3-ubyte': idx([1, 28, 28]), 't10k-labels-idx1-ubyte': idx([1]) };
const digits = (files: Readonly<Record<string, Uint8Array>>): Promise<string> => inFolder({ ...good, ...files }, async (folder) => said(await mnist({ folder })()));
const notInstalled = async (): Promise<string> => {
  vi.doMock('node:module', () => ({ createRequire: () => ({ resolve: () => { throw new Error('not found'); } }) }));
  try {
    return said(await mnist()());
  } finally {
    vi.doUnmock('node:module');
  }
};

/** a safetensors file of any header */
const weights = (header: string, bytes = 4): Uint8Array => Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(header), ...new Uint8Array(bytes)]);
const entry = (dtype: string, to: number): string => `{"w":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,${to}]}}`;
const read = (content: Uint8Array, like: unknown = { w: f32([1]) }): Promise<string> => inFolder({ 'w.safetensors': content }, async (folder) => said(await loadWeights(join(folder, 'w.safetensors'), like)()));
const line = trainer({ model: sequential(input([1]), dense(1)), optimizer: sgd(), loss: meanSquaredError });

/** data sets and weights in files */
export const files: Triggers = {
  FX6001: notInstalled,
  FX6002: () => inFolder({}, async (folder) => said(await mnist({ folder })())),
  FX6003: () => digits({ 'train-labels-idx1-ubyte': Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0) }),
  FX6004: () => digits({ 'train-images-idx3-ubyte': good['train-images-idx3-ubyte'].subarray(0, 1000) }),
  FX6005: () => digits({ 'train-labels-idx1-ubyte': idx([1]) }),
  FX6006: () => digits({ 'train-labels-idx1-ubyte': idx([2], [3, 10]) }),
  FX6008: () => said(dataset(array([1, 2, 3], [3]), intArray([1, 2], [2]))),
  FX6010: async () => said(await mnist({ limit: 0 })()),
  FX6101: () => inFolder({}, async (folder) => said(await saveWeights(join(folder, 'nowhere', 'w.safetensors'), { w: array([1], [1]) })())),
  FX6102: () => inFolder({}, async (folder) => said(await loadWeights(join(folder, 'w.safetensors'), { w: f32([1]) })())),
  FX6103: () => read(weights(entry('F32', 4), 3)),
  FX6104: () => read(weights('[1]')),
  FX6105: () => read(weights(entry('F8_E4M3', 1), 1)),
  FX6106: () => read(weights(entry('F32', 8), 8)),
  FX6107: () => read(weights('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')),
  FX6108: () => read(weights(entry('F32', 4)), { w: f32([2]), b: f32([3]) }),
  FX6109: () => inFolder({}, async (folder) => said(await saveWeights(join(folder, 'w.safetensors'), { w: f32([2]) })())),
  FX6110: () => inFolder({ 'w.safetensors': weights(entry('F32', 4)) }, async (folder) => said(await loadTrained(join(folder, 'w.safetensors'), line)())),
};
