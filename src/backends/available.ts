import { invariant } from '../core/invariant.ts';
import type { Program } from '../ir/loop/syntax.ts';
import type { Backend } from './backend.ts';

const nothing: Program = { name: 'nothing', syms: new Map(), buffers: new Map(), kernels: new Map(), steps: [], inputs: [], outputs: [] };
/** why a backend cannot be had here, if it cannot */
const absence = (backend: Backend): string | undefined => (backend.takes === 'program' ? backend.refusals(nothing)[0]?.message : undefined);

/**
 * The first backend of a list that can be had here; the last one, where none can. What it says of itself (`report.device`)
 * names those passed over and why.
 * @example compileAsync(f, { backend: firstAvailable([gpujs({ mode: 'webgl2' }), js()]) })
 */
export const firstAvailable = (list: readonly [Backend, ...Backend[]]): Backend => {
  const passed: string[] = [];
  for (const backend of list) {
    const why = absence(backend);
    if (why === undefined) return passed.length === 0 ? backend : { ...backend, device: () => ({ ...backend.device(), passedOver: passed.join('; ') }) };
    passed.push(why);
  }
  const last = list.at(-1);
  invariant(last !== undefined, 'a list of backends is not empty');
  return last;
};
