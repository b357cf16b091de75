import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic } from '../core/diagnostic.ts';
import { byteSize, fromStored, storedArray, toStored, type DType, type StoredArray, type TypedArray } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { duplicateKey } from './json.ts';

/**
 * The safetensors format (https://github.com/huggingface/safetensors, "Format"): eight bytes with the little-endian
 * length of a JSON header, the header, which gives each tensor's dtype, shape and place, and the numbers back to back.
 */
export interface StoredTensor { readonly dtype: DType; readonly shape: readonly number[]; readonly data: TypedArray }
export interface Stored { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly metadata: Readonly<Record<string, string>> }

const names = { f32: 'F32', f64: 'F64', f16: 'F16', bf16: 'BF16', i32: 'I32', u32: 'U32', bool: 'BOOL' } as const satisfies Record<DType, string>;
const dtypeNamed: ReadonlyMap<unknown, DType> = new Map((Object.keys(names) as DType[]).map((d) => [names[d], d]));
const metadataKey = '__metadata__';
/** a longer header is taken for damage, as the reference implementation does */
const longestHeader = 100_000_000;

const bytesOf = (x: StoredArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const numelOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** The bytes of a file. Wider elements come first, so that every tensor is aligned. */
export const encode = ({ tensors, metadata }: Stored): Uint8Array => {
  const order = [...tensors].sort(([, a], [, b]) => byteSize[b.dtype] - byteSize[a.dtype]);
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { [metadataKey]: metadata };
  let end = 0;
  for (const [name, t] of order) header[name] = { dtype: names[t.dtype], shape: t.shape, data_offsets: [end, (end += t.data.length * byteSize[t.dtype])] };
  const text = new TextEncoder().encode(JSON.stringify(header)), padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(text, 8);
  let at = 8 + padded;
  for (const [, t] of order) { const bytes = bytesOf(toStored(t.dtype, t.data)); file.set(bytes, at); at += bytes.length; }
  return file;
};

/** The tensors of a file, copied out, or everything that is wrong with it. */
export const decode = (file: string, content: Uint8Array): E.Either<readonly Diagnostic[], Stored> => {
  const header = readHeader(file, content);
  if (E.isLeft(header)) return E.left([header.left]);
  const { entries, body, metadata } = header.right;
  const read = entries.map(([name, entry]) => readEntry(file, name, entry));
  const wrong = read.flatMap((r) => (E.isLeft(r) ? [r.left] : []));
  if (wrong.length > 0) return E.left(wrong);
  const places = read.flatMap((r) => (E.isRight(r) ? [r.right] : []));
  const misplaced = placeProblems(file, places, body.length);
  if (misplaced.length > 0) return E.left(misplaced);
  return E.right({ metadata, tensors: new Map(places.map((p) => [p.name, { dtype: p.dtype, shape: p.shape, data: copyOut(p, body) }])) });
};

interface Header { readonly entries: readonly (readonly [string, unknown])[]; readonly metadata: Readonly<Record<string, string>>; readonly body: Uint8Array }
const readHeader = (file: string, content: Uint8Array): E.Either<Diagnostic, Header> => {
  if (content.length < 8) return E.left(problem('truncated', `${file}: ${content.length} bytes are too few for a safetensors file`));
  const length = Number(new DataView(content.buffer, content.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader) return E.left(problem('header', `${file}: not a safetensors file: its header would be ${length} bytes long`));
  if (8 + length > content.length) return E.left(problem('truncated', `${file}: the file ends inside its header, after ${content.length} of ${8 + length} bytes`));
  const text = new TextDecoder().decode(content.subarray(8, 8 + length)), parsed = parseObject(text);
  if (parsed === undefined) return E.left(problem('header', `${file}: the header is not a JSON object`));
  const twice = duplicateKey(text);
  if (twice !== undefined) return E.left(problem('duplicate', `${file}: the name '${twice}' stands twice in the header`));
  const { [metadataKey]: metadata = {}, ...tensors } = parsed;
  if (!isStringRecord(metadata)) return E.left(problem('header', `${file}: ${metadataKey} must map names to texts`));
  return E.right({ entries: Object.entries(tensors), metadata, body: content.subarray(8 + length) });
};
const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) && text.startsWith('{') ? parsed : undefined;
  } catch {
    return undefined;
  }
};
const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);
const isStringRecord = (x: unknown): x is Readonly<Record<string, string>> => isRecord(x) && Object.values(x).every((v) => typeof v === 'string');
const isCounts = (x: unknown): x is readonly number[] => Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);

interface PlaceOf { readonly name: string; readonly dtype: DType; readonly shape: readonly number[]; readonly from: number; readonly to: number }
const readEntry = (file: string, name: string, entry: unknown): E.Either<Diagnostic, PlaceOf> => {
  if (!isRecord(entry)) return E.left(problem('header', `${file}: '${name}' must have a dtype, a shape and data_offsets`));
  const { dtype: named, shape, data_offsets: offsets } = entry, dtype = dtypeNamed.get(named);
  if (dtype === undefined) return E.left(problem('dtype', `${file}: '${name}' has the dtype ${JSON.stringify(named)}`, { hint: String(named).startsWith('C') ? 'complex numbers are not available: save the real and the imaginary part as two tensors' : `the dtypes read here are ${[...dtypeNamed.keys()].join(', ')}` }));
  if (!isCounts(shape)) return E.left(problem('header', `${file}: the shape of '${name}' must be a list of sizes, but is ${JSON.stringify(shape)}`));
  if (!isCounts(offsets) || offsets.length !== 2) return E.left(problem('header', `${file}: the data_offsets of '${name}' must be two positions, but are ${JSON.stringify(offsets)}`));
  const [from, to] = offsets, wanted = numelOf(shape) * byteSize[dtype], shown = `[${shape.join(', ')}]`;
  return to - from === wanted ? E.right({ name, dtype, shape, from, to })
    : E.left(problem('offsets', `${file}: '${name}' is ${names[dtype]} ${shown}, which needs ${wanted} bytes, but has ${to - from}`, { shapes: [shown] }));
};

/** the numbers must lie back to back, from the first byte to the last */
const placeProblems = (file: string, places: readonly PlaceOf[], length: number): readonly Diagnostic[] => {
  const problems: Diagnostic[] = [];
  let end = 0;
  for (const p of [...places].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (p.from !== end) problems.push(problem('offsets', `${file}: '${p.name}' starts at byte ${p.from}, but the numbers before it end at ${end}`));
    end = Math.max(end, p.to);
  }
  if (problems.length > 0) return problems;
  if (end > length) return [problem('truncated', `${file}: the file ends after ${length} bytes of numbers, but its header names ${end}`, { hint: 'save or download the file again' })];
  return end === length ? [] : [problem('offsets', `${file}: ${length - end} bytes are left over after the ${end} that its header names`)];
};

const copyOut = (p: PlaceOf, body: Uint8Array): TypedArray => {
  const stored = storedArray(p.dtype, numelOf(p.shape));
  bytesOf(stored).set(body.subarray(p.from, p.to));
  return fromStored(p.dtype, stored);
};
