import { isSym, sameDim, type Dim } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { ScalarName } from '../../../ir/scalars.ts';

/**
 * A gather that picks one element of each row: of a table [r, c] laid flat, at row·c + column with 0 ≤ column < c.
 * Its transpose needs no scatter: no two indices meet, so every element asks whether it is the one that was picked.
 */
export interface RowPick { readonly rows: Dim; readonly columns: number; readonly column: Node }

export const rowPick = ({ inputs: [table, ids] }: Node<'gather'>): RowPick | undefined => {
  if (ids.type.shape.length !== 1) return undefined;
  const [rows] = ids.type.shape, [flat] = table.type.shape;
  for (const [row, column] of operands(ids, 'add')) {
    for (const [place, factor] of operands(row, 'mul')) {
      const columns = uniform(factor);
      if (columns === undefined || place.op !== 'iota' || !sameDim(flat, times(rows, columns))) continue;
      if (within(column, columns)) return { rows, columns, column };
    }
  }
  return undefined;
};

/** the table's cotangent: that of each row at the element picked */
export const unpick = (b: Builder, { rows, columns, column }: RowPick, ct: Node, table: Node): Node => {
  const shape = [rows, columns, ...table.type.shape.slice(1)];
  const here = b.map('eq', [b.iota({ dtype: column.type.dtype, shape }, 1), b.broadcastInDim(column, shape, [0])]);
  const spread = b.expand(ct, shape, [1]);
  return b.reshape(b.map('select', [here, spread, b.like(spread, 0)]), table.type.shape);
};

const operands = (node: Node, fn: ScalarName): readonly (readonly [Node, Node])[] => {
  if (node.op !== 'map' || node.attrs.fn !== fn) return [];
  const [x, y] = node.inputs;
  return [[x, y], [y, x]];
};
const times = (d: Dim, n: number): Dim => (isSym(d) ? { ...d, by: d.by * n } : d * n);
/** the number that every element is */
const uniform = (node: Node): number | undefined => {
  let at = node;
  while (at.op === 'broadcastInDim' || at.op === 'reshape') at = at.inputs[0];
  return at.op === 'constant' && typeof at.attrs.value === 'number' ? at.attrs.value : undefined;
};
/** whether a clamp, its bounds in either order, keeps the index in 0 … n − 1 */
const within = (index: Node, n: number): boolean =>
  bounded(index, 'max', 'min', 0, n - 1) || bounded(index, 'min', 'max', n - 1, 0);
const bounded = (index: Node, outer: ScalarName, inner: ScalarName, outerBound: number, innerBound: number): boolean =>
  operands(index, outer).some(([x, bound]) => uniform(bound) === outerBound && operands(x, inner).some(([, other]) => uniform(other) === innerBound));
