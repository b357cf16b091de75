import * as E from 'fp-ts/lib/Either.js';
import { render, type Code, type Result } from 'fluxion';

/** for each code what makes it appear, and the text in which it does */
export type Triggers = { readonly [code: Code]: () => string | Promise<string> };
/** the message of what is thrown */
export const thrown = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing is wrong';
};
/** as users see it: for places in texts that are no files */
export const rendered = (result: Result<unknown>): string => (E.isLeft(result) ? render(result.left) : 'nothing is wrong');
