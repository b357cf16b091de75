import * as ix from '../../../core/affine.ts';
import { isSym, maxCount } from '../../../core/dim.ts';
import type { Graph, Node } from '../../../ir/graph/syntax.ts';
import type { Buffer, Program } from '../../../ir/loop/syntax.ts';
import type { Target } from '../../../ir/target.ts';
import { topological } from '../../../ir/graph/walk.ts';
import type { Plan } from '../plan.ts';
import { isSource } from '../seeds.ts';
import type { Home } from './context.ts';
import { layoutOf, partOf } from './control.ts';

/** Writes the loops that a plan decides: one kernel for each group, at the naive stage (flat for a flat target), and loops of kernels. */
export const realise = (plan: Plan, target: Target, name = plan.graph.name): Program => {
  const names = bufferNames(plan), buffers = new Map(buffersOf(plan, names));
  const homeOf = (n: Node): Home => ({ buffer: nameIn(names, n), from: ix.zero, size: maxCount(n.type.shape) });
  const { kernels, steps } = partOf(plan, { target, homeOf, buffers, taken: new Set(names.values()), axes: [], prefix: '' });
  return {
    name,
    syms: symbols(plan),
    buffers,
    kernels: new Map(kernels.map((k) => [k.name, k])),
    steps,
    inputs: plan.graph.params.map((p) => nameIn(names, p)),
    outputs: plan.results.map((n) => (plan.inPlace.has(n) ? outputName(plan, n) : nameIn(names, n))),
  };
};

type Names = ReadonlyMap<Node, string>;
const nameIn = (names: Names, node: Node): string => names.get(node) ?? `t${node.id}`;
const outputName = (plan: Plan, node: Node): string => `out${plan.results.indexOf(node)}`;

/** a result written in place goes by the name of the parameter whose memory it takes */
const bufferNames = (plan: Plan): Names => {
  const names = new Map<Node, string>(), taken = new Set<string>();
  const give = (node: Node, wish: string): void => {
    const base = wish.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
    let name = base;
    for (let k = 1; taken.has(name); k++) name = `${base}_${k}`;
    taken.add(name);
    names.set(node, name);
  };
  plan.results.forEach((_, i) => taken.add(`out${i}`));
  for (const p of plan.graph.params) give(p, p.attrs.name === '' ? `arg${p.attrs.index}` : p.attrs.name);
  plan.results.forEach((n) => { const p = plan.inPlace.get(n); names.set(n, p === undefined ? outputName(plan, n) : nameIn(names, p)); });
  let temporaries = 0, constants = 0;
  for (const group of plan.groups) for (const n of group.roots) if (!names.has(n) && !plan.bordered.has(n)) give(n, `t${temporaries++}`);
  for (const n of topological([...plan.results])) if (n.op === 'constant' && isSource(n)) give(n, `const${constants++}`);
  return names;
};

// ── buffers

const buffersOf = (plan: Plan, names: Names): ReadonlyMap<string, Buffer> => {
  const buffers = new Map<string, Buffer>();
  const add = (name: string, node: Node, role: Buffer['role'], extra: Partial<Buffer> = {}): void => {
    buffers.set(name, { dtype: node.type.dtype, role, layout: layoutOf(node), ...extra });
  };
  for (const p of plan.graph.params) add(nameIn(names, p), p, plan.donated.has(p) ? 'state' : 'input');
  for (const [node, name] of names) if (node.op === 'constant') add(name, node, 'constant', { value: node.attrs.value });
  for (const n of plan.results) {
    const taken = plan.inPlace.get(n);
    add(outputName(plan, n), n, 'output', taken === undefined ? {} : { sameAs: nameIn(names, taken) });
  }
  for (const n of plan.stored) if (!plan.results.includes(n) && !plan.bordered.has(n)) add(nameIn(names, n), n, 'temporary');
  return buffers;
};

/** the named dimensions of the program, those inside its loops too */
const symbols = (plan: Plan): ReadonlyMap<string, number> => {
  const syms = new Map<string, number>(), seen = (graph: Graph, results: readonly Node[]): void => {
    for (const n of topological([...results, ...graph.params])) for (const d of n.type.shape) if (isSym(d)) syms.set(d.name, d.max);
  };
  const visit = (p: Plan): void => { seen(p.graph, p.results); for (const bodies of p.bodies.values()) bodies.forEach(visit); };
  visit(plan);
  return syms;
};
