import type { Node } from '../../ir/graph/syntax.ts';
import type { Candidate } from './anchors.ts';
import type { Nest } from './plan.ts';
import { bytesOf, readsOf } from './seeds.ts';

/** A result that is a parameter with other parts: where it takes over the parameter's memory, only the parts are written. */
export interface Update {
  readonly over: Node<'parameter'>;
  /** in the order in which they are written: a later one lies over those before */
  readonly parts: readonly Node<'dynamicUpdateSlice'>[];
}
export type Updates = ReadonlyMap<Node, Update>;

/** The results that are parts of donated parameters, each of a parameter that it may take over. See Note [Parts in place] */
export const updatesOf = (results: readonly Node[], donated: ReadonlySet<Node>, mayTake: (result: number, param: number) => boolean = () => true): Updates => new Map(results.flatMap((result, i): readonly (readonly [Node, Update])[] => {
  const parts: Node<'dynamicUpdateSlice'>[] = [];
  let x = result;
  for (; x.op === 'dynamicUpdateSlice'; x = x.inputs[0]) parts.unshift(x);
  return parts.length > 0 && x.op === 'parameter' && donated.has(x) && mayTake(i, x.attrs.index) ? [[result, { over: x, parts }]] : [];
}));

/** Parts made of what they are to overwrite: computed before, in memory of their own, for they are smaller than a copy of the whole. */
export const partsApart = (updates: Updates): ReadonlySet<Node> => new Set([...updates.values()].flatMap(({ over, parts }) => parts.flatMap((part) => {
  const [, own] = part.inputs;
  return bytesOf(own) < bytesOf(over) && readsOf(own, () => false).some((r) => r.node === over) ? [own] : [];
})));

/** why a group would not be a kernel that writes parts only */
export const refusesUpdate = ({ seeds, roots }: Candidate, updates: Updates, inputsOf: (seed: Node) => ReadonlySet<Node> | undefined): string | undefined => {
  for (const n of seeds) {
    const update = updates.get(n);
    if (update === undefined) continue;
    if (roots.size > 1) return 'a kernel that writes parts of a value stores nothing else';
    if (seeds.some((x) => inputsOf(x)?.has(update.over) === true && !update.parts.some((part) => part === x))) return 'a part is made of what it overwrites';
  }
  return undefined;
};

/** how the kernel of a result that takes over what it updates writes the parts; none where it does not, or where some are in kernels of their own */
export const inParts = ([root]: readonly Node[], members: readonly Node[], updates: Updates, inPlace: ReadonlyMap<Node, Node>): Nest | undefined => {
  const update = updates.get(root);
  return update !== undefined && inPlace.get(root) === update.over && update.parts.every((part) => members.includes(part)) ? { kind: 'update', parts: update.parts } : undefined;
};

/*
Note [Parts in place]
A loop that fills a matrix row by row makes, in each run, a matrix of which all but a row is as it was. Where the result takes
over the memory of what it updates, it is enough to store the row: a kernel of its own shape, an `update`. So such a result is
kept from sharing a kernel with what would need loops over the whole, and a part that is computed from other places of the
matrix (two rows that change places) is computed before, so that the kernel itself reads nothing that it overwrites.
*/
