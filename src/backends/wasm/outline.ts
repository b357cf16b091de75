import { showAtom, showIndex } from '../../core/affine.ts';
import type { Block, BufferId } from '../../ir/loop/syntax.ts';
import { writtenIn } from '../../ir/loop/visit.ts';
import { call, get, type Code, type Local, type ValueType } from './code.ts';
import { placesIn } from './lanes.ts';
import { createWriter, forgetLoads, heldOf, integer, pointerTo, put, valueOf, type Root, type Value, type Writer } from './writer.ts';

/** A block as a function of its own, which takes what it needs of its surroundings as numbers; in place where it needs their registers. */
export const outlined = (w: Writer, name: string, body: Block, write: (w: Writer, body: Block) => void): void => {
  if (readsRegisters(w, body)) return write(w, body);
  const fn = w.module.fn(name), args: Code[] = [], known = new Map<string, Local>();
  const taken = (key: string, type: ValueType, code: () => Code): Local => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const param = fn.param(type);
    known.set(key, param);
    args.push(code());
    return param;
  };
  const form = (local: string, which: 'scalar' | 'splat' | 'lanes', value: Local | undefined): Partial<Value> =>
    (value === undefined ? {} : { [which]: taken(`${which} ${local}`, value.type, () => get(value)) });
  const root: Root = {
    pointer: (base, unit, terms) => get(taken(`${base}|${unit}|${showIndex({ bias: 0, terms })}`, 'i32', () => pointerTo(w, base, unit, terms))),
    atom: (atom) => get(taken(showAtom(atom), 'i32', () => integer(w, { bias: 0, terms: [{ by: 1, of: atom }] }))),
    value: (local) => {
      const { scalar, splat, lanes, ...value } = valueOf(w, local);
      return { ...value, depth: 0, ...form(local, 'scalar', scalar), ...form(local, 'splat', splat), ...form(local, 'lanes', lanes) };
    },
    held: (buffer) => heldOf(w, buffer),
    bounds: w.bounds,
    truth: () => get(taken('truth', 'i32', () => w.root.truth())),
  };
  const inner = createWriter({ module: w.module, maths: w.maths, fn, root, aliased: w.aliased, scratch: w.scratch });
  for (const [axis, bound] of w.axes) if (bound.kind === 'fixed') inner.axes.set(axis, bound);
  write(inner, body);
  fn.finish(inner.scopes[0].code);
  forgetLoads(w, writtenIn(body));
  put(w, call(fn.index, ...args));
};

const readsRegisters = (w: Writer, body: Block): boolean => {
  const outer = (buffer: BufferId): boolean => w.memory.has(buffer) && heldOf(w, buffer).at === 'register';
  return placesIn(body).some((p) => outer(p.buffer));
};
