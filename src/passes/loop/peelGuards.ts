import * as ix from '../../core/affine.ts';
import type { AxisId, Conjunct, Guard } from '../../core/affine.ts';
import type { Block, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { freshNames, type Fresh } from './names.ts';
import { copyOf, mapKernels, mapStmts } from './rewrite.ts';
import { exprsOf, sizeOf, walk, walkExpr } from '../../ir/loop/visit.ts';

type For = Extract<Stmt, { kind: 'for' }>;
/** what a loop may become: more would cost more to compile than its guards do */
const most = { parts: 6, statements: 400 } as const;

/**
 * Splits serial loops where a guard over their axis alone changes, so that in each part it always or never holds
 * (`simplifyIndex` then drops it): the borders of a padded image are loops of their own, and its inside has no guards.
 */
export const peelGuards = (program: Program): Program => mapKernels(program, (kernel) => peelKernel(kernel));

const peelKernel = (kernel: Kernel): Kernel => {
  const fresh = freshNames(kernel);
  return { ...kernel, body: mapStmts(kernel.body, (s) => (s.kind === 'for' && s.mode.at === 'serial' ? peel(s, fresh) : [s])) };
};

const peel = (loop: For, fresh: Fresh): Block => {
  const extent = ix.constantOf(loop.extent);
  if (extent === undefined) return [loop];
  const cuts = [...new Set(conjunctsIn(loop.body).flatMap((c) => changes(c, loop.axis)))].filter((at) => at > 0 && at < extent).sort((a, b) => a - b);
  const parts = cuts.length + 1;
  if (parts === 1 || parts > most.parts || parts * sizeOf(loop.body) > most.statements) return [loop];
  return [0, ...cuts].map((from, i): Stmt => {
    const axis = fresh(loop.axis), length = (cuts[i] ?? extent) - from;
    const body = copyOf(loop.body, fresh, (other) => (other === loop.axis ? ix.shift(ix.axis(axis), from) : undefined));
    return { ...loop, axis, extent: ix.constant(length), body };
  });
};

const conjunctsIn = (block: Block): Guard => {
  const found: Conjunct[] = [];
  walk(block, (s) => {
    if (s.kind === 'store') found.push(...s.guard);
    for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'guard' || x.kind === 'load') found.push(...x.guard); });
  });
  return found;
};

/** the values of the axis from which on a conjunct over it alone is another */
const changes = ({ is, of }: Conjunct, axis: AxisId): readonly number[] => {
  const [term] = of.terms;
  if (of.terms.length !== 1 || term.of.kind !== 'axis' || term.of.axis !== axis) return [];
  const root = -of.bias / term.by;
  if (is === 'eq0') return Number.isInteger(root) ? [root, root + 1] : [];
  return term.by > 0 ? [Math.ceil(root)] : [Math.floor(root) + 1];
};
