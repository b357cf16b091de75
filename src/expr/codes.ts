import type { Code } from '../core/diagnostic.ts';
import type { Problem } from './expr.ts';

/** What can be wrong with an expression, and the code under which it is documented. */
export const codes = {
  broadcast: 'FX1001', dtypes: 'FX1002', innerSizes: 'FX1003', axis: 'FX1004', reshape: 'FX1005', einsum: 'FX1006',
  scalarLoss: 'FX1007', notTaken: 'FX1008', rank: 'FX1009', trees: 'FX1010', join: 'FX1011', slice: 'FX1012',
  data: 'FX1013', assertShape: 'FX1014', call: 'FX1015', notDifferentiable: 'FX1016', value: 'FX1017',
  examples: 'FX1018', windows: 'FX1019',
  unbound: 'FX1020', symbol: 'FX1021', keyReuse: 'FX1022', duplicate: 'FX1023', bounded: 'FX1024', binding: 'FX1025', unavailable: 'FX1027',
} as const satisfies Record<string, Code>;

export const problem = (what: keyof typeof codes, message: string, details: Pick<Problem, 'shapes' | 'hint'> = {}): Problem =>
  ({ code: codes[what], message, ...details });
