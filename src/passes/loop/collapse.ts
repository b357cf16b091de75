import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import type { Axes, Axis, Block, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { freshNames, type Fresh } from './names.ts';
import { mapKernels, mapStmts, onlyAxes, renameExpr, replaceAxes } from './rewrite.ts';
import { indicesIn, indicesOf } from '../../ir/loop/visit.ts';

type Contract = Extract<Stmt, { kind: 'contract' }>;

/**
 * Makes one long loop of two that stand directly inside each other and only ever count through the same consecutive
 * elements, and one axis of two such axes of a contraction.
 */
export const collapse = (program: Program): Program => mapKernels(program, (kernel) => collapseKernel(kernel));

const collapseKernel = (kernel: Kernel): Kernel => {
  const fresh = freshNames(kernel);
  return { ...kernel, body: mapStmts(kernel.body, (s) => [s.kind === 'for' ? collapseLoop(s, fresh) : s.kind === 'contract' ? collapseContract(s, fresh) : s]) };
};

const collapseLoop = (outer: Extract<Stmt, { kind: 'for' }>, fresh: Fresh): Stmt => {
  const [inner, ...more] = outer.body;
  if (outer.mode.at !== 'serial' || more.length > 0 || inner?.kind !== 'for' || inner.mode.at !== 'serial') return outer;
  const joined = join(outer, inner, fresh, (see) => indicesIn(inner.body, see));
  return joined === undefined ? outer : { kind: 'for', ...joined.one, mode: outer.mode, body: replaceAxes(inner.body, joined.where) };
};

interface Joined { readonly one: Axis; readonly where: (axis: AxisId) => Index | undefined }
/** outer·count + inner as one axis, if every index that is seen moves by `count` times as much with the outer one */
const join = (outer: Axis, inner: Axis, fresh: Fresh, each: (see: (index: Index) => void) => void): Joined | undefined => {
  const count = ix.constantOf(inner.extent);
  if (count === undefined || count < 1) return undefined;
  let all = true;
  each((index) => { all &&= inStep(index, outer.axis, inner.axis, count); });
  if (!all) return undefined;
  const axis = fresh(inner.axis), one = { axis, extent: ix.scale(outer.extent, count) };
  return { one, where: (other) => (other === outer.axis ? ix.zero : other === inner.axis ? ix.axis(axis) : undefined) };
};
const inStep = (index: Index, outer: AxisId, inner: AxisId, count: number): boolean => {
  const by = (axis: AxisId): number => index.terms.find(({ of }) => of.kind === 'axis' && of.axis === axis)?.by ?? 0;
  return by(outer) === count * by(inner) && index.terms.every(({ of }) => ix.isLeaf(of) || inStep(of.num, outer, inner, count));
};

const collapseContract = (contract: Contract, fresh: Fresh): Contract => {
  for (const part of ['m', 'n', 'k'] as const) {
    for (let i = contract[part].length - 2; i >= 0; i--) {
      const smaller = collapsePair(contract, part, i, fresh);
      if (smaller !== undefined) return collapseContract(smaller, fresh);
    }
  }
  return contract;
};
const collapsePair = (s: Contract, part: 'm' | 'n' | 'k', i: number, fresh: Fresh): Contract | undefined => {
  const joined = join(s[part][i], s[part][i + 1], fresh, (see) => {
    for (const e of s.init === undefined ? [s.a, s.b] : [s.a, s.b, s.init]) indicesOf(e, see);
    for (const axis of [...s.m, ...s.n, ...s.k]) see(axis.extent);
    indicesIn(s.then, see);
  });
  if (joined === undefined) return undefined;
  const axes: Axes = [...s[part].slice(0, i), joined.one, ...s[part].slice(i + 2)], r = onlyAxes(joined.where);
  const then: Block = replaceAxes(s.then, joined.where);
  return { ...s, [part]: axes, a: renameExpr(r, s.a), b: renameExpr(r, s.b), ...(s.init && { init: renameExpr(r, s.init) }), then };
};
