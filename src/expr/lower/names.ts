import { isSym } from '../../core/dim.ts';
import type { Expr } from '../expr.ts';
import { recordOf } from '../functions.ts';
import { everything } from './inspect.ts';

/** The names that sizes may be given to: those of arguments and values, `n` and `m` of `n+m`. */
export const namesIn = (exprs: readonly Expr[]): readonly string[] =>
  [...new Set(exprs.flatMap((e) => e.type.shape.flatMap((d) => (isSym(d) ? [d.name, ...d.name.match(/[A-Za-z_]\w*/g) ?? []] : []))))];

/** those of a function made by `fn` */
export const dimNames = (f: unknown): readonly string[] => {
  const traced = recordOf(f)?.traced;
  return traced === undefined ? [] : namesIn([...traced.params, ...everything(traced)]);
};
/** what dimensions a function has, for a hint */
export const showNames = (names: readonly string[]): string => (names.length === 0 ? 'all its sizes are known' : `its dimensions are ${names.join(', ')}`);
