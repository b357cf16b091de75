import type { Diagnostic } from '../core/diagnostic.ts';
import { dimNames, showNames } from '../expr/lower/names.ts';
import { problem } from './codes.ts';
import type { Exported } from './functions.ts';

/** Sizes that were given to names which the function does not have. */
export const unknownDims = ({ name, fn }: Exported, dims: object): readonly Diagnostic[] => {
  const known = dimNames(fn);
  return Object.keys(dims).filter((d) => !known.includes(d)).map((d) => problem('option', `--dims: '${name}' has no dimension '${d}'`, { hint: showNames(known) }));
};
