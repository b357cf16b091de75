import { js } from '../backends/js/js.ts';
import type { Backend, Handle, Loaded, Timed, Timing } from '../backends/backend.ts';
import { byteSize, type TypedArray } from '../core/dtype.ts';
import { maxCount, type Bindings } from '../core/dim.ts';
import type { Split } from '../passes/graph/onHost.ts';
import { mainOf, stagesOf, type StageOptions } from './stages.ts';

/** The bytes that the host computes for a run. */
export const hostBytesOf = ({ host }: Split): number => mainOf(host).results.reduce((sum, { type }) => sum + byteSize[type.dtype] * maxCount(type.shape), 0);

/** A program whose first part runs on the host, through generated JavaScript; its results are uploaded for the device's part. */
export const withHost = <K extends Timing>({ memory, timing }: Backend<K>, device: Loaded<K>, { host, hostInputs, inputs, outputs }: Split, options: StageOptions): Loaded<K> => {
  const own = js(), { program, artifact } = stagesOf(host, own, { ...options, donated: [] }), first = own.load(program, artifact), { params, results } = mainOf(host);
  const computed = (given: readonly TypedArray[], sizes: Bindings): readonly Handle[] => {
    const lent = given.map((data, i) => own.memory.upload(params[i].type.dtype, data)), made = first.run(lent, sizes);
    const uploaded = made.map((h, i) => memory.upload(results[i].type.dtype, own.memory.read(h)));
    for (const h of [...lent, ...made]) own.memory.free(h);
    return uploaded;
  };
  const run = (args: readonly Handle[], sizes: Bindings): Timed<K, readonly Handle[]> => {
    const reads = hostInputs.map((i) => memory.read(args[i]));
    const rest = (given: readonly TypedArray[]): Timed<K, readonly Handle[]> => {
      const made = computed(given, sizes), handed = inputs.map(({ part, index }) => (part === 'host' ? made[index] : args[index]));
      const shown = new Set(outputs.flatMap(({ part, index }) => (part === 'host' ? [index] : [])));
      const finish = (results: readonly Handle[]): readonly Handle[] => {
        made.forEach((h, i) => { if (!shown.has(i)) memory.free(h); });
        return outputs.map(({ part, index }) => (part === 'host' ? made[index] : results[index]));
      };
      return after(device.run(handed, sizes), finish, timing);
    };
    return after(all(reads, timing), rest, timing);
  };
  return { run, launches: device.launches, dispose: () => { device.dispose(); first.dispose(); } };
};

/** at once, or when it is there */
const after = <K extends Timing, A, B>(x: Timed<K, A>, next: (a: A) => B | Timed<K, B>, timing: K): Timed<K, B> => {
  // SAFETY: what a synchronous backend gives is there; a promise is what an asynchronous one gives
  return (timing === 'sync' ? next(x as A) : Promise.resolve(x as A).then(next)) as Timed<K, B>;
};
const all = <K extends Timing, A>(xs: readonly Timed<K, A>[], timing: K): Timed<K, readonly A[]> => {
  // SAFETY: as above
  return (timing === 'sync' ? xs : Promise.all(xs)) as Timed<K, readonly A[]>;
};
