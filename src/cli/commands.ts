import * as E from 'fp-ts/lib/Either.js';
import { wasm } from '../backends/wasm/wasm.ts';
import type { Result } from '../core/diagnostic.ts';
import { calibrate, explain, math, showStep, timeable, trace, type InspectOptions, type Step } from '../inspect/index.ts';
import { calibrationFile, calibrationKey, keptMachine } from './calibration.ts';
import { problem } from './codes.ts';

/** what may stand after a command */
export interface Options { readonly dims: readonly string[]; readonly backend: string; readonly mode?: string; readonly pass?: string; readonly text: boolean; readonly after?: string; readonly style: 'text' | 'latex' | 'typescript'; readonly out?: string; readonly measure?: boolean; readonly all?: boolean; readonly calibrate?: boolean }

/** What a command prints of a function. */
type Shown = (f: unknown, inspect: InspectOptions, options: Options) => Result<string>;
const stepsNamed = (f: unknown, inspect: InspectOptions, pass: string | undefined, show: (steps: readonly Step[]) => string): Result<string> => {
  const traced = trace(f, inspect);
  if (E.isLeft(traced)) return traced;
  const found = traced.right.steps.filter((s) => pass === undefined || s.name === pass);
  if (found.length > 0) return E.right(show(found));
  return E.left([problem('pass', `no step is called '${pass}'`, { hint: `the steps are ${[...new Set(traced.right.steps.map((s) => s.name))].join(', ')}` })]);
};
/** Kernels are timed on one thread: several would take turns with one, to find out which is quicker. */
const explained: Shown = (f, { backend: given, ...inspect }, { measure = true, all = false, calibrate: anew = false }) => {
  const backend = given?.name === 'wasm' ? wasm({ threads: 1 }) : given, timed = measure && backend !== undefined ? timeable(backend) : undefined, clock = (): number => performance.now();
  const machine = timed && keptMachine(calibrationFile(process.env), calibrationKey(`${timed.name}, 1 thread`), () => calibrate(timed, clock), anew);
  const told = explain(f, { ...inspect, all, ...(backend && { backend }), ...(measure && { measure: { clock, ...(machine && { machine }) } }) });
  return E.isLeft(told) ? told : E.right(told.right.text);
};

/** `note`: how it says what was assumed of sizes; without one it needs none. */
export interface Command { readonly what: string; readonly show: Shown; readonly note?: (line: string) => string }
const apart = (line: string): string => `\n${line}`;
/** The commands by name. */
export const commands: { readonly [name: string]: Command } = {
  trace: { what: 'every step from the expression to the text, with the rules that fired', note: apart, show: (f, o, { pass, text }) => stepsNamed(f, o, pass, (steps) => steps.map((s) => showStep(s, text)).join('\n\n')) },
  explain: { what: 'the kernels: what was fused, what was not and why, and what they cost', note: apart, show: explained },
  math: { what: 'the function as maths, its derivatives worked out', show: (f, _, { style }) => math(f, { style }) },
  // a comment: what is printed can be read again
  print: { what: 'the graph, as written or after a pass', note: (line) => `// ${line}`, show: (f, o, { after = 'lower' }) => stepsNamed(f, o, after, (steps) => steps[steps.length - 1].text.trimEnd()) },
};
