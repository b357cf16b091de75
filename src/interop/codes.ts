import { diagnostic, type Code, type Diagnostic, type DiagnosticDetails } from '../core/diagnostic.ts';

/** What can be wrong with files of weights, and the code under which it is documented. */
export const codes = {
  unwritable: 'FX6101', unreadable: 'FX6102', truncated: 'FX6103', header: 'FX6104', dtype: 'FX6105', offsets: 'FX6106',
  duplicate: 'FX6107', differs: 'FX6108', notComputed: 'FX6109', notTrained: 'FX6110',
} as const satisfies Record<string, Code>;

export const problem = (what: keyof typeof codes, message: string, details: DiagnosticDetails = {}): Diagnostic =>
  diagnostic(codes[what], message, details);
