import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Handle, Memory } from '../backend.ts';

/** Numbers of this backend: a typed array. Freed ones are kept for the next of their dtype and size. */
export interface JsHandle extends Handle { data: TypedArray | undefined; readonly owned: boolean }
export interface JsMemory extends Memory<'sync'> {
  readonly allocate: (dtype: DType, size: number) => JsHandle;
  readonly arrayOf: (handle: Handle) => TypedArray;
  /** the input's memory under a new handle; the input is spent */
  readonly takeOver: (handle: Handle) => JsHandle;
  /** memory for temporaries, which no run leaves anything in: all programs share the largest */
  readonly arena: (bytes: number) => ArrayBuffer;
}
/** how many freed arrays of one kind are kept */
const mostKept = 64;

export const createMemory = (): JsMemory => {
  const free = new Map<string, TypedArray[]>();
  let arena = new ArrayBuffer(0);
  const counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  const own = (handle: Handle): JsHandle => {
    // SAFETY: handles are opaque, and those a program of this instance is given are its own
    return handle as JsHandle;
  };
  const arrayOf = (handle: Handle): TypedArray => {
    const { data } = own(handle);
    invariant(data !== undefined, 'a freed array is used');
    return data;
  };
  const allocate = (dtype: DType, size: number): JsHandle => {
    const data = free.get(`${dtype}${size}`)?.pop() ?? typedArray(dtype, size);
    counters.liveBytes += data.byteLength;
    return { dtype, size, data, owned: true };
  };
  return {
    allocate,
    arrayOf,
    takeOver: (handle) => {
      const { dtype, size, owned } = own(handle), data = arrayOf(handle);
      own(handle).data = undefined;
      return { dtype, size, data, owned };
    },
    arena: (bytes) => {
      if (arena.byteLength < bytes) arena = new ArrayBuffer(bytes);
      return arena;
    },
    upload: (dtype, data) => {
      const handle = allocate(dtype, data.length);
      arrayOf(handle).set(data);
      counters.uploadedBytes += data.byteLength;
      return handle;
    },
    borrow: (dtype, data) => ({ dtype, size: data.length, data, owned: false }) satisfies JsHandle,
    read: (handle) => {
      const data = arrayOf(handle);
      counters.readBytes += data.byteLength;
      return data.slice();
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
