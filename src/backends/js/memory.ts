import { fromStored, isHalf, storedArray, toStored, type DType, type StoredArray, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Handle, Memory } from '../backend.ts';

/** Numbers of this backend: a typed array. Freed ones are kept for the next of their dtype and size. */
export interface JsHandle extends Handle { data: StoredArray | undefined; readonly owned: boolean }
export interface JsMemory extends Memory<'sync'> {
  readonly allocate: (dtype: DType, size: number) => JsHandle;
  readonly arrayOf: (handle: Handle) => StoredArray;
  /** the input's memory under a new handle; the input is spent */
  readonly takeOver: (handle: Handle) => JsHandle;
  /** memory for temporaries, which no run leaves anything in: all programs share the largest */
  readonly arena: (bytes: number) => ArrayBuffer;
}
/** how many freed arrays of one kind are kept */
const mostKept = 64;

export const createMemory = (): JsMemory => {
  const free = new Map<string, StoredArray[]>();
  let arena = new ArrayBuffer(0);
  const counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  const own = (handle: Handle): JsHandle => {
    // SAFETY: handles are opaque, and those a program of this instance is given are its own
    return handle as JsHandle;
  };
  const arrayOf = (handle: Handle): StoredArray => {
    const { data } = own(handle);
    invariant(data !== undefined, 'a freed array is used');
    return data;
  };
  const allocate = (dtype: DType, size: number): JsHandle => {
    const data = free.get(`${dtype}${size}`)?.pop() ?? storedArray(dtype, size);
    counters.liveBytes += data.byteLength;
    return { dtype, size, data, owned: true };
  };
  const upload = (dtype: DType, data: TypedArray): JsHandle => {
    const handle = allocate(dtype, data.length), array = arrayOf(handle);
    array.set(toStored(dtype, data));
    counters.uploadedBytes += array.byteLength;
    return handle;
  };
  return {
    allocate,
    arrayOf,
    upload,
    takeOver: (handle) => {
      const { dtype, size, owned } = own(handle), data = arrayOf(handle);
      own(handle).data = undefined;
      return { dtype, size, data, owned };
    },
    arena: (bytes) => {
      if (arena.byteLength < bytes) arena = new ArrayBuffer(bytes);
      return arena;
    },
    // on the host a half is held as what it stands for
    borrow: (dtype, data) => (isHalf(dtype) ? upload(dtype, data) : { dtype, size: data.length, data, owned: false } satisfies JsHandle),
    read: (handle) => {
      const data = arrayOf(handle);
      counters.readBytes += data.byteLength;
      return fromStored(own(handle).dtype, data);
    },
    free: (handle) => {
      const { data, owned, dtype, size } = own(handle);
      if (data === undefined || !owned) return;
      counters.liveBytes -= data.byteLength;
      own(handle).data = undefined;
      const key = `${dtype}${size}`, kept = free.get(key) ?? [];
      if (kept.length < mostKept) kept.push(data);
      free.set(key, kept);
    },
    stats: () => ({ ...counters }),
  };
};
