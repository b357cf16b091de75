/** 'fluxion/inspect': the workbench. What a program means, what became of it and why. */
export { lineChart, type Chart, type Series } from './plot.ts';
export { math, type MathOptions } from './math.ts';
export { explain, type ExplainOptions, type ExplainedKernel, type Explanation } from './explain.ts';
export { calibrate, timeable, type Bound, type Machine } from './machine.ts';
export type { Merge, Refusal } from './merges.ts';
export { showStep, trace, type InspectOptions, type Step, type Trace } from './trace.ts';
