import { showShape } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { scalarName } from '../../ir/scalars.ts';
import type { Group, Nest, Plan, Reason } from './plan.ts';

/** an operation in a word: `add`, `reduce max`, `dotGeneral` */
export const nameOf = (node: Node): string => {
  if (node.op === 'map') return scalarName(node.attrs.fn);
  return node.op === 'reduce' || node.op === 'scatter' ? `${node.op} ${node.attrs.monoid}` : node.op;
};
/** a value that a kernel stores, with its shape */
const showRoot = (node: Node): string => `${nameOf(node)} ${node.type.dtype}${showShape(node.type.shape)}`;

/**
 * A plan as text, a kernel a line: its nest, what it computes and what it stores. With `why`, the merges that made it and
 * those that were refused.
 */
export const printPlan = ({ groups, inPlace, bordered }: Plan, { why = false }: { readonly why?: boolean } = {}): string => [
  ...groups.flatMap((g) => [groupLine(g), ...(why ? [...showNest(g.nest).map((line) => `     ${line}`), ...g.why.map(showReason)] : [])]),
  ...(bordered.size === 0 ? [] : [`inside of their padding: ${[...bordered.keys()].map(showRoot).join(', ')}`]),
  ...(inPlace.size === 0 ? [] : [`in place: ${[...inPlace].map(([result, state]) => `${nameOf(result)} over ${state.attrs.name}`).join(', ')}`]),
].join('\n');
/** how rows are taken in blocks, for those who ask why */
export const showNest = (nest: Nest): readonly string[] => {
  if (nest.kind !== 'blocks') return [];
  const { block, reach, stream, space } = nest, sizes = (axis: number): string => showShape([space[axis].size]);
  return [
    `${block} rows at a time${stream === undefined ? '' : `, and of ${sizes(stream.axis)} columns ${stream.block}`}`,
    ...(reach === undefined ? [] : [`of ${sizes(reach.axis)} columns those up to the place of the last row${reach.by === 0 ? '' : ` and ${reach.by} more`}: a mask leaves nothing of the others`]),
  ];
};
const groupLine = (g: Group): string => `${g.id}  ${g.nest.kind.padEnd(8)}  ${g.members.map(nameOf).join(', ')}  →  ${g.roots.map(showRoot).join(', ')}`;
export const showReason = ({ rule, between: [producer, consumer], outcome, because, gain }: Reason): string =>
  `     ${outcome} by ${rule}: ${producer} into ${consumer}, ${because}${outcome === 'merged' ? '' : ` (${gain} bytes would be saved)`}`;
