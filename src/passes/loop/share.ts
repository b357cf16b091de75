import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { printKernel } from '../../ir/loop/print.ts';
import type { Kernel, KernelId, Program } from '../../ir/loop/syntax.ts';
import { onlyBuffers, renameBlock } from './rewrite.ts';

/**
 * Kernels that differ in the names of their buffers alone become one kernel under all their names: what comes after is done
 * once for all of them, and a repeated layer costs what one costs. Those for which something was chosen stay apart.
 */
export const share = (program: Program, apart: ReadonlyMap<KernelId, unknown> = new Map()): Program => {
  const aliased = aliasedKernels(program), first = new Map<string, Kernel>();
  return { ...program, kernels: new Map([...program.kernels].map(([id, kernel]) => {
    if (apart.has(id)) return [id, kernel];
    const key = `${aliased.has(id)} ${nameless(kernel)}`, known = first.get(key) ?? kernel;
    first.set(key, known);
    return [id, known];
  })) };
};

/** its text, with places for the names of its parameters */
const nameless = ({ params, body }: Kernel): string => {
  const places = new Map(params.map(({ name }, i) => [name, `#${i}`])), placeOf = (name: string): string => places.get(name) ?? name;
  return printKernel({ name: '', params: params.map((p) => ({ ...p, name: placeOf(p.name) })), body: renameBlock(onlyBuffers(placeOf), body) });
};
