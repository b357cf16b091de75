import { sameDim } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';

/** Operations on a part of a tensor whose place is data: one start for each axis. */
export type PartOp = 'dynamicSlice' | 'dynamicUpdateSlice';

export const partOf = (node: Node<PartOp>): Node => (node.op === 'dynamicSlice' ? node : node.inputs[1]);
export const startsOf = (node: Node<PartOp>): readonly Node[] => node.inputs.slice(node.op === 'dynamicSlice' ? 1 : 2);
/** whether the part has all of an axis: its start there is 0, whatever it was given */
export const isWhole = (node: Node<PartOp>, axis: number): boolean => sameDim(partOf(node).type.shape[axis], node.inputs[0].type.shape[axis]);
