import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { f32, fn, exp, type Result } from 'fluxion';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { js } from 'fluxion/backends';
import { commands } from '../../../src/cli/commands.ts';
import { dimsOf } from '../../../src/cli/sizes.ts';
import { emitFiles } from '../../../src/cli/emit.ts';
import { chosen, exportedFunctions } from '../../../src/cli/functions.ts';
import { rendered, type Triggers } from './trigger.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../cli/fixtures/${name}`, import.meta.url));
const said = (e: E.Either<Diagnostic, unknown>): string => { const r: Result<unknown> = E.isLeft(e) ? E.left([e.left]) : e; return rendered(r); };
const f = fn([f32([2])], (x) => exp(x));

/** the command line */
export const cli: Triggers = {
  FX8201: async () => said(await exportedFunctions('absent.ts')),
  FX8202: async () => said(await exportedFunctions(fixture('broken.ts'))),
  FX8203: async () => said(await exportedFunctions(fixture('nothing.ts'))),
  FX8204: () => said(chosen('functions.ts', [{ name: 'a', fn: f }, { name: 'b', fn: f }], undefined)),
  FX8205: () => rendered(commands['trace'].show(f, {}, { dims: [], backend: 'js', text: true, style: 'text', pass: 'nothing' })),
  FX8206: () => said(dimsOf(['batch'])),
  FX8207: () => rendered(emitFiles({ name: 'f', fn: f }, '/dev/null/out', {}, js())).replace(/: E\w+.*/, ': …'),
};
