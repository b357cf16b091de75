import { origin, type Mistake, type Origin } from '../index.ts';
import { codes } from './codes.ts';
import type { Rate } from './schedules.ts';

/** A bad setting, and where it was written: told of the program that uses it. */
export interface BadSetting { readonly mistake: Mistake; readonly at: Origin }

/** what a setting must be, and the words for it */
export interface Wish { readonly holds: (x: number) => boolean; readonly words: string }
export const finite: Wish = { holds: Number.isFinite, words: 'a finite number' };
export const notNegative: Wish = { holds: (x) => Number.isFinite(x) && x >= 0, words: 'a finite number, 0 or more' };
export const positive: Wish = { holds: (x) => Number.isFinite(x) && x > 0, words: 'a finite number above 0' };
export const share: Wish = { holds: (x) => x >= 0 && x < 1, words: 'at least 0 and less than 1' };
export const count: Wish = { holds: (x) => Number.isInteger(x) && x >= 1, words: 'a whole number from 1 on' };

export const badSetting = (message: string, hint?: string): BadSetting =>
  ({ mistake: { code: codes.setting, message, ...(hint !== undefined && { hint }) }, at: origin() });
/** the settings that are not what they must be, each with its sentence */
export const badSettings = (what: string, settings: Readonly<Record<string, readonly [value: unknown, wish: Wish]>>): readonly BadSetting[] =>
  Object.entries(settings).flatMap(([name, [value, { holds, words }]]) =>
    (typeof value === 'number' && holds(value) ? [] : [badSetting(`${what}: ${name} is ${String(value)}, but must be ${words}`)]));
/** the same of a rate: a schedule says its own mistakes */
export const badRate = (what: string, rate: Rate): readonly BadSetting[] =>
  (typeof rate === 'function' ? [] : badSettings(what, { learningRate: [rate, notNegative] }));
