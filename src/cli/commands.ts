import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Result } from '../core/diagnostic.ts';
import { explain, math, showStep, trace, type InspectOptions, type Step } from '../inspect/index.ts';
import { problem } from './codes.ts';

/** what may stand after a command */
export interface Options { readonly dims: readonly string[]; readonly backend: string; readonly mode?: string; readonly pass?: string; readonly text: boolean; readonly after?: string; readonly style: 'text' | 'latex' | 'typescript'; readonly out?: string }

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
/** What a command prints of a function. */
export type Shown = (f: unknown, inspect: InspectOptions, options: Options) => Result<string>;
const stepsNamed = (f: unknown, inspect: InspectOptions, pass: string | undefined, show: (steps: readonly Step[]) => string): Result<string> => {
  const traced = trace(f, inspect);
  if (E.isLeft(traced)) return traced;
  const found = traced.right.steps.filter((s) => pass === undefined || s.name === pass);
  if (found.length > 0) return E.right(show(found));
  return E.left([problem('pass', `no step is called '${pass}'`, { hint: `the steps are ${[...new Set(traced.right.steps.map((s) => s.name))].join(', ')}` })]);
};
/** The commands by name. */
export const commands: { readonly [name: string]: { readonly what: string; readonly show: Shown } } = {
  trace: { what: 'every step from the expression to the text, with the rules that fired', show: (f, o, { pass, text }) => stepsNamed(f, o, pass, (steps) => steps.map((s) => showStep(s, text)).join('\n\n')) },
  explain: { what: 'the kernels: what was fused, what was not and why, and what they cost', show: (f, o) => { const r = explain(f, o); return E.isLeft(r) ? r : E.right(r.right.text); } },
  math: { what: 'the function as maths, its derivatives worked out', show: (f, _, { style }) => math(f, { style }) },
  print: { what: 'the graph, as written or after a pass', show: (f, o, { after = 'lower' }) => stepsNamed(f, o, after, (steps) => steps[steps.length - 1].text) },
};
