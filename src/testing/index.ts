/** fluxion/testing: checking gradients and rewrite rules, and generators for property tests. It needs fast-check. */
export { checkGradients, type GradientOptions, type GradientReport } from './gradients.ts';
export { programs, tensors, type GeneratedProgram, type TensorOptions } from './arbitraries.ts';
export { shapes, type ShapeOptions } from './shapes.ts';
export type { GraphOptions } from './graphs.ts';
export { checkRule, type RuleCheckOptions, type RuleReport } from './rules.ts';
