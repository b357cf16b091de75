import { isSym } from '../core/dim.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { everything } from '../expr/lower/inspect.ts';
import { recordOf } from '../expr/functions.ts';
import { problem } from './codes.ts';
import type { Exported } from './functions.ts';

/** the names that sizes may be given to: those of arguments and values, `n` and `m` of `n+m` */
const namesIn = (f: unknown): readonly string[] => {
  const traced = recordOf(f)?.traced;
  if (traced === undefined) return [];
  const dims = [...traced.params, ...everything(traced)].flatMap((e) => e.type.shape.filter(isSym));
  return [...new Set(dims.flatMap((d) => d.name.match(/[A-Za-z_]\w*/g) ?? []))];
};

/** Sizes that were given to names which the function does not have. */
export const unknownDims = ({ name, fn }: Exported, dims: object): readonly Diagnostic[] => {
  const known = namesIn(fn);
  return Object.keys(dims).filter((d) => !known.includes(d)).map((d) => problem('option', `--dims: '${name}' has no dimension '${d}'`, { hint: known.length === 0 ? 'all its sizes are known' : `its dimensions are ${known.join(', ')}` }));
};
