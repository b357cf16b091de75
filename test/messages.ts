import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { render, type Diagnostic, type Place, type Result } from 'fluxion';
import { lower, type LowerOptions } from '../src/expr/lower/lower.ts';

/** what stands in the source from a place on: it stays when lines are added above, and shows that the place is the right one */
const source = ({ file, line, column }: Place): string => readFileSync(file, 'utf8').split('\n')[line - 1].slice(column - 1, column + 51).trim();
const shown = (d: Diagnostic): string => {
  const { place, ...rest } = d, text = render([rest]);
  return place === undefined ? `${text}\n  nowhere` : `${text}\n  in ${basename(place.file)}: ${source(place)} …`;
};
/** Everything that a result says is wrong, with the code it stands at in place of line numbers. */
export const said = (result: Result<unknown>): string => (E.isLeft(result) ? result.left.map(shown).join('\n') : 'nothing is wrong');
/** The same of a function. */
export const saidOf = (f: unknown, options: LowerOptions = {}): string => said(lower(f, options));
/** what tsc would refuse, handed in all the same */
export const unchecked = (x: unknown): never => {
  // SAFETY: not safe at all: that is what is tested
  return x as never;
};
/** Titled messages as the text of a golden file. */
export const page = (messages: Readonly<Record<string, string>>): string => Object.entries(messages).map(([title, text]) => `# ${title}\n${text}\n`).join('\n');
