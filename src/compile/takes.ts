import { diagnostic, type Diagnostic } from '../core/diagnostic.ts';
import { kindOf } from '../core/kind.ts';
import { showNames } from '../expr/lower/names.ts';
import type { Lowered } from '../expr/lower/lower.ts';

/** What a function takes: its name, and those of its arguments, or their numbers where they have none. */
export interface Takes { readonly name: string; readonly args: readonly string[] }

export const takesOf = ({ module, example, params }: Lowered): Takes =>
  ({ name: module.main, args: example.map((_, i) => params.find(({ path }) => path[0] === String(i))?.name.split('.')[0] ?? String(i)) });

const absent = (what: string, { name, args }: Takes, i: unknown): Diagnostic => diagnostic('FX7008', `${what}'${name}' has no argument ${String(i)}`, { hint: args.length === 0 ? 'it takes none' : `it takes ${args.map((a, at) => `${at}: ${a}`).join(', ')}` });

/** sizes of names that a function does not have, and arguments of `donate` that there are not */
export const optionProblems = (lowered: Lowered, { dims = {}, donate = [] }: { readonly dims?: object; readonly donate?: unknown }): readonly Diagnostic[] => {
  const given = Object.keys(dims), known = given.length === 0 ? [] : lowered.dimNames();
  const unknown = given.filter((d) => !known.includes(d)).map((d) => diagnostic('FX1025', `dims: '${lowered.module.main}' has no dimension '${d}'`, { hint: showNames(known) }));
  return [...unknown, ...donateProblems(takesOf(lowered), donate)];
};
const donateProblems = (takes: Takes, donate: unknown): readonly Diagnostic[] => (!Array.isArray(donate) ? [diagnostic('FX7008', `donate is ${kindOf(donate)}, not a list of arguments`, { hint: 'donate: [0]' })]
  : donate.flatMap((i: unknown) => (typeof i === 'number' && Number.isInteger(i) && i >= 0 && i < takes.args.length ? [] : [absent('donate: ', takes, typeof i === 'number' || typeof i === 'string' ? i : kindOf(i))])));

/** the first argument of a call that nothing takes */
export const extraArgument = (takes: Takes, args: readonly unknown[]): Diagnostic | undefined => (args.length > takes.args.length ? absent('', takes, takes.args.length) : undefined);
