import { byteSize, typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Handle, Memory } from '../backend.ts';
import { wasmPlatform, type WasmMemory } from './platform.ts';

/** Numbers of this backend: an address in its one memory. */
export interface WasmHandle extends Handle { at: number | undefined }
export interface WasmMemoryOf extends Memory<'sync'> {
  readonly memory: WasmMemory;
  readonly allocate: (dtype: DType, size: number) => WasmHandle;
  readonly addressOf: (handle: Handle) => number;
  /** the input's memory under a new handle; the input is spent */
  readonly takeOver: (handle: Handle) => WasmHandle;
  /** bytes that stay until they are given back */
  readonly take: (bytes: number) => number;
  readonly giveBack: (at: number, bytes: number) => void;
  /** temporaries and scratch, which no run leaves anything in: all programs share the largest */
  readonly shared: (what: 'arena' | 'scratch', bytes: number) => void;
  readonly sharedAt: (what: 'arena' | 'scratch') => number;
  readonly words: () => Int32Array;
}
const page = 65536, mostPages = 65536, line = 64;
/** vectors at the end of a buffer may be read beyond it, by less than this */
const beyond = 64;

export const createMemory = (): WasmMemoryOf => {
  const memory = new wasmPlatform.Memory({ initial: 16, maximum: mostPages });
  const free = new Map<number, number[]>(), regions = { arena: { at: 0, bytes: 0 }, scratch: { at: 0, bytes: 0 } };
  const counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  // nothing stands at 0, which is how a missing address would look
  let top = 1024, words = new Int32Array(memory.buffer);
  const rounded = (bytes: number): number => Math.max(line, Math.ceil(bytes / line) * line);
  const take = (bytes: number): number => {
    const size = rounded(bytes), known = free.get(size)?.pop();
    if (known !== undefined) return known;
    const at = top, needed = Math.ceil((at + size + beyond) / page) - memory.buffer.byteLength / page;
    // by a half more each time, so that growing stays rare
    if (needed > 0) memory.grow(Math.min(Math.max(needed, memory.buffer.byteLength / page >> 1), Math.max(needed, mostPages - memory.buffer.byteLength / page)));
    top += size;
    return at;
  };
  const giveBack = (at: number, bytes: number): void => { const size = rounded(bytes), kept = free.get(size) ?? []; kept.push(at); free.set(size, kept); };
  const own = (handle: Handle): WasmHandle => {
    // SAFETY: handles are opaque, and those a program of this instance is given are its own
    return handle as WasmHandle;
  };
  const addressOf = (handle: Handle): number => { const { at } = own(handle); invariant(at !== undefined, 'a freed array is used'); return at; };
  const bytesOf = ({ dtype, size }: Handle): number => size * byteSize[dtype];
  const view = (handle: Handle): TypedArray => {
    const at = addressOf(handle), { dtype, size } = handle;
    switch (dtype) {
      case 'f32': return new Float32Array(memory.buffer, at, size);
      case 'f64': return new Float64Array(memory.buffer, at, size);
      case 'i32': return new Int32Array(memory.buffer, at, size);
      case 'u32': return new Uint32Array(memory.buffer, at, size);
      case 'bool': return new Uint8Array(memory.buffer, at, size);
    }
  };
  const allocate = (dtype: DType, size: number): WasmHandle => {
    const bytes = size * byteSize[dtype];
    counters.liveBytes += bytes;
    return { dtype, size, at: take(bytes) };
  };
  const upload = (dtype: DType, data: TypedArray): WasmHandle => {
    const handle = allocate(dtype, data.length);
    view(handle).set(data);
    counters.uploadedBytes += bytesOf(handle);
    return handle;
  };
  return {
    memory, allocate, addressOf, take, giveBack, upload,
    words: () => { if (words.buffer !== memory.buffer) words = new Int32Array(memory.buffer); return words; },
    takeOver: (handle) => { const { dtype, size } = handle, at = addressOf(handle); own(handle).at = undefined; return { dtype, size, at }; },
    shared: (what, bytes) => {
      const region = regions[what];
      if (region.at !== 0 && region.bytes >= bytes) return;
      if (region.at !== 0) giveBack(region.at, region.bytes);
      region.at = take(bytes);
      region.bytes = rounded(bytes);
    },
    sharedAt: (what) => regions[what].at,
    // a module reads its own memory only: what is borrowed is brought in
    borrow: upload,
    read: (handle) => { counters.readBytes += bytesOf(handle); return typedArray(handle.dtype, view(handle)); },
    free: (handle) => {
      const { at } = own(handle);
      if (at === undefined) return;
      counters.liveBytes -= bytesOf(handle);
      giveBack(at, bytesOf(handle));
      own(handle).at = undefined;
    },
    stats: () => ({ ...counters }),
  };
};
