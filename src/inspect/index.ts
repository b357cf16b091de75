/** 'fluxion/inspect': the workbench. What a program means, what became of it and why. */
export { lineChart, type Chart, type Series } from './plot.ts';
export { math, type MathOptions } from './math.ts';
