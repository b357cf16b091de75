import type { Guard, Index } from '../../core/affine.ts';
import { invariant } from '../../core/invariant.ts';
import type { Block, Expr, Kernel, Place, Stmt } from '../../ir/loop/syntax.ts';
import type { MonoidName } from '../../ir/monoids.ts';
import { scalarName, takesRounded } from '../../ir/scalars.ts';
import { larger, smaller, spellings } from './spell.ts';

/** A kernel of the program as gpu.js source, with what its arguments are, in order. */
export interface FlatSource {
  readonly name: string;
  readonly source: string;
  /** program parameters read, then symbols */
  readonly reads: readonly string[];
  readonly syms: readonly string[];
  /** whether infinity comes last: no mode compiles it as a literal, all take it as a number */
  readonly infinite: boolean;
  readonly output: string;
  readonly size: number;
}

/** three-address code, every variable initialised, literal loop bounds: what every mode of gpu.js compiles rightly */
export const emitKernel = (kernel: Kernel, syms: ReadonlyMap<string, number>): FlatSource => {
  const grid = kernel.body[0];
  invariant(kernel.body.length === 1 && grid.kind === 'for' && grid.mode.at === 'grid', `${kernel.name} is not flat`);
  const output = kernel.params.find((p) => p.access !== 'read');
  invariant(output !== undefined, `${kernel.name} stores nothing`);
  const reads = kernel.params.filter((p) => p !== output).map((p) => p.name);
  const w: Writer = { lines: [], used: new Set(), syms, registers: new Map(), next: 0 };
  w.lines.push(`const ${name(grid.axis)} = this.thread.x + 0.0;`);
  writeBlock(w, grid.body, 1);
  const used = [...syms.keys()].filter((s) => w.used.has(`sym:${s}`));
  const infinite = w.used.has(infinity), args = [...reads.map(name), ...used.map(symName), ...(infinite ? [infinity] : [])];
  const source = `function(${args.join(', ')}) {\n${w.lines.map((l) => `  ${l}`).join('\n')}\n}`;
  return { name: kernel.name, source, reads, syms: used, infinite, output: output.name, size: output.size };
};

interface Writer {
  readonly lines: string[]; readonly used: Set<string>; readonly syms: ReadonlyMap<string, number>;
  /** register buffers: one variable for each element */
  readonly registers: Map<string, number>;
  next: number;
}
const name = (id: string): string => `v_${id}`;
const symName = (sym: string): string => `n_${sym}`;
const pad = (depth: number): string => '  '.repeat(depth - 1);
const put = (w: Writer, depth: number, line: string): void => { w.lines.push(pad(depth) + line); };
const fresh = (w: Writer): string => `x${w.next++}`;

const infinity = 'infinity';
const literal = (value: number): string => {
  const text = String(Math.abs(value));
  const float = /[.e]/.test(text) ? text.replace(/^(\d+)e/, '$1.0e') : `${text}.0`;
  return value < 0 || Object.is(value, -0) ? `(-${float})` : float;
};

/** a constant; those that are no literals are made of infinity, which is an argument */
const constant = (w: Writer, value: number): string => {
  if (Number.isFinite(value)) return literal(value);
  w.used.add(infinity);
  return Number.isNaN(value) ? `(${infinity} - ${infinity})` : value > 0 ? infinity : `(-${infinity})`;
};

// ── indices: whole floats, exact to 2²⁴

const indexText = (w: Writer, index: Index): string => {
  const terms = index.terms.map(({ by, of }) => {
    const atom = ((): string => {
      switch (of.kind) {
        case 'axis': return name(of.axis);
        case 'size': w.used.add(`sym:${of.sym}`); return symName(of.sym);
        case 'data': return name(of.local);
        case 'floorDiv': return `Math.floor((${indexText(w, of.num)} + 0.5) / ${literal(of.den)})`;
        case 'mod': { const n = indexText(w, of.num); return `(${n} - ${literal(of.den)} * Math.floor((${n} + 0.5) / ${literal(of.den)}))`; }
      }
    })();
    return by === 1 ? atom : `${literal(by)} * ${atom}`;
  });
  if (index.bias !== 0 || terms.length === 0) terms.push(literal(index.bias));
  return terms.length === 1 ? terms[0] : `(${terms.join(' + ')})`;
};
const guardText = (w: Writer, guard: Guard): string =>
  guard.length === 0 ? 'true' : guard.map(({ is, of }) => (is === 'ge0' ? `${indexText(w, of)} > -0.5` : `Math.abs(${indexText(w, of)}) < 0.5`)).join(' && ');

// ── expressions

const placeText = (w: Writer, { buffer, at }: Place): string => {
  if (w.registers.has(buffer)) {
    invariant(at.every((i) => i.terms.length === 0), `${buffer} is indexed by a variable`);
    return `${name(buffer)}_${at.map((i) => i.bias).join('_')}`;
  }
  return `${name(buffer)}[${indexText(w, at[0])}]`;
};

/** an expression as an atom: a literal or a variable; what is composite gets a line of its own */
const atom = (w: Writer, expr: Expr, depth: number): string => {
  const text = exprText(w, expr, depth);
  if (expr.kind === 'local' || (expr.kind === 'const' && Number.isFinite(expr.value))) return text;
  const variable = fresh(w);
  put(w, depth, `const ${variable} = ${text};`);
  return variable;
};

