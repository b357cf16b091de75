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
  /** the last call that was given it: one that meets it again was given it twice */
  call: object | undefined;
  /** whether we are told when nobody holds the array any more */
  isWatched: boolean;
  sync(): TypedArray;
}

const unread = { lent: 'this array was donated to a call that has not ended', consumed: 'this array was donated to a later call, which has overwritten it', disposed: 'this array has been disposed of' } as const;
const spent = (state: keyof typeof unread): Error => diagnosticError([diagnostic('FX7003', unread[state])]);

const forgotten = new FinalizationRegistry<DeviceArray>((device) => release(device));
/** Results that are not watched yet: most are donated to the next call, and to watch an array costs more than to make it. */
let young: { readonly array: NDArray; readonly device: DeviceArray }[] = [], isDue = false;
/** Watches what has outlived the next call, or the turn. */
export const watchYoung = (): void => {
  const grown = young;
  young = [];
  for (const { array, device } of grown) {
    if (device.state !== 'live' && device.state !== 'lent') continue;
    forgotten.register(array, device, device);
    device.isWatched = true;
  }
};
const watchSoon = (array: NDArray, device: DeviceArray): void => {
  young.push({ array, device });
  if (isDue) return;
  isDue = true;
  setTimeout(() => { isDue = false; watchYoung(); }, 0);
};
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
// these stand once, for a step makes many arrays
const sync = function (this: DeviceArray): TypedArray {
  const data = numbersOf(this);
  if (data instanceof Promise) throw diagnosticError([diagnostic('FX7004', 'data: the numbers are on an asynchronous device', { hint: 'await array.read()' })]);
  return tidy(data, this);
};
const read = async function (this: DeviceArray): Promise<TypedArray> { return tidy(await numbersOf(this), this); };
const dispose = function (this: DeviceArray): void { release(this); };

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
    const device: DeviceArray = { memory, handle, type, bindings, shape, state: 'live', call: undefined, isWatched: false, sync, read, dispose }, array = make(device);
    watchSoon(array, device);
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
  if (device.isWatched) forgotten.unregister(device);
};
