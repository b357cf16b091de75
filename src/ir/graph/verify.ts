import * as E from 'fp-ts/lib/Either.js';
import { isNonEmpty } from 'fp-ts/lib/ReadonlyArray.js';
import { sameType, showType } from '../../core/dim.ts';
import { diagnostic, type Result } from '../../core/diagnostic.ts';
import { inferTypes, type Signature } from './rules.ts';
import type { Graph, Module, Node } from './syntax.ts';
import { calleesOf, topological } from './walk.ts';

/** What is not well-formed in a module, one sentence each; none for a good one. */
export const verify = (module: Module): readonly string[] => {
  const problems: string[] = module.graphs.has(module.main) ? [] : [`no graph is called '${module.main}'`];
  for (const [name, graph] of module.graphs) {
    if (graph.name !== name) problems.push(`the graph '${graph.name}' is filed under '${name}'`);
    for (const node of topological([...graph.params, ...graph.results])) problems.push(...nodeProblems(module, graph, node).map((p) => `${name}: ${p}`));
    graph.results.forEach((r, i) => { if (r.results.length !== 1) problems.push(`${name}: result ${i} is a node of several results; read it with get`); });
    graph.params.forEach((p, i) => { if (p.attrs.index !== i) problems.push(`${name}: parameter ${i} says that it is number ${p.attrs.index}`); });
  }
  return [...problems, ...callCycles(module)];
};

/**
 * The module if it is well-formed; else everything that is not, each FX2101.
 * @example orThrow(verifyModule(pass.run(module, () => undefined)))
 */
export const verifyModule = (module: Module): Result<Module> => {
  const problems = verify(module).map((problem) => diagnostic('FX2101', problem));
  return isNonEmpty(problems) ? E.left(problems) : E.right(module);
};

const signatureIn = (module: Module) => (name: string): Signature | undefined => {
  const graph = module.graphs.get(name);
  return graph && { params: graph.params.map((p) => p.type), results: graph.results.map((r) => r.type) };
};

const nodeProblems = (module: Module, graph: Graph, node: Node): readonly string[] => {
  const problems: string[] = [];
  if (node.inputs.some((x) => x.id >= node.id)) problems.push(`${node.op} comes before one of its inputs`);
  if (node.op !== 'get' && node.inputs.some((x) => x.results.length !== 1)) problems.push(`${node.op} uses a node of several results; read it with get`);
  if (node.op === 'parameter' && !graph.params.includes(node)) problems.push(`the parameter '${node.attrs.name}' of '${node.attrs.graph}' is used, which is not one of this graph's`);
  const missing = calleesOf(node).filter((name) => !module.graphs.has(name));
  if (missing.length > 0) return [...problems, ...missing.map((name) => `${node.op} names '${name}', and no graph is called so`)];
  if (node.op === 'get') {
    const type = node.inputs.length === 1 ? node.inputs[0].results[node.attrs.index] : undefined;
    if (type === undefined || !sameType(type, node.type)) problems.push(`get reads no result ${node.attrs.index} of type ${showType(node.type)}`);
    return problems;
  }
  const typed = inferTypes(node.op, node.attrs, node.inputs.map((x) => x.type), signatureIn(module));
  if (E.isLeft(typed)) return [...problems, typed.left];
  const wrong = typed.right.findIndex((t, i) => node.results[i] === undefined || !sameType(t, node.results[i]));
  if (wrong >= 0 || typed.right.length !== node.results.length) problems.push(`${node.op} is typed ${node.results.map(showType).join(', ')}, but gives ${typed.right.map(showType).join(', ')}`);
  return problems;
};

const callCycles = (module: Module): readonly string[] => {
  const state = new Map<string, 'open' | 'done'>(), problems: string[] = [];
  const visit = (name: string): void => {
    if (state.get(name) === 'open') problems.push(`'${name}' calls itself`);
    const graph = module.graphs.get(name);
    if (state.has(name) || graph === undefined) return;
    state.set(name, 'open');
    for (const node of topological(graph.results)) calleesOf(node).forEach(visit);
    state.set(name, 'done');
  };
  for (const name of module.graphs.keys()) visit(name);
  return problems;
};
