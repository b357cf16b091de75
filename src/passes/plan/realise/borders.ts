import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { invariant } from '../../../core/invariant.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Block, Kernel } from '../../../ir/loop/syntax.ts';
import { extentOf, flatten, stridesOf } from '../access.ts';
import { fillOf } from '../borders.ts';
import type { Home } from './context.ts';
import { number } from './value.ts';

/** Where a value lies inside of its padding. */
export const insideOf = ({ buffer, from, size }: Home, { attrs: { low }, type: { shape } }: Node<'pad'>): Home =>
  ({ buffer, size, from: ix.add(from, flatten(low.map(ix.constant), shape)), strides: stridesOf(shape) });

/** What is around it: of each axis what comes before and after, of the axes before that one only the inside, which is then left. */
export const borderOf = (name: string, pad: Node<'pad'>, { buffer, from, size }: Home): Kernel => {
  const { attrs: { low, high }, inputs: [x], type: { shape, dtype } } = pad, fill = fillOf(pad);
  invariant(fill !== undefined, 'a border is one number');
  /** the axes of a part of it, each from a place on */
  const part = (sides: readonly { readonly start: Index; readonly extent: Index }[], label: string): Block => {
    const axes = sides.map((_, i) => `${label}${i}`), at = flatten(sides.map(({ start }, i) => ix.add(start, ix.axis(axes[i]))), shape);
    return sides.reduceRight<Block>((body, { extent }, i) => [{ kind: 'for', axis: axes[i], extent, mode: { at: 'serial' }, body }],
      [{ kind: 'store', to: { buffer, at: [ix.add(from, at)] }, guard: [], value: number(dtype, fill) }]);
  };
  const body = shape.flatMap((d, axis): Block => [[low[axis], ix.constant(0), `low${axis}_`] as const, [high[axis], ix.sub(extentOf(d), ix.constant(high[axis])), `high${axis}_`] as const].flatMap(([extent, start, label]) => (extent === 0 ? [] : part(shape.map((own, i) =>
    (i === axis ? { start, extent: ix.constant(extent) } : i < axis ? { start: ix.constant(low[i]), extent: extentOf(x.type.shape[i]) } : { start: ix.constant(0), extent: extentOf(own) })), label))));
  return { name, params: [{ name: buffer, dtype, size, access: 'write' }], body };
};
