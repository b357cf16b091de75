import { invariant } from '../../core/invariant.ts';
import type { Bindings } from '../../core/dim.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { StoredArray } from '../../core/dtype.ts';
import { diagnosticError } from '../../core/render.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Artifact, Handle, Loaded } from '../backend.ts';
import type { JsMemory } from './memory.ts';

/** What an artifact of this backend exports. */
export interface JsModule {
  readonly create: (options?: { readonly arena?: ArrayBuffer }) => JsProgram;
  readonly fingerprint: string;
}
export interface JsProgram {
  /** arrays of the inputs, sizes of bounded dimensions (the largest if absent), arrays for the outputs (new ones if absent) */
  readonly run: (inputs: readonly StoredArray[], sizes?: Bindings, outputs?: readonly (StoredArray | undefined)[]) => readonly StoredArray[];
}

/** The artifact's module: one of those given, or its text run as a function. */
const moduleOf = (artifact: Artifact, modules: readonly JsModule[]): JsModule => {
  const [name] = Object.keys(artifact.files), text = artifact.files[name];
  const wanted = /^export const fingerprint = '(\w+)';$/m.exec(text)?.[1];
  const imported = modules.find((m) => m.fingerprint === wanted);
  if (imported !== undefined) return imported;
  try {
    // SAFETY: the text is what `emit` wrote: it defines these two
    return new Function(`'use strict';\n${text.replaceAll(/^export const /gm, 'const ')}\nreturn { create, fingerprint };`)() as JsModule;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    throw diagnosticError([diagnostic('FX5002', `js: this page forbids to run ${name} from its text`, {
      hint: `save the artifact as a file and hand it in: js({ modules: [await import('./${name}')] })`,
    })]);
  }
};

/** Outputs that are donated states take over their memory; the others' comes from the pool. States without a successor are freed. */
export const load = (memory: JsMemory, modules: readonly JsModule[], program: Program, artifact: Artifact): Loaded<'sync'> => {
  const created = moduleOf(artifact, modules).create({ arena: memory.arena(program.arena?.bytes ?? 0) });
  const outputs = program.outputs.map((id) => {
    const buffer = program.buffers.get(id);
    invariant(buffer !== undefined, `no buffer ${id}`);
    return buffer;
  });
  const stateOf = outputs.map(({ sameAs }) => (sameAs === undefined ? -1 : program.inputs.indexOf(sameAs)));
  const spent = program.inputs.flatMap((id, i) => (program.buffers.get(id)?.role === 'state' && !stateOf.includes(i) ? [i] : []));
  // one of each, filled anew by every run
  const given: StoredArray[] = [], wanted: (StoredArray | undefined)[] = [];
  return {
    launches: program.steps.filter((s) => s.kind === 'run').length,
    run: (inputs, sizes) => {
      program.inputs.forEach((_, i) => { given[i] = memory.arrayOf(inputs[i]); });
      const fresh = outputs.map(({ dtype, layout }, i) => (stateOf[i] < 0 ? memory.allocate(dtype, layout.size) : undefined));
      fresh.forEach((handle, i) => { wanted[i] = handle?.data; });
      created.run(given, sizes, wanted);
      const results = fresh.map((handle, i): Handle => handle ?? memory.takeOver(inputs[stateOf[i]]));
      for (const i of spent) memory.free(inputs[i]);
      given.length = wanted.length = 0;
      return results;
    },
    dispose: () => undefined,
  };
};
