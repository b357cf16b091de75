import { diagnostic, type Code, type Diagnostic, type DiagnosticDetails } from '../core/diagnostic.ts';

/** What can be wrong with a command, and the code under which it is documented. */
export const codes = { file: 'FX8201', module: 'FX8202', exports: 'FX8203', name: 'FX8204', pass: 'FX8205', option: 'FX8206', unwritable: 'FX8207' } as const satisfies Record<string, Code>;

export const problem = (what: keyof typeof codes, message: string, details: DiagnosticDetails = {}): Diagnostic => diagnostic(codes[what], message, details);
