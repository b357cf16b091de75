import type { Kernel, Stmt } from '../../ir/loop/syntax.ts';
import { leaves } from '../../core/affine.ts';
import { indicesIn, walk } from '../../ir/loop/visit.ts';

/** Gives names that nothing in the kernel has; the same wishes in the same order give the same names. */
export type Fresh = (wish: string) => string;

export const freshNames = (kernel: Kernel): Fresh => {
  const counts = new Map<string, number>();
  let found: Set<string> | undefined;
  return (wish) => {
    // most kernels want no name of most passes
    const taken = found ??= namesIn(kernel);
    const base = wish.replace(/_\d+$/, '');
    let name = base;
    for (let n = counts.get(base) ?? 0; taken.has(name); n++) {
      name = `${base}_${n}`;
      counts.set(base, n + 1);
    }
    taken.add(name);
    return name;
  };
};

const namesIn = (kernel: Kernel): Set<string> => {
  const taken = new Set<string>(kernel.params.map((p) => p.name));
  walk(kernel.body, (s) => namesOf(s).forEach((name) => taken.add(name)));
  // axes of the steps around the kernel
  indicesIn(kernel.body, (index) => leaves(index).forEach((leaf) => { if (leaf.kind === 'axis') taken.add(leaf.axis); }));
  return taken;
};
const namesOf = (s: Stmt): readonly string[] => {
  switch (s.kind) {
    case 'for': return [s.axis];
    case 'let': return [s.local];
    case 'alloc': return [s.buffer];
    case 'contract': return [s.c, ...[...s.m, ...s.n, ...s.k].map((a) => a.axis)];
    case 'store': case 'fold': case 'if': case 'block': return [];
  }
};
