import { isSym, sameDim, type Dim, type Dims } from '../../../core/dim.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Refusal } from '../derivatives/rule.ts';
import { oneByOne } from './control.ts';
import { times } from './indices.ts';
import { mapped, spread, type Batch, type BatchRule, type Values } from './rule.ts';

/** Parts that begin elsewhere in each example, of which there are a named number: rows of all examples one after another, by index. */

/** the axes of one example up to the last that is not taken whole, which together are its rows */
interface Rows { readonly sizes: readonly number[]; readonly part: readonly number[]; readonly rest: Dims }
const rowsOf = (shape: Dims, part: Dims): Rows | undefined => {
  const cut = shape.reduce<number>((last, d, i) => (sameDim(d, part[i]) ? last : i + 1), 0), isSize = (d: Dim): d is number => !isSym(d), sizes = shape.slice(0, cut).filter(isSize), own = part.slice(0, cut).filter(isSize);
  return sizes.length < cut || own.length < cut ? undefined : { sizes, part: own, rest: shape.slice(cut) };
};
const count = (sizes: readonly number[]): number => sizes.reduce((n, d) => n * d, 1);

/** the row of each element of the parts, [size, ...part]: starts are moved so that the part fits */
const places = ({ b, size }: Batch, { sizes, part }: Rows, starts: Values, isEach: boolean): Node => {
  const type = { dtype: 'i32' as const, shape: [size, ...part] }, iota = (axis: number, by: number): Node => { const at = b.iota(type, axis); return b.map('mul', [at, b.like(at, by)]); };
  const terms = sizes.flatMap((d, axis) => {
    const { node, isMapped } = starts[axis], by = count(sizes.slice(axis + 1)), inside = b.map('max', [b.map('min', [node, b.like(node, d - part[axis])]), b.like(node, 0)]);
    return [b.broadcastInDim(b.map('mul', [inside, b.like(inside, by)]), type.shape, isMapped ? [0] : []), iota(axis + 1, by)];
  });
  return [...(isEach ? [iota(0, count(sizes))] : []), ...terms].reduce((sum, each) => b.map('add', [sum, each]));
};
const flat = ({ sizes, rest }: Rows, examples: Dim): Dims => [times(examples, count(sizes)), ...rest];

const ofNamed = (node: Node<'dynamicSlice' | 'dynamicUpdateSlice'>, values: Values, c: Batch): Values | Refusal | undefined => {
  const { b, size } = c, [x] = values, shape = node.inputs[0].type.shape;
  if (node.op === 'dynamicSlice') {
    const rows = rowsOf(shape, node.type.shape);
    return rows && [mapped(b.gather(b.reshape(x.node, flat(rows, x.isMapped ? size : 1)), places(c, rows, values.slice(1), x.isMapped)))];
  }
  const rows = rowsOf(shape, node.inputs[1].type.shape), into = spread(c, x);
  return rows && [mapped(b.reshape(b.scatter('set', b.reshape(into, flat(rows, size)), places(c, rows, values.slice(2), true), spread(c, values[1])), into.type.shape))];
};
/** parts that begin elsewhere in each example */
export const partOfEach: BatchRule<'dynamicSlice' | 'dynamicUpdateSlice'> = (node, values, c) => (isSym(c.size) ? ofNamed(node, values, c) : undefined) ?? oneByOne(node, values, c);
