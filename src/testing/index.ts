/** fluxion/testing: checking gradients and rewrite rules, and generators for property tests (with fast-check). */
export { checkGradients, type GradientOptions, type GradientReport } from './gradients.ts';
