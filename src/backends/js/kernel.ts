import { leaves, range, type Index } from '../../core/affine.ts';
import type { Computed } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Block, BufferId, Kernel, Stmt } from '../../ir/loop/syntax.ts';
import { foldText, isPlain } from './folds.ts';
import { axisName, cellName, kernelName, localName, scratchName, sizeName } from './names.ts';
import { bare, exprText, roundedText, testText } from './values.ts';
import { createWriter, declareLocal, dtypeOf, isHalfPlace, loadText, placeText, put, storeText, within, type Scratch, type Writer } from './writer.ts';

/** A kernel as a function of typed arrays; `free`: sizes and axes of the steps around it, which it takes as numbers. */
export interface KernelText { readonly name: string; readonly args: readonly string[]; readonly body: string; readonly free: readonly string[]; readonly scratch: readonly Scratch[]; readonly helpers: ReadonlySet<string> }

export const emitKernel = (kernel: Kernel, syms: ReadonlyMap<string, number>, stepAxes: readonly string[]): KernelText => {
  const w = createWriter(kernel, syms);
  const folded = foldedIn(kernel.body);
  for (const s of kernel.body) writeStmt(w, s, folded);
  const { lines } = w.scopes[0], used = new Set(lines.flatMap((line) => line.match(/\b[in]_[\w$]+/g) ?? []));
  const free = [...[...syms.keys()].map(sizeName), ...stepAxes.map(axisName)].filter((name) => used.has(name));
  const args = [...kernel.params.map((p) => placeName(w, p.name)), ...w.scratch.map((s) => s.name), ...free];
  return { name: kernelName(kernel.name), args, body: lines.map((l) => `  ${l}`).join('\n'), free, scratch: w.scratch, helpers: w.helpers };
};
const placeName = (w: Writer, buffer: BufferId): string => w.memory.get(buffer)?.name ?? buffer;

/** buffers that hold running values: in doubles, as registers do */
const foldedIn = (block: Block): ReadonlySet<BufferId> => {
  const folded = new Set<BufferId>(), pending: Stmt[] = [...block];
  for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
    if (s.kind === 'fold') s.into.forEach((place) => folded.add(place.buffer));
    if (s.kind === 'for' || s.kind === 'block') pending.push(...s.body);
    if (s.kind === 'if') pending.push(...s.then, ...s.else);
  }
  return folded;
};

const writeAll = (w: Writer, block: Block, folded: ReadonlySet<BufferId>): void => block.forEach((s) => writeStmt(w, s, folded));

const writeStmt = (w: Writer, s: Stmt, folded: ReadonlySet<BufferId>): void => {
  switch (s.kind) {
    case 'let': {
      const text = bare(exprText(w, s.value));
      declareLocal(w, s.local, s.value);
      return put(w, `const ${localName(s.local)} = ${text};`);
    }
    case 'alloc': return writeAlloc(w, s, folded);
    case 'store': {
      if (s.guard.length === 0) return put(w, storing(w, s));
      return writeBranches(w, w.index.guard(s.guard), within(w, undefined, () => put(w, storing(w, s))));
    }
    case 'fold': return writeFold(w, s);
    case 'for': return writeFor(w, s, folded);
    case 'if': return writeBranches(w, testText(w, s.test), within(w, undefined, () => writeAll(w, s.then, folded)), within(w, undefined, () => writeAll(w, s.else, folded)));
    case 'block': {
      const lines = within(w, undefined, () => writeAll(w, s.body, folded));
      return ['{', ...lines, '}'].forEach((line) => put(w, line));
    }
    case 'contract': invariant(false, 'a contraction that was not tiled');
  }
};

/** the branches are written before their frame is: what their indices share with what comes later stands in front of it */
const writeBranches = (w: Writer, test: string, then: readonly string[], otherwise: readonly string[] = []): void =>
  [`if (${test}) {`, ...then, ...(otherwise.length > 0 ? ['} else {', ...otherwise] : []), '}'].forEach((line) => put(w, line));

