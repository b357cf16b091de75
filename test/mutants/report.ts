import { readFileSync } from 'node:fs';
import type { Chosen } from './choose.ts';
import type { Outcome } from './copy.ts';
import { keyOf, type Mutant } from './source.ts';

export interface Judged extends Chosen { readonly outcome: Outcome; readonly ms: number }
/** A survivor that changes nothing that can be told apart, and why. */
export interface Explained { readonly mutant: string; readonly because: string }

export const readExplained = (path: string): ReadonlyMap<string, string> => {
  // SAFETY: the checked-in list has this form
  const all = JSON.parse(readFileSync(path, 'utf8')) as readonly Explained[];
  return new Map(all.map((e) => [e.mutant, e.because]));
};

export interface Report {
  readonly seed: number;
  readonly mutants: number;
  readonly killed: number;
  /** of those killed, by their time limit */
  readonly hung: number;
  /** and by the type check, which no test need repeat */
  readonly refused: number;
  readonly explained: readonly (Explained & { readonly place: string })[];
  readonly survivors: readonly { readonly place: string; readonly operator: string; readonly mutant: string }[];
  /** killed or explained, of all */
  readonly rate: number;
}
export const placeOf = ({ file, line }: Mutant): string => `${file}:${line}`;

export const reportOf = (seed: number, judged: readonly Judged[], explanations: ReadonlyMap<string, string>): Report => {
  const alive = judged.filter((j) => j.outcome === 'survived'), killed = judged.length - alive.length;
  const explained = alive.flatMap(({ mutant }) => { const because = explanations.get(keyOf(mutant)); return because === undefined ? [] : [{ place: placeOf(mutant), mutant: keyOf(mutant), because }]; });
  const survivors = alive.filter(({ mutant }) => !explanations.has(keyOf(mutant))).map(({ mutant }) => ({ place: placeOf(mutant), operator: mutant.operator, mutant: keyOf(mutant) }));
  const rate = judged.length === 0 ? 1 : (killed + explained.length) / judged.length;
  return { seed, mutants: judged.length, killed, hung: judged.filter((j) => j.outcome === 'hung').length, refused: judged.filter((j) => j.outcome === 'refused').length, explained, survivors, rate };
};

export const showReport = (r: Report): string => [
  ...r.survivors.map((s) => `survived  ${s.place} (${s.operator})\n  ${s.mutant}`),
  ...r.explained.map((e) => `explained ${e.place}\n  ${e.mutant}\n  ${e.because}`),
  `${r.killed} of ${r.mutants} mutants killed (${r.hung} by their time limit, ${r.refused} by the type check), ${r.explained.length} survivors explained, ${r.survivors.length} not: ${(100 * r.rate).toFixed(1)} % (seed ${r.seed})`,
].join('\n');
