import type { Code } from '../core/diagnostic.ts';

/** What can be wrong with a network, and the code under which it is documented. */
export const codes = {
  activation: 'FX6201', units: 'FX6202', input: 'FX6203', layerShape: 'FX6204', weights: 'FX6205', initializer: 'FX6206',
  block: 'FX6207', targets: 'FX6208', part: 'FX6209',
} as const satisfies Record<string, Code>;
