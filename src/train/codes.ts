import { diagnostic, type Code, type Diagnostic, type DiagnosticDetails } from '../core/diagnostic.ts';

/** What can be wrong with training, and the code under which it is documented. */
export const codes = {
  metric: 'FX6401', data: 'FX6402', labels: 'FX6403', notFinite: 'FX6404', option: 'FX6405', weights: 'FX6406', perExample: 'FX6407', diverged: 'FX6408',
} as const satisfies Record<string, Code>;

export const problem = (what: keyof typeof codes, message: string, details: DiagnosticDetails = {}): Diagnostic =>
  diagnostic(codes[what], message, details);
