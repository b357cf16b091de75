import { invariant } from '../../core/invariant.ts';
import type { Buffer, BufferId, Program } from '../../ir/loop/syntax.ts';
import type { Artifact, Handle, Loaded } from '../backend.ts';
import { constantData, tableHead, tableOf } from './emit.ts';
import type { WasmHandle, WasmMemoryOf } from './memory.ts';
import { wasmPlatform } from './platform.ts';

interface Exports { readonly run: (table: number) => void; readonly scratchBytes: () => number }

const moduleBytes = ({ files }: Artifact): Uint8Array => {
  const [text] = Object.values(files), inlined = /^export const wasm = '([\w+/=]*)';$/m.exec(text)?.[1];
  invariant(inlined !== undefined, 'an artifact without its module');
  return Uint8Array.from(atob(inlined), (c) => c.charCodeAt(0));
};

/** Outputs that are donated states take over their memory; the others' is new. States without a successor are freed. */
export const load = (memory: WasmMemoryOf, program: Program, artifact: Artifact): Loaded<'sync'> => {
  const { exports } = new wasmPlatform.Instance(new wasmPlatform.Module(moduleBytes(artifact)), { env: { memory: memory.memory } });
  // SAFETY: `emit` exports these two
  const { run, scratchBytes } = exports as unknown as Exports;
  memory.shared('arena', program.arena?.bytes ?? 0);
  memory.shared('scratch', scratchBytes());
  const { addresses, sizes } = tableOf(program), tableBytes = 4 * (tableHead + addresses.length + sizes.length), table = memory.take(tableBytes);
  const bufferOf = (id: BufferId): Buffer => { const b = program.buffers.get(id); invariant(b !== undefined, `no buffer ${id}`); return b; };
  const constants = new Map(addresses.filter((id) => bufferOf(id).role === 'constant').map((id) => { const b = bufferOf(id); return [id, memory.upload(b.dtype, constantData(b))]; }));
  const outputs = program.outputs.map(bufferOf), stateOf = outputs.map(({ sameAs }) => (sameAs === undefined ? -1 : program.inputs.indexOf(sameAs)));
  const spent = program.inputs.flatMap((id, i) => (bufferOf(id).role === 'state' && !stateOf.includes(i) ? [i] : []));
  const places = addresses.map((id) => ({ input: program.inputs.indexOf(id), output: program.outputs.indexOf(id), constant: constants.get(id) }));
  return {
    launches: program.steps.filter((s) => s.kind === 'run').length,
    run: (inputs, given) => {
      const fresh = outputs.map(({ dtype, layout }, i): WasmHandle | undefined => (stateOf[i] < 0 ? memory.allocate(dtype, layout.size) : undefined));
      const at = ({ input, output, constant }: (typeof places)[number]): number => {
        const handle: Handle | undefined = constant ?? (input >= 0 ? inputs[input] : fresh[output]);
        invariant(handle !== undefined, 'a buffer without memory');
        return memory.addressOf(handle);
      };
      const words = memory.words(), start = table / 4;
      words[start] = memory.sharedAt('arena');
      words[start + 1] = memory.sharedAt('scratch');
      places.forEach((place, i) => { words[start + tableHead + i] = at(place); });
      sizes.forEach((name, i) => { words[start + tableHead + places.length + i] = given[name] ?? program.syms.get(name) ?? 0; });
      run(table);
      const results = fresh.map((handle, i): Handle => handle ?? memory.takeOver(inputs[stateOf[i]]));
      for (const i of spent) memory.free(inputs[i]);
      return results;
    },
    dispose: () => { for (const handle of constants.values()) memory.free(handle); memory.giveBack(table, tableBytes); },
  };
};
