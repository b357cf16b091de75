import { canonicalRules } from '../../../src/passes/graph/canonical.ts';
import { algebraRules, fastRules } from '../../../src/passes/graph/algebra.ts';
import { contractionRules } from '../../../src/passes/graph/contractions.ts';
import { moveRules } from '../../../src/passes/graph/moveViews.ts';
import { reductionRules } from '../../../src/passes/graph/reductions.ts';
import { rewrite, type Rule } from '../../../src/passes/graph/rewrite.ts';
import { stabiliseRules } from '../../../src/passes/graph/stabilise.ts';
import { reassociateDots } from '../../../src/passes/graph/reassociateDots.ts';
import { stabilise } from '../../../src/passes/graph/stabilise.ts';
import { generator } from '../../../src/testing/random.ts';
import { programsFor } from '../../../src/testing/rulePrograms.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { chains, underLogarithms } from './passPrograms.ts';
import { tables } from './rulePrograms.ts';
import { change, readGraph, readGraphs, section } from './texts.ts';

const all: readonly Rule[] = [...canonicalRules, ...algebraRules, ...fastRules, ...reductionRules, ...contractionRules, ...moveRules, ...stabiliseRules];
const ruleOf = (name: string): Rule => {
  const rule = all.find((r) => r.name === name);
  if (rule === undefined) throw new Error(`no rule is called '${name}'`);
  return rule;
};

const entry = (name: string, modules: readonly Module[]): string => section(name, ...modules.map((m) => `${change(rewrite(name, [ruleOf(name)]), m)}\n`));

const laws = all.filter((r, i) => r.law !== undefined && all.indexOf(r) === i);
/** Each page by the name of its file. */
export const pages: { readonly [file: string]: () => string } = {
  laws: () => laws.map((r) => entry(r.name, programsFor(r, generator(3)).slice(0, 1).map((p) => p.module))).join('\n'),
  examples: () => all.filter((r, i) => r.examples !== undefined && all.indexOf(r) === i).map((r) => entry(r.name, programsFor(r, generator(3)).map((p) => p.module))).join('\n'),
  ...Object.fromEntries(Object.entries(tables).map(([file, rules]) => [file, () => Object.entries(rules).map(([name, texts]) => entry(name, texts.map(readGraph))).join('\n')])),
  chains: () => Object.entries(chains).map(([name, text]) => section(name, change(reassociateDots, readGraph(text)))).join('\n'),
  underLogarithms: () => Object.entries(underLogarithms).map(([name, text]) => section(name, change(stabilise, readGraphs(text)))).join('\n'),
};