const storing = (w: Writer, { to, value }: Extract<Stmt, { kind: 'store' }>): string => {
  const text = bare(exprText(w, value));
  return storeText(w, to, text);
};

const heldAs = (dtype: Computed, folded: boolean): Computed => (dtype === 'f32' && folded ? 'f64' : dtype);

const writeAlloc = (w: Writer, { buffer, space, dtype, shape }: Extract<Stmt, { kind: 'alloc' }>, folded: ReadonlySet<BufferId>): void => {
  const size = shape.reduce((a, b) => a * b, 1);
  if (space === 'scratch') {
    const name = w.fresh(`${scratchName(buffer)}_`), held = heldAs(dtype, folded.has(buffer));
    w.scratch.push({ name, dtype: held, size });
    w.memory.set(buffer, { dtype, stored: held, at: 'scratch', name, shape, exact: held === dtype });
    return;
  }
  w.memory.set(buffer, { dtype, stored: dtype, at: 'register', name: buffer, shape, exact: dtype !== 'f32' });
  const cells = shape.reduce<readonly (readonly number[])[]>((all, d) => all.flatMap((at) => Array.from({ length: d }, (_, i) => [...at, i])), [[]]);
  if (cells.length > 0) put(w, `let ${cells.map((at) => `${cellName(buffer, at)} = 0`).join(', ')};`);
};

const writeFold = (w: Writer, s: Extract<Stmt, { kind: 'fold' }>): void => {
  const dtype = dtypeOf(w, s.values[0]), jumps = s.monoid === 'argMax' || s.monoid === 'argMin';
  if (s.into.some((p) => isHalfPlace(w, p))) return writeHalfFold(w, s);
  if (isPlain(s.monoid)) {
    const values = s.values.map((v) => bare(exprText(w, v)));
    return foldText(s.monoid, s.into.map((p) => placeText(w, p)), values, dtype, false).forEach((line) => put(w, line));
  }
  const lines = within(w, undefined, () => {
    const names = s.values.map((v) => { const name = w.fresh('x'); put(w, `const ${name} = ${bare(jumps ? roundedText(w, v) : exprText(w, v))};`); return name; });
    const lifted = jumps && s.values[1].kind === 'index';
    foldText(s.monoid, s.into.map((p) => placeText(w, p)), names, dtype, lifted).forEach((line) => put(w, line));
  });
  ['{', ...lines, '}'].forEach((line) => put(w, line));
};

/** a running value of 16 bits is read, merged and put back; of those no state has two */
const writeHalfFold = (w: Writer, s: Extract<Stmt, { kind: 'fold' }>): void => {
  const [into] = s.into, state = w.fresh('x'), dtype = dtypeOf(w, s.values[0]);
  invariant(s.into.length === 1, 'a state of several numbers is not kept in halves');
  const lines = within(w, undefined, () => {
    const values = s.values.map((v) => bare(exprText(w, v)));
    put(w, `let ${state} = ${loadText(w, into)};`);
    [...foldText(s.monoid, [state], values, dtype, false), storeText(w, into, state)].forEach((line) => put(w, line));
  });
  ['{', ...lines, '}'].forEach((line) => put(w, line));
};

const writeFor = (w: Writer, s: Extract<Stmt, { kind: 'for' }>, folded: ReadonlySet<BufferId>): void => {
  const axis = axisName(s.axis), limit = limitText(w, s.extent), before = w.axes.get(s.axis);
  w.axes.set(s.axis, { lo: 0, hi: Math.max(0, range(s.extent, w.bounds).hi - 1) });
  const lines = within(w, s.axis, () => writeAll(w, s.body, folded));
  if (before === undefined) w.axes.delete(s.axis);
  else w.axes.set(s.axis, before);
  [`for (let ${axis} = 0; ${axis} < ${limit}; ${axis}++) {`, ...lines, '}'].forEach((line) => put(w, line));
};
const limitText = (w: Writer, extent: Index): string => {
  const text = w.index.text(extent);
  if (leaves(extent).length === 0 || /^\w+$/.test(text)) return text;
  const name = w.fresh('e');
  put(w, `const ${name} = ${text};`);
  return name;
};
