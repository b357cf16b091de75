import { add, clamp, constant as number, convert, cos, div, less, mul, pow, spoil, sub, where, type F32, type Tensor } from '../index.ts';
import { badSetting, badSettings, count, finite, notNegative, type BadSetting } from './settings.ts';

/** A learning rate for each step: 0 is the first. */
export type Schedule = (step: Tensor<[], 'i32'>) => F32;
/** A learning rate, or one for each step. */
export type Rate = number | Schedule;

/** a schedule, whose rates carry what is wrong with its settings */
const scheduled = (bad: readonly BadSetting[], rate: Schedule): Schedule => {
  if (bad.length === 0) return rate;
  return () => spoil(bad.map(({ mistake, at }): F32 => spoil([number(0)], mistake, at)), bad[0].mistake);
};

/** The same rate at every step. @example constant(1e-3) */
export const constant = (rate: number): Schedule => scheduled(badSettings('constant', { rate: [rate, notNegative] }), () => number(rate));

/**
 * init · factorⁿ, where n counts the whole stretches of `every` steps that are done.
 * @example stepDecay({ init: 0.1, factor: 0.5, every: 1000 })
 */
export const stepDecay = ({ init, factor, every }: { readonly init: number; readonly factor: number; readonly every: number }): Schedule =>
  scheduled(badSettings('stepDecay', { init: [init, notNegative], factor: [factor, notNegative], every: [every, count] }),
    (step) => mul(init, pow(factor, convert(div(step, every), 'f32'))));

/**
 * A rate for each stretch between boundaries: the first while fewer steps are done than the first boundary says, and so on.
 * @example piecewise({ boundaries: [1000, 2000], rates: [0.1, 0.01, 0.001] })
 */
export const piecewise = ({ boundaries, rates }: { readonly boundaries: readonly number[]; readonly rates: readonly number[] }): Schedule =>
  scheduled(piecewiseProblems(boundaries, rates), (step) =>
    boundaries.reduceRight((rest: F32, boundary, i) => where(less(step, boundary), rates[i], rest), number(rates[boundaries.length])));
const piecewiseProblems = (boundaries: readonly number[], rates: readonly number[]): readonly BadSetting[] => [
  ...(rates.length === boundaries.length + 1 ? [] : [badSetting(`piecewise: the boundaries are ${boundaries.length}, and the rates ${rates.length}`, 'one rate more than boundaries')]),
  ...(boundaries.every((b, i) => Number.isInteger(b) && b > (boundaries[i - 1] ?? 0)) ? [] : [badSetting(`piecewise: the boundaries ${boundaries.join(', ')} are not counts of steps that grow`)]),
  ...rates.flatMap((rate, i) => badSettings('piecewise', { [`rate ${i}`]: [rate, notNegative] })),
];

/** how far a step is on its way, from 0 to 1 */
const progress = (step: Tensor<[], 'i32'>, steps: number): F32 => clamp(div(convert(step, 'f32'), steps), 0, 1);

/**
 * A schedule that begins only after `steps` steps, over which the rate grows in a straight line from 0 to its first one.
 * @example warmUp(stepDecay({ init: 0.1, factor: 0.5, every: 1000 }), 100)
 */
export const warmUp = (schedule: Schedule, steps: number): Schedule => scheduled(badSettings('warmUp', { steps: [steps, count] }), (step) =>
  where(less(step, steps), mul(schedule(number(0, 'i32')), progress(step, steps)), schedule(sub(step, steps))));

/**
 * Half a cosine from `init` down to `end` (0 unless told otherwise), which it reaches after `steps` steps and keeps
 * (Loshchilov and Hutter 2017). With `warmup`, the rate first grows in a straight line over so many of these steps.
 * @example cosineDecay({ init: 1e-3, steps: 4690, warmup: 469 })
 */
export const cosineDecay = ({ init, steps, warmup = 0, end = 0 }: { readonly init: number; readonly steps: number; readonly warmup?: number; readonly end?: number }): Schedule => {
  const bad = badSettings('cosineDecay', { init: [init, notNegative], steps: [steps, count], warmup: [warmup, { holds: (x) => Number.isInteger(x) && x >= 0 && x < steps, words: 'a whole number, less than steps' }], end: [end, finite] });
  const decay: Schedule = (step) => add(end, mul((init - end) / 2, add(1, cos(mul(Math.PI, progress(step, steps - warmup))))));
  return scheduled(bad, warmup > 0 ? warmUp(decay, warmup) : decay);
};
