import { sizeOf, type Bindings, type TensorType } from '../core/dim.ts';
import { diagnostic } from '../core/diagnostic.ts';
import type { TypedArray } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { diagnosticError } from '../core/render.ts';
import { compact } from '../core/storage.ts';
import type { Handle, Memory } from '../backends/backend.ts';
import type { Source } from '../expr/expr.ts';
import { arraysOf, sourceOf } from '../expr/ndarray.ts';
import type { NDArray } from '../expr/types/tensor.ts';

/** The numbers behind an array that a run gave: a handle in a backend's memory, until it is donated or disposed of. */
export interface DeviceArray extends Source {
  readonly memory: Memory;
  readonly handle: Handle;
  readonly type: TensorType;
  readonly bindings: Bindings;
  /** the sizes it really has, where the type has bounded dimensions */
  readonly shape: readonly number[];
  /** `lent`: donated to a call that has not ended */
  state: 'live' | 'lent' | 'consumed' | 'disposed';
  sync(): TypedArray;
}

const unread = { lent: 'this array was donated to a call that has not ended', consumed: 'this array was donated to a later call, which has overwritten it', disposed: 'this array has been disposed of' } as const;
const spent = (state: keyof typeof unread): Error => diagnosticError([diagnostic('FX7003', unread[state])]);

const forgotten = new FinalizationRegistry<DeviceArray>((device) => release(device));
const release = (device: DeviceArray): void => {
  if (device.state !== 'live') return;
  device.state = 'disposed';
  device.memory.free(device.handle);
};
const numbersOf = ({ memory, handle, state }: DeviceArray): TypedArray | Promise<TypedArray> => {
  if (state !== 'live') throw spent(state);
  return memory.read(handle);
};
const tidy = (data: TypedArray, { type, bindings }: DeviceArray): TypedArray => compact(data, type, bindings);
/** stands once, for a step makes many arrays */
const methods: ThisType<DeviceArray> & Source = {
  sync() {
    const data = numbersOf(this);
    if (data instanceof Promise) throw diagnosticError([diagnostic('FX7004', 'data: the numbers are on an asynchronous device', { hint: 'await array.read()' })]);
    return tidy(data, this);
  },
  async read() { return tidy(await numbersOf(this), this); },
  dispose() { release(this); },
};

/**
 * Makes the arrays of one of a program's results, over handles. The memory of each is freed when it is disposed of, or some time
 * after nobody holds it. `at`: where the program was compiled.
 */
export const arraysOfHandles = (memory: Memory, type: TensorType, at: Origin): ((handle: Handle, bindings: Bindings) => NDArray) => {
  let shape: readonly number[] = [], make: ((source: Source) => NDArray) | undefined;
  return (handle, bindings) => {
    if (make === undefined || type.shape.some((d, i) => sizeOf(d, bindings) !== shape[i])) {
      shape = type.shape.map((d) => sizeOf(d, bindings));
      make = arraysOf({ dtype: type.dtype, shape }, at);
    }
    // SAFETY: the methods are its prototype's
    const device = { __proto__: methods, memory, handle, type, bindings, shape, state: 'live' } as unknown as DeviceArray, array = make(device);
    forgotten.register(array, device, device);
    return array;
  };
};

/** The device array behind a value, if it is one. */
export const deviceArrayOf = (value: unknown): DeviceArray | undefined => {
  if (typeof value !== 'object' || value === null || !('toNested' in value)) return undefined;
  // SAFETY: only arrays have toNested; of their sources, those of arraysOfHandles alone have a state
  const source = sourceOf(value as NDArray);
  return source !== undefined && 'state' in source ? source as DeviceArray : undefined;
};
export const consume = (device: DeviceArray): void => {
  device.state = 'consumed';
  forgotten.unregister(device);
};
