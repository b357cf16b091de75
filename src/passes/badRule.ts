import { diagnostic } from '../core/diagnostic.ts';
import { diagnosticError } from '../core/render.ts';

/** Ends a pass whose rules rewrite for ever, or change a type: anybody may write rules, so that it is no broken promise of ours. */
export const badRule = (message: string, hint: string): never => { throw diagnosticError([diagnostic('FX8012', message, { hint })]); };
