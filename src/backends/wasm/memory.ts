import { diagnostic } from '../../core/diagnostic.ts';
import { byteSize, fromStored, toStored, type DType, type StoredArray, type TypedArray } from '../../core/dtype.ts';
import { diagnosticError } from '../../core/render.ts';
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
/** a memory that is shared claims all of its addresses at once, and not every machine has so many */
const sharedPages = [mostPages, mostPages / 2, mostPages / 4, mostPages / 16];
/** vectors at the end of a buffer may be read beyond it, by less than this */
const beyond = 64;

/** One that threads share, or undefined where there is none to be had. */
export const sharedMemory = (): WasmMemory | undefined => {
  for (const maximum of sharedPages) {
    try { return new wasmPlatform.Memory({ initial: 16, maximum, shared: true }); } catch { /* fewer, then */ }
  }
  return undefined;
};

export const createMemory = (memory: WasmMemory = new wasmPlatform.Memory({ initial: 16, maximum: mostPages })): WasmMemoryOf => {
  const free = new Map<number, number[]>(), regions = { arena: { at: 0, bytes: 0 }, scratch: { at: 0, bytes: 0 } };
  const counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  // nothing stands at 0, which is how a missing address would look
  let top = 1024, words = new Int32Array(memory.buffer);
  const rounded = (bytes: number): number => Math.max(line, Math.ceil(bytes / line) * line);
  const take = (bytes: number): number => {
    const size = rounded(bytes), known = free.get(size)?.pop();
    if (known !== undefined) return known;
    // before it grows: what has been given back in other sizes
    const found = top + size + beyond > memory.buffer.byteLength ? fitting(size) : undefined;
    if (found !== undefined) return found;
    const at = top, needed = Math.ceil((at + size + beyond) / page) - memory.buffer.byteLength / page;
    if (needed > 0) grow(memory, needed);
    top += size;
    return at;
  };
  const giveBack = (at: number, bytes: number): void => { const size = rounded(bytes), kept = free.get(size) ?? []; kept.push(at); free.set(size, kept); };
  /** part of the smallest free block that is large enough, once neighbours are one */
  const fitting = (size: number): number | undefined => {
    const blocks = [...free].flatMap(([of, places]) => places.map((at) => ({ at, end: at + of }))).sort((a, b) => a.at - b.at), joined: typeof blocks = [];
    for (const block of blocks) { const before = joined.at(-1); if (before?.end === block.at) before.end = block.end; else joined.push(block); }
    if (joined.at(-1)?.end === top) top = joined.pop()?.at ?? top;
    free.clear();
    const best = joined.reduce((found: typeof joined[number] | undefined, b) => { const room = b.end - b.at; return room >= size && (found === undefined || room < found.end - found.at) ? b : found; }, undefined);
    for (const { at, end } of joined) { const from = at === best?.at ? at + size : at; if (end > from) giveBack(from, end - from); }
    return best?.at;
  };
  const own = (handle: Handle): WasmHandle => {
    // SAFETY: handles are opaque, and those a program of this instance is given are its own
    return handle as WasmHandle;
  };
  const addressOf = (handle: Handle): number => { const { at } = own(handle); invariant(at !== undefined, 'a freed array is used'); return at; };
  const bytesOf = ({ dtype, size }: Handle): number => size * byteSize[dtype];
  const view = (handle: Handle): StoredArray => {
    const at = addressOf(handle), { dtype, size } = handle;
    switch (dtype) {
      case 'f32': return new Float32Array(memory.buffer, at, size);
      case 'f64': return new Float64Array(memory.buffer, at, size);
      case 'f16': case 'bf16': return new Uint16Array(memory.buffer, at, size);
      case 'i32': return new Int32Array(memory.buffer, at, size);
      case 'u32': return new Uint32Array(memory.buffer, at, size);
      case 'bool': return new Uint8Array(memory.buffer, at, size);
    }
  };
  const allocate = (dtype: DType, size: number): WasmHandle => {
    const bytes = size * byteSize[dtype], at = take(bytes);
    counters.liveBytes += bytes;
    return { dtype, size, at };
  };
  const upload = (dtype: DType, data: TypedArray): WasmHandle => {
    const handle = allocate(dtype, data.length);
    view(handle).set(toStored(dtype, data));
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
      const at = take(bytes);
      if (region.at !== 0) giveBack(region.at, region.bytes);
      region.at = at;
      region.bytes = rounded(bytes);
    },
    sharedAt: (what) => regions[what].at,
    // a module reads its own memory only: what is borrowed is brought in
    borrow: upload,
    read: (handle) => { counters.readBytes += bytesOf(handle); return fromStored(handle.dtype, view(handle)); },
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

/** by a half of what there is, so that growing stays rare; by what is needed where there is no more */
const grow = (memory: WasmMemory, needed: number): void => {
  const held = memory.buffer.byteLength;
  for (const pages of [Math.max(needed, held / page >> 1), needed]) {
    try { memory.grow(pages); return; } catch { /* fewer, then */ }
  }
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  throw diagnosticError([diagnostic('FX5201', `wasm: the memory of ${mib(held)} MiB cannot grow by ${mib(needed * page)}`, { hint: 'dispose of arrays that are no longer needed, use smaller batches, or another backend' })]);
};
