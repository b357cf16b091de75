import { diagnostic } from '../../core/diagnostic.ts';
import type { Bindings } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import { diagnosticError } from '../../core/render.ts';
import type { Buffer, BufferId, Program } from '../../ir/loop/syntax.ts';
import type { Artifact, Handle, Loaded } from '../backend.ts';
import { arenaAt, scratchAt, tableHead, tableOf } from './driver.ts';
import { constantData } from './emit.ts';
import { isScheduled } from './grid.ts';
import type { WasmHandle, WasmMemoryOf } from './memory.ts';
import { wasmPlatform, type WasmModule } from './platform.ts';
import type { Run } from './pool.ts';
import type { Threads } from './threads.ts';

interface Exports { readonly run: Run; readonly scratchBytes: () => number }

const moduleBytes = ({ module }: Artifact): Uint8Array => {
  invariant(module !== undefined, 'an artifact without its module');
  return module;
};

/** the module without anything in it: what does not even compile that compiles nothing */
const nothing = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const isForbidden = (): boolean => { try { void new wasmPlatform.Module(nothing); return false; } catch { return true; } };
const compiled = (bytes: Uint8Array): WasmModule => {
  try {
    return new wasmPlatform.Module(bytes);
  } catch (error) {
    if (!isForbidden()) throw error;
    throw diagnosticError([diagnostic('FX5204', 'wasm: this page forbids to compile WebAssembly', { hint: "its content security policy needs script-src 'wasm-unsafe-eval'" })]);
  }
};

/** Outputs that are donated states take over their memory; the others' is new. States without a successor are freed. */
export const load = (memory: WasmMemoryOf, threads: Threads | undefined, program: Program, artifact: Artifact): Loaded<'sync'> => {
  const module = compiled(moduleBytes(artifact)), { exports } = new wasmPlatform.Instance(module, { env: { memory: memory.memory } });
  // SAFETY: `emit` exports these two
  const { run, scratchBytes } = exports as unknown as Exports;
  const { addresses, sizes } = tableOf(program), tableBytes = 4 * (tableHead + addresses.length + sizes.length), several = isScheduled(program) ? threads : undefined;
  memory.shared('arena', program.arena?.bytes ?? 0);
  memory.shared('scratch', scratchBytes() * (several?.most ?? 1));
  const bufferOf = (id: BufferId): Buffer => { const b = program.buffers.get(id); invariant(b !== undefined, `no buffer ${id}`); return b; };
  const constants = new Map<BufferId, Handle>(), table = memory.take(tableBytes), release = (): void => {
    for (const handle of constants.values()) memory.free(handle);
    memory.giveBack(table, tableBytes);
  };
  try {
    for (const [id, b] of program.buffers) if (b.role === 'constant' && addresses.includes(id)) constants.set(id, memory.upload(b.dtype, constantData(b)));
  } catch (error) {
    release();
    throw error;
  }
  const threaded = several?.add(program, module, run);
  const outputs = program.outputs.map(bufferOf), stateOf = outputs.map(({ sameAs }) => (sameAs === undefined ? -1 : program.inputs.indexOf(sameAs)));
  const spent = program.inputs.flatMap((id, i) => (bufferOf(id).role === 'state' && !stateOf.includes(i) ? [i] : []));
  const places = addresses.map((id) => ({ input: program.inputs.indexOf(id), output: program.outputs.indexOf(id), constant: constants.get(id) }));
  const start = (inputs: readonly Handle[], fresh: readonly (WasmHandle | undefined)[], given: Bindings): void => {
    const at = ({ input, output, constant }: (typeof places)[number]): number => {
      const handle: Handle | undefined = constant ?? (input >= 0 ? inputs[input] : fresh[output]);
      invariant(handle !== undefined, 'a buffer without memory');
      return memory.addressOf(handle);
    };
    const words = memory.words(), first = table / 4;
    words[first + arenaAt] = memory.sharedAt('arena');
    words[first + scratchAt] = memory.sharedAt('scratch');
    places.forEach((place, i) => { words[first + tableHead + i] = at(place); });
    sizes.forEach((name, i) => { words[first + tableHead + places.length + i] = given[name] ?? program.syms.get(name) ?? 0; });
    if (threaded === undefined) run(table, 0, 1);
    else threaded.run(table, given);
  };
  let live = true;
  return {
    launches: program.steps.filter((s) => s.kind === 'run').length,
    run: (inputs, given) => {
      const fresh: (WasmHandle | undefined)[] = [];
      try {
        for (const [i, { dtype, layout }] of outputs.entries()) fresh.push(stateOf[i] < 0 ? memory.allocate(dtype, layout.size) : undefined);
        start(inputs, fresh, given);
      } catch (error) {
        // what was to hold the results goes back
        for (const handle of fresh) if (handle !== undefined) memory.free(handle);
        throw error;
      }
      const results = fresh.map((handle, i): Handle => handle ?? memory.takeOver(inputs[stateOf[i]]));
      for (const i of spent) memory.free(inputs[i]);
      return results;
    },
    dispose: () => {
      if (!live) return;
      live = false;
      threaded?.dispose();
      release();
    },
  };
};
