/**
 * How often a law is tried, and from which seed: fixed, so that a run repeats, unless `npm run soak` says otherwise by
 * FLUXION_RUNS (a factor) and FLUXION_SEED.
 */
export const runs = (numRuns: number, seed: number): { readonly numRuns: number; readonly seed: number } => {
  const factor = Number(process.env['FLUXION_RUNS'] ?? 1), shift = Number(process.env['FLUXION_SEED'] ?? 0);
  return { numRuns: Math.ceil(numRuns * factor), seed: seed + shift };
};
