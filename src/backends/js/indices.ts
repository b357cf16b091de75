import { range, showIndex, type Atom, type Bounds, type Guard, type Index, type Term } from '../../core/affine.ts';
import { axisName, localName, sizeName } from './names.ts';

/** An open scope while a kernel is written: its lines, what it computes for its indices, what ends an iteration. */
export interface LoopScope {
  readonly axis: string | undefined;
  readonly lines: string[];
  readonly known: Map<string, string>;
  readonly advances: string[];
}
export const openScope = (axis?: string): LoopScope => ({ axis, lines: [], known: new Map(), advances: [] });

/**
 * Writes indices without a multiplication in a loop: what moves with a loop's axis is a variable that starts before the
 * loop and is advanced at the end of each iteration, shared by all indices that differ by a constant only.
 */
export interface IndexWriter { readonly text: (index: Index) => string; readonly guard: (guard: Guard) => string }

export interface IndexScope {
  readonly scopes: readonly LoopScope[];
  readonly fresh: () => string;
  readonly bounds: Bounds;
  /** the scope that declares the local */
  readonly depthOf: (local: string) => number;
  /** whether the local is known to lie within lo … hi already */
  readonly lies: (local: string, lo: number, hi: number) => boolean;
}

export const createIndexWriter = (s: IndexScope): IndexWriter => {
  const depthOf = (atom: Atom): number => {
    switch (atom.kind) {
      case 'axis': return Math.max(0, s.scopes.findIndex((scope) => scope.axis === atom.axis));
      case 'size': return 0;
      case 'data': return s.depthOf(atom.local);
      case 'floorDiv': case 'mod': return Math.max(0, ...atom.num.terms.map((t) => depthOf(t.of)));
    }
  };
  const atomText = (atom: Atom): string => {
    switch (atom.kind) {
      case 'axis': return axisName(atom.axis);
      case 'size': return sizeName(atom.sym);
      case 'data': {
        const name = localName(atom.local);
        return s.lies(atom.local, atom.lo, atom.hi) ? name : `Math.min(Math.max(${name}, ${atom.lo}), ${atom.hi})`;
      }
      case 'floorDiv': return divisionText(atom.num, atom.den, 'quotient');
      case 'mod': return divisionText(atom.num, atom.den, 'remainder');
    }
  };
  const divisionText = (num: Index, den: number, want: 'quotient' | 'remainder'): string => {
    const x = text(num), natural = range(num, s.bounds).lo >= 0, shift = Math.log2(den);
    if (Number.isInteger(shift) && shift < 31) return want === 'quotient' ? `((${x}) >> ${shift})` : `((${x}) & ${den - 1})`;
    if (natural) return want === 'quotient' ? `((${x}) / ${den} | 0)` : `((${x}) % ${den})`;
    return want === 'quotient' ? `Math.floor((${x}) / ${den})` : `(((${x}) % ${den} + ${den}) % ${den})`;
  };
  const product = ({ by, of }: Term): string => (by === 1 ? atomText(of) : of.kind === 'size' ? `${by} * ${atomText(of)}` : `Math.imul(${by}, ${atomText(of)})`);

  /** the sum of the terms, which no scope deeper than `depth` changes; undefined is 0 */
  const sum = (terms: readonly Term[], depth: number): string | undefined => {
    if (terms.length === 0) return undefined;
    const own = terms.filter((t) => depthOf(t.of) === depth);
    if (depth === 0) return sizes(own);
    const outer = terms.filter((t) => depthOf(t.of) < depth), scope = s.scopes[depth];
    if (own.length === 0) return sum(outer, depth - 1);
    const [first] = own;
    const alone = own.length === 1 && first.by === 1 && outer.length === 0 && first.of.kind === 'axis';
    if (alone) return atomText(first.of);
    const key = showIndex({ bias: 0, terms }), known = scope.known.get(key);
    if (known !== undefined) return known;
    const moving = own.find(({ of }) => of.kind === 'axis'), name = own.length === 1 && moving !== undefined ? advancing(moving, outer, depth) : fixed(own, outer, moving, depth);
    scope.known.set(key, name);
    return name;
  };
  const sizes = (terms: readonly Term[]): string => {
    const key = showIndex({ bias: 0, terms }), [scope] = s.scopes, known = scope.known.get(key);
    if (known !== undefined) return known;
    const value = terms.map(product).join(' + ').replaceAll('+ -', '- ');
    if (terms.length === 1 && terms[0].by === 1) return value;
    const name = s.fresh();
    scope.lines.push(`const ${name} = ${value} | 0;`);
    scope.known.set(key, name);
    return name;
  };
  const advancing = ({ by }: Term, outer: readonly Term[], depth: number): string => {
    const start = sum(outer, depth - 1) ?? '0', name = s.fresh();
    s.scopes[depth - 1].lines.push(`let ${name} = ${start};`);
    s.scopes[depth].advances.push(by > 0 ? `${name} += ${by};` : `${name} -= ${-by};`);
    return name;
  };
  const fixed = (own: readonly Term[], outer: readonly Term[], moving: Term | undefined, depth: number): string => {
    const base = moving === undefined ? sum(outer, depth - 1) : sum([...outer, moving], depth);
    const value = [...(base === undefined ? [] : [base]), ...own.filter((t) => t !== moving).map(product)].join(' + '), name = s.fresh();
    s.scopes[depth].lines.push(`const ${name} = ${value} | 0;`);
    return name;
  };
  const text = (index: Index): string => {
    const base = sum(index.terms, Math.max(0, ...index.terms.map((t) => depthOf(t.of))));
    if (base === undefined) return String(index.bias);
    return index.bias === 0 ? base : index.bias > 0 ? `${base} + ${index.bias}` : `${base} - ${-index.bias}`;
  };
  return {
    text,
    guard: (guard) => (guard.length === 0 ? 'true' : guard.map(({ is, of }) => `${text(of)} ${is === 'ge0' ? '>= 0' : '=== 0'}`).join(' && ')),
  };
};
