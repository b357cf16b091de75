import { isSym, maxCount } from '../../../core/dim.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Buffer, Kernel, Layout, Program, Step } from '../../../ir/loop/syntax.ts';
import type { Target } from '../../../ir/target.ts';
import { topological } from '../../../ir/graph/walk.ts';
import { stridesOf } from '../access.ts';
import type { Group, Plan } from '../plan.ts';
import { isSource } from '../seeds.ts';
import type { Context } from './context.ts';
import { writeFlat } from './flat.ts';
import { writeNest } from './nests.ts';

/** Writes the loops that a plan decides: one kernel for each group, at the naive stage (flat for a flat target). */
export const realise = (plan: Plan, target: Target, name = plan.graph.name): Program => {
  const names = bufferNames(plan);
  const kernels = plan.groups.map((group) => kernelOf(plan, group, names, target));
  const runs = plan.groups.map((_, i): Step => ({ kind: 'run', kernel: kernels[i].name, args: kernels[i].params.map((p) => p.name) }));
  return {
    name,
    syms: symbols(plan),
    buffers: buffersOf(plan, names),
    kernels: new Map(kernels.map((k) => [k.name, k])),
    steps: runs,
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
  for (const group of plan.groups) for (const n of group.roots) if (!names.has(n)) give(n, `t${temporaries++}`);
  for (const n of topological([...plan.results])) if (n.op === 'constant' && isSource(n)) give(n, `const${constants++}`);
  return names;
};

const kernelOf = (plan: Plan, group: Group, names: Names, target: Target): Kernel => {
  const members = new Set(group.members);
  const c: Context = {
    scopes: [{ body: [], memo: new Map() }], axes: new Map(), localDepth: new Map(), inside: new Map(), params: new Map(), count: 0,
    taken: new Set(names.values()), members, isStored: (n) => isSource(n) || plan.stored.has(n), bufferName: (n) => nameIn(names, n),
  };
  if (target.shape === 'flat') writeFlat(c, group);
  else writeNest(c, group);
  return { name: kernelName(group), params: [...c.params.values()], body: c.scopes[0].body };
};
const kernelName = ({ nest, id }: Group): string => `${nest.kind}_${id}`;

// ── buffers

const layoutOf = (node: Node): Layout => {
  const { shape } = node.type;
  return { order: shape.map((_, i) => i), strides: stridesOf(shape), offset: 0, size: maxCount(shape) };
};

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
  for (const n of plan.stored) if (!plan.results.includes(n)) add(nameIn(names, n), n, 'temporary');
  return buffers;
};

const symbols = (plan: Plan): ReadonlyMap<string, number> => {
  const syms = new Map<string, number>();
  for (const n of topological([...plan.results, ...plan.graph.params])) {
    for (const d of n.type.shape) if (isSym(d)) syms.set(d.name, d.max);
  }
  return syms;
};
