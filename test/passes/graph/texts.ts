import * as E from 'fp-ts/lib/Either.js';
import { render } from '../../../src/core/render.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import type { Pass } from '../../../src/passes/pass.ts';

/** The module of its text without the first line: graphs, the last of which is `main`. */
export const readGraphs = (graphs: string): Module => {
  const parsed = parseModule(`module main\n${graphs}`);
  if (E.isLeft(parsed)) throw new Error(`${render(parsed.left)}\n${graphs}`);
  return parsed.right;
};
/** The module of one graph's text, which begins at its parameters. */
export const readGraph = (graph: string): Module => readGraphs(`graph main${graph}`);

/** the lines of the main graph from its parameters on, after the other graphs */
export const showModule = (module: Module): string => printModule(module).replace(/^module .*\n\n/, '').replace(new RegExp(`^graph \`?${module.main}\`?`, 'm'), '').trimEnd();
export const section = (title: string, ...parts: readonly string[]): string => [`──── ${title}`, ...parts, ''].join('\n');

/** What a pass makes of a module, or that it leaves it as it is */
export const change = (pass: Pass, module: Module): string => {
  let fired = 0;
  const after = pass.run(module, () => { fired++; });
  return `${showModule(module)}\n${fired === 0 ? '→ stays' : `→\n${showModule(after)}`}`;
};
