import { isSym, sym, type Dim, type TensorType } from '../../core/dim.ts';
import { evaluateDim, isGood, isBad, type BadDim, type Value } from '../dimArithmetic.ts';

/** What named dimensions stand for: a size, or any size up to a maximum. */
export interface DimBindings { readonly [name: string]: number | { readonly max: number } }

/** Replaces the names of dimensions; a name without a binding stays (where `stays` is told of it) or is what is wrong; `later`, what is computed of it stays too. */
export const dimBinder = (bindings: DimBindings, stays?: (name: string) => void, later = false): ((d: Dim) => Dim | BadDim) => {
  const known = new Map<string, Dim | BadDim>();
  const valueOf = (name: string): Value | BadDim => {
    const bound = bindings[name];
    if (bound === undefined && stays === undefined) return { wrong: `the dimension '${name}' has no size`, unbound: name };
    if (bound === undefined) { stays?.(name); return sym(name); }
    return typeof bound === 'number' ? bound : sym(name, bound.max);
  };
  const isOpen = (name: string): boolean => (name.match(/[\p{L}_$][\p{L}\p{N}_$']*/gu) ?? []).some((word) => word !== 'ceil' && bindings[word] === undefined);
  const bind = (name: string): Dim | BadDim => {
    if (Object.hasOwn(bindings, name)) return checked(name, valueOf(name));
    const value = evaluateDim(name, valueOf);
    // what is made of a name whose size is still to come
    return later && isBad(value) && value.unbound === undefined && isOpen(name) ? sym(name) : checked(name, value);
  };
  return (d) => {
    if (!isSym(d)) return d;
    const before = known.get(d.name), found = before ?? bind(d.name);
    if (before === undefined) known.set(d.name, found);
    return found;
  };
};
const checked = (name: string, value: Value | BadDim): Dim | BadDim =>
  (typeof value === 'number' && !(Number.isInteger(value) && value >= 0) ? { wrong: `the dimension '${name}' comes to ${value}, which is not a size` } : value);

/** the type with its dimensions bound, or the first that is wrong */
export const bindType = (type: TensorType, bind: (d: Dim) => Dim | BadDim): TensorType | BadDim => {
  if (!type.shape.some(isSym)) return type;
  const shape = type.shape.map(bind), bad = shape.find(isBad);
  return bad ?? { dtype: type.dtype, shape: shape.filter(isGood) };
};
