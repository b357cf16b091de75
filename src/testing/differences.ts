import type { TypedArray } from '../core/dtype.ts';

/** A function of one number: what an input's element does to all results. */
export type Line = (t: number) => readonly TypedArray[];

/** A slope by central differences: Σ uⱼ·∂fⱼ, the sum of its terms' magnitudes, and whether the function is smooth there. */
export interface Slope { readonly value: number; readonly size: number; readonly error: number; readonly isSmooth: boolean }

const steps = [1e-3, 1e-4, 1e-5];
/** how much smaller the gap between the slopes on both sides must be at half the step; at a kink it stays */
const shrinks = 0.75;

/**
 * The slope at 0 of Σ uⱼ·fⱼ, by the step that contradicts itself least: a central difference refined once by Richardson's
 * extrapolation. Where the slopes on both sides stay apart as the step shrinks, or no step agrees with its half, the
 * function is not smooth.
 */
export const slopeOf = (f: Line, u: readonly Float64Array[], scale: number, rtol: number): Slope => {
  const middle = f(0), size = weighted(middle, u, Math.abs);
  const tries = steps.map((step) => attempt(f, u, middle, step * scale, size));
  const best = tries.reduce((a, b) => (b.error < a.error ? b : a));
  const isKink = tries.some((t) => t.gap > rtol * t.size && t.gap > shrinks * t.wideGap + t.noise);
  return { value: best.value, size: best.size, error: best.error, isSmooth: !isKink && best.error <= rtol * best.size + best.noise };
};

interface Attempt { readonly value: number; readonly size: number; readonly error: number; readonly noise: number; readonly gap: number; readonly wideGap: number }
const attempt = (f: Line, u: readonly Float64Array[], middle: readonly TypedArray[], h: number, size: number): Attempt => {
  const [up, down, near, below] = [f(h), f(-h), f(h / 2), f(-h / 2)];
  const refined = (j: number, i: number): number => (4 * ((near[j][i] - below[j][i]) / h) - (up[j][i] - down[j][i]) / (2 * h)) / 3;
  const slopes = up.map((row, j) => Float64Array.from(row, (_, i) => refined(j, i)));
  const plain = weighted(near, u) - weighted(below, u), center = weighted(middle, u);
  const value = weighted(slopes, u), noise = (32 * Number.EPSILON * size) / h;
  const error = Math.abs(value - plain / h) + noise;
  const gapAt = (a: readonly TypedArray[], b: readonly TypedArray[], step: number): number => Math.abs(weighted(a, u) - 2 * center + weighted(b, u)) / step;
  return { value, size: weighted(slopes, u, Math.abs), error: Number.isNaN(error) ? Infinity : error, noise, gap: gapAt(near, below, h / 2), wideGap: gapAt(up, down, h) };
};

/** Σ uⱼ·fⱼ over all results; with `of` Σ of(uⱼ·fⱼ) */
export const weighted = (rows: readonly TypedArray[], u: readonly Float64Array[], of: (x: number) => number = (x) => x): number => {
  let sum = 0;
  rows.forEach((row, j) => { for (let i = 0; i < row.length; i++) sum += of(row[i] * u[j][i]); });
  return sum;
};
