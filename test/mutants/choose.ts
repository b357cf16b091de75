import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutantsOf, type Mutant } from './source.ts';
import type { Target } from './targets.ts';

export interface Chosen { readonly target: Target; readonly mutant: Mutant }

const shuffled = <A>(all: readonly A[], random: () => number): readonly A[] => {
  const left = [...all], out: A[] = [];
  while (left.length > 0) out.push(...left.splice(Math.floor(random() * left.length), 1));
  return out;
};
/** one of each list in turn */
const inTurn = <A>(lists: readonly (readonly A[])[]): readonly A[] => {
  const longest = lists.reduce((n, l) => Math.max(n, l.length), 0);
  return Array.from({ length: longest }, (_, i) => lists.flatMap((l) => l.slice(i, i + 1))).flat();
};
const grouped = <A>(all: readonly A[], by: (a: A) => string): readonly (readonly A[])[] => {
  const groups = new Map<string, A[]>();
  for (const a of all) groups.set(by(a), [...(groups.get(by(a)) ?? []), a]);
  return [...groups.values()];
};

/** Every mutant of the targets' files. */
export const allMutants = (root: string, targets: readonly Target[]): readonly Chosen[] => targets.flatMap((target) =>
  target.files.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8'), target.emits === true).map((mutant) => ({ target, mutant }))));

/** A sample that takes the tables in turn, and the ways of being wrong in turn within each. */
export const sample = (all: readonly Chosen[], count: number, random: () => number): readonly Chosen[] => {
  const byTarget = grouped(all, (c) => c.target.name).map((own) => inTurn(shuffled(grouped(shuffled(own, random), (c) => c.mutant.operator), random)));
  return inTurn(shuffled(byTarget, random)).slice(0, count);
};
