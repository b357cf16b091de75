import { diagnostic, type Code, type Diagnostic, type DiagnosticDetails } from '../core/diagnostic.ts';

/** What can be wrong with data, and the code under which it is documented. */
export const codes = {
  notInstalled: 'FX6001', unreadable: 'FX6002', magic: 'FX6003', truncated: 'FX6004', sizes: 'FX6005', label: 'FX6006',
  empty: 'FX6007', examples: 'FX6008', batchSize: 'FX6009', limit: 'FX6010',
} as const satisfies Record<string, Code>;

export const problem = (what: keyof typeof codes, message: string, details: DiagnosticDetails = {}): Diagnostic =>
  diagnostic(codes[what], message, details);