/** what a rounding error may trip is compared as it is stored: `cpu` computes in doubles, and a value that another kernel stored was rounded */
const rounded = (w: Writer, expr: Expr, depth: number): string => {
  const text = atom(w, expr, depth);
  if (expr.kind !== 'local' && (expr.kind !== 'apply' || expr.dtype !== 'f32')) return text;
  const variable = fresh(w);
  put(w, depth, `const ${variable} = Math.fround(${text});`);
  return variable;
};

const exprText = (w: Writer, expr: Expr, depth: number): string => {
  switch (expr.kind) {
    case 'const': return constant(w, expr.value);
    case 'index': return indexText(w, expr.index);
    case 'local': return name(expr.local);
    case 'guard': return `(${guardText(w, expr.guard)} ? 1.0 : 0.0)`;
    case 'load': return loadText(w, expr, depth);
    case 'apply': {
      const rounds = typeof expr.fn === 'string' && takesRounded(expr.fn), args = expr.args.map((x) => (rounds ? rounded(w, x, depth) : atom(w, x, depth)));
      if (typeof expr.fn !== 'string') return `(${(expr.fn.spell.gpujs ?? '').replace(/\b[xyz]\b/g, (v) => args['xyz'.indexOf(v)])})`;
      const row = spellings[expr.fn];
      invariant('spell' in row, `${scalarName(expr.fn)} is refused here`);
      return row.spell(args, expr.dtype);
    }
  }
};

const loadText = (w: Writer, { from, guard, other }: Extract<Expr, { kind: 'load' }>, depth: number): string => {
  if (guard.length === 0) return placeText(w, from);
  const variable = fresh(w);
  put(w, depth, `let ${variable} = ${exprText(w, other, depth)};`);
  put(w, depth, `if (${guardText(w, guard)}) { ${variable} = ${placeText(w, from)}; }`);
  return variable;
};

// ── statements

const writeBlock = (w: Writer, block: Block, depth: number): void => { for (const stmt of block) writeStmt(w, stmt, depth); };

const writeStmt = (w: Writer, stmt: Stmt, depth: number): void => {
  switch (stmt.kind) {
    case 'let': return put(w, depth, `const ${name(stmt.local)} = ${exprText(w, stmt.value, depth)};`);
    case 'alloc': {
      const count = stmt.shape.reduce((a, b) => a * b, 1);
      w.registers.set(stmt.buffer, count);
      for (let i = 0; i < count; i++) put(w, depth, `let ${name(stmt.buffer)}_${i} = 0.0;`);
      return;
    }
    case 'store': {
      const value = exprText(w, stmt.value, depth);
      return put(w, depth, w.registers.has(stmt.to.buffer) ? `${placeText(w, stmt.to)} = ${value};` : `return ${value};`);
    }
    case 'fold': return writeFold(w, stmt, depth);
    case 'for': return writeLoop(w, stmt, depth);
    case 'if':
      put(w, depth, `if (${atom(w, stmt.test, depth)} > 0.5) {`);
      writeBlock(w, stmt.then, depth + 1);
      put(w, depth, '} else {');
      writeBlock(w, stmt.else, depth + 1);
      return put(w, depth, '}');
    case 'block': return writeBlock(w, stmt.body, depth);
    case 'contract': invariant(false, 'a contraction in a flat kernel');
  }
};

/** a run-time extent becomes a literal bound and a test: gpu.js cuts other loops off */
const writeLoop = (w: Writer, stmt: Extract<Stmt, { kind: 'for' }>, depth: number): void => {
  const axis = name(stmt.axis), counter = `${axis}_i`;
  const most = stmt.extent.terms.reduce((sum, { by, of }) => sum + by * (of.kind === 'size' ? w.syms.get(of.sym) ?? 0 : 0), stmt.extent.bias);
  put(w, depth, `for (let ${counter} = 0; ${counter} < ${most}; ${counter}++) {`);
  put(w, depth + 1, `const ${axis} = ${counter} + 0.0;`);
  const bounded = stmt.extent.terms.length > 0;
  if (bounded) put(w, depth + 1, `if (${axis} < ${indexText(w, stmt.extent)}) {`);
  writeBlock(w, stmt.body, depth + (bounded ? 2 : 1));
  if (bounded) put(w, depth + 1, '}');
  put(w, depth, '}');
};

const merges: { readonly [M in MonoidName]?: (state: string, x: string) => string } = {
  add: (s, x) => `${s} + ${x}`, mul: (s, x) => `${s} * ${x}`, max: (s, x) => larger(x, s), min: (s, x) => smaller(x, s),
  and: (s, x) => `${s} * ${x}`, or: (s, x) => `Math.max(${s}, ${x})`,
};
const writeFold = (w: Writer, { into, monoid, values }: Extract<Stmt, { kind: 'fold' }>, depth: number): void => {
  const merge = merges[monoid], places = into.map((p) => placeText(w, p)), args = values.map((v) => (merge === undefined ? rounded(w, v, depth) : atom(w, v, depth)));
  if (merge !== undefined) return put(w, depth, `${places[0]} = ${merge(places[0], args[0])};`);
  invariant(monoid === 'argMax' || monoid === 'argMin', `${monoid} has no spelling here`);
  const better = monoid === 'argMax' ? '>' : '<';
  // the first NaN wins, and nothing after it
  put(w, depth, `if (${places[0]} === ${places[0]} && (${places[1]} < 0.0 || ${args[0]} ${better} ${places[0]} || ${args[0]} !== ${args[0]})) {`);
  put(w, depth + 1, `${places[0]} = ${args[0]};`);
  put(w, depth + 1, `${places[1]} = ${args[1]};`);
  put(w, depth, '}');
};
