import { f64, get, type Code, type Local } from './code.ts';

/** Taylor series of so many terms, the highest coefficient first, and log 2 as a part without low bits and the rest. */
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const series = (terms: number, coefficient: (i: number) => number): readonly number[] => Array.from({ length: terms }, (_, i) => coefficient(terms - 1 - i));

/** (e^r − 1) / r */
export const exponential = (terms: number): readonly number[] => series(terms, (i) => 1 / factorial(i + 1));
/** atanh(s) / s in s² */
export const areaTangent = (terms: number): readonly number[] => series(terms, (i) => 1 / (2 * i + 1));
/** (sin r − r) / r³ in r² */
export const sine = (terms: number): readonly number[] => series(terms, (i) => (i % 2 === 0 ? -1 : 1) / factorial(2 * i + 3));
/** (cos r − 1 + r²/2) / r⁴ in r² */
export const cosine = (terms: number): readonly number[] => series(terms, (i) => (i % 2 === 0 ? 1 : -1) / factorial(2 * i + 4));

export const log2High = 0.6931471803691238, log2Low = 1.9082149292705877e-10;

/** of one f64 */
export const polynomial = (x: Local, [first, ...rest]: readonly number[]): Code => rest.reduce<Code>((sum, a) => f64.add(f64.mul(sum, get(x)), f64.const(a)), f64.const(first));
