import type { Code } from '../core/diagnostic.ts';

/** What can be wrong with an optimiser and its use, and the code under which it is documented. */
export const codes = { setting: 'FX6301', params: 'FX6302', grads: 'FX6303', slots: 'FX6304' } as const satisfies Record<string, Code>;
