import * as E from 'fp-ts/lib/Either.js';
import { sizeOf, type Bindings } from '../../../src/core/dim.ts';
import { isFloat, typedArray, type TypedArray } from '../../../src/core/dtype.ts';
import { render } from '../../../src/core/render.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import type { Pass } from '../../../src/passes/pass.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { generator } from '../../../src/testing/random.ts';

export type Programs = { readonly [name: string]: string };

/** The module of its text without the first line: graphs, the last of which is `main`. */
export const readGraphs = (graphs: string): Module => {
  const parsed = parseModule(`module main\n${graphs}`);
  if (E.isLeft(parsed)) throw new Error(`${render(parsed.left)}\n${graphs}`);
  return parsed.right;
};
/** The module of one graph's text, which begins at its parameters. */
export const readGraph = (graph: string): Module => readGraphs(`graph main${graph}`);

/** The module of either. */
export const readProgram = (text: string): Module => (text.startsWith('graph ') ? readGraphs(text) : readGraph(text));

/** the lines of the main graph from its parameters on, after the other graphs */
export const showModule = (module: Module): string => printModule(module).replace(/^module .*\n\n/, '').replace(new RegExp(`^graph \`?${module.main}\`?`, 'm'), '').trimEnd();
export const section = (title: string, ...parts: readonly string[]): string => [`──── ${title}`, ...parts, ''].join('\n');

/** what a pass makes of a module, or that it leaves it as it is; `counted`: with what it did, and how often */
export const change = (pass: Pass, module: Module, counted = false): string => {
  const fired = new Map<string, number>(), after = runPasses(module, [pass], { verify: true, trace: (t) => { for (const entry of t.fired) fired.set(...entry); } });
  const said = counted ? [...fired].map(([rule, times]) => ` ${times} × ${rule}`).join(',') : '';
  return `${showModule(module)}\n${fired.size === 0 ? '→ stays' : `→${said}\n${showModule(after)}`}`;
};

/** small whole numbers for the parameters of the main graph, of which sums and products are exact */
export const wholeNumbers = (module: Module, bindings: Bindings, seed = 3): readonly TypedArray[] => {
  const random = generator(seed);
  return mainOf(module).params.map(({ type: { dtype, shape } }) => {
    const count = shape.reduce<number>((n, d) => n * sizeOf(d, bindings), 1), lowest = dtype === 'bool' || dtype === 'u32' ? 0 : -3;
    return typedArray(isFloat(dtype) ? 'f64' : dtype, Array.from({ length: count }, () => (dtype === 'bool' ? Math.floor(random() * 2) : Math.floor(random() * (4 - lowest)) + lowest)));
  });
};
/** the results of a module as plain numbers, of which no zero has a sign */
export const resultsOf = (module: Module, args: readonly TypedArray[], bindings: Bindings): readonly (readonly number[])[] =>
  interpret(module, args, { precision: 'f64', bindings }).map((data) => Array.from(data, (x) => x + 0));
