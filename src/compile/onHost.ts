import type { Backend, Handle, Loaded, Memory, Timed, Timing } from '../backends/backend.ts';
import { maxCount, type Bindings } from '../core/dim.ts';
import { byteSize, type TypedArray } from '../core/dtype.ts';
import type { Split } from '../passes/graph/onHost.ts';

/** The bytes that the host computes for a run. */
export const hostBytesOf = ({ handed }: Split): number => handed.reduce((sum, { dtype, shape }) => sum + byteSize[dtype] * maxCount(shape), 0);

/** A program whose first part, with a memory of its own, runs on the host; its results are uploaded for the device's part. */
export const withHost = <K extends Timing>({ memory, timing }: Backend<K>, device: Loaded<K>, host: { readonly loaded: Loaded<'sync'>; readonly memory: Memory<'sync'> }, { hostInputs, inputs, outputs }: Split): Loaded<K> => {
  const shown = new Set(outputs.flatMap(({ part, index }) => (part === 'host' ? [index] : [])));
  const computed = (args: readonly Handle[], given: readonly TypedArray[], sizes: Bindings): readonly Handle[] => {
    const lent = given.map((data, i) => host.memory.upload(args[hostInputs[i]].dtype, data)), made = host.loaded.run(lent, sizes);
    const uploaded = made.map((h) => memory.upload(h.dtype, host.memory.read(h)));
    for (const h of [...lent, ...made]) host.memory.free(h);
    return uploaded;
  };
  const run = (args: readonly Handle[], sizes: Bindings): Timed<K, readonly Handle[]> =>
    after<K, readonly TypedArray[], readonly Handle[]>(timing, () => all(timing, hostInputs.map((i) => memory.read(args[i]))), (given) => {
      const made = computed(args, given, sizes), handed = inputs.map(({ part, index }) => (part === 'host' ? made[index] : args[index]));
      const free = (which: readonly Handle[]): void => which.forEach((h) => memory.free(h));
      return after<K, readonly Handle[], readonly Handle[]>(timing, () => device.run(handed, sizes), (results) => {
        free(made.filter((_, i) => !shown.has(i)));
        return outputs.map(({ part, index }) => (part === 'host' ? made[index] : results[index]));
      }, () => free(made));
    });
  return { run, launches: device.launches, dispose: () => { device.dispose(); host.loaded.dispose(); } };
};

/** at once, or when it is there; `failed` puts away what is not needed if it never is */
const after = <K extends Timing, A, B>(timing: K, ask: () => Timed<K, A>, next: (a: A) => B | Timed<K, B>, failed: () => void = () => undefined): Timed<K, B> => {
  let x: Timed<K, A>;
  try { x = ask(); } catch (error) { failed(); throw error; }
  // SAFETY: what a synchronous backend gives is there; what an asynchronous one gives is a promise
  return (timing === 'sync' ? next(x as A) : (x as Promise<A>).then(next, (error: unknown) => { failed(); throw error; })) as Timed<K, B>;
};
const all = <K extends Timing, A>(timing: K, xs: readonly Timed<K, A>[]): Timed<K, readonly A[]> => {
  // SAFETY: as above
  return (timing === 'sync' ? xs : Promise.all(xs as readonly Promise<A>[])) as Timed<K, readonly A[]>;
};
