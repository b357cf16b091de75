import type { Code } from '../core/diagnostic.ts';

/** What a check can find, and the code under which it is documented. */
export const codes = {
  differences: 'FX8001', forward: 'FX8002', nothing: 'FX8003', rough: 'FX8004',
  meaning: 'FX8010', idle: 'FX8011', illTyped: 'FX8012',
} as const satisfies Record<string, Code>;
