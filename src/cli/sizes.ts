import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { InspectOptions } from '../inspect/index.ts';
import { problem } from './codes.ts';

export type Dims = NonNullable<InspectOptions['dims']>;
/** `batch=128` is one size, `batch<=128` the largest of many */
export const dimsOf = (texts: readonly string[]): E.Either<Diagnostic, Dims> => {
  const dims: Record<string, number | { readonly max: number }> = {};
  for (const text of texts) {
    const match = /^([^=<]+)(=|<=)(\d+)$/.exec(text);
    if (match === null) return E.left(problem('option', `--dims: '${text}' is no size`, { hint: '--dims batch=128, or "batch<=128" for the largest of many' }));
    dims[match[1]] = match[2] === '=' ? Number(match[3]) : { max: Number(match[3]) };
  }
  return E.right(dims);
};
