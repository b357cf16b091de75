import { showGuard, showIndex, showName } from '../../core/affine.ts';
import type { DType } from '../../core/dtype.ts';
import { scalarName } from '../scalars.ts';
import { contractScope, declare, emptyScope, innerScope, kernelScope, resultDType } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Axes, Block, Buffer, BufferId, Expr, Kernel, KernelId, Layout, Mode, Place, Program, Step, Stmt } from './syntax.ts';

/*
 * The text form, which parse.ts reads back exactly:
 *
 *   program  = 'program' name ['(' sym '<=' int, … ')'] {line} 'steps' '{' {step} '}'
 *   line     = 'inputs' name, … | 'outputs' name, … | 'arena' bytes '{' name '@' offset, … '}' | buffer | kernel
 *   buffer   = 'buffer' name ':' dtype '[' index, … ']' [layout] role ['=' (name | number | '[' number, … ']')]
 *   layout   = ['order' '(' int, … ')' 'strides' '(' int, … ')'] ['offset' int] ['border' int]
 *   kernel   = 'kernel' name ('(' name ':' ('read' | 'write' | 'update') dtype '[' index, … ']', … ')' block | '=' name)
 *   step     = 'run' name '(' name, … ')' | 'barrier' | 'loop' axis '<' index ['while' name] '{' {step} '}'
 *            | 'branch' 'on' name '{' {'case' '{' {step} '}'} '}'
 *   block    = '{' {stmt} '}'
 *   stmt     = 'for' axis '<' index [mode] block | 'let' name '=' expr | 'store' place '=' expr ['if' guard]
 *            | 'alloc' ('register' | 'scratch') name ':' dtype '[' int, … ']'
 *            | 'fold' monoid 'into' place, … 'with' expr, … | 'if' expr block ['else' block] | 'block' ['outline' name] block
 *            | 'contract' 'm' axes 'n' axes 'k' axes name '=' expr '*' expr ['init' expr] block
 *   mode     = 'grid' ['(' int ')'] | 'unroll' ['(' 'fence' int ')'] | 'vector'
 *   axes     = '(' axis '<' index, … ')'
 *   place    = name '[' index, … ']'
 *   expr     = sums and products (+ - * /) of primaries
 *   primary  = number [':' dtype] | 'true' | 'false' | name | place ['if' guard 'else' expr] | '(' expr ')'
 *            | function [':' dtype] '(' expr, … ')' | 'index' '(' index ')' ':' dtype | 'guard' '(' guard ')'
 *   index    = sums and integer multiples of: axis | '%' sym | 'data' '(' local ',' int '..' int ')'
 *            | ('floorDiv' | 'mod') '(' index ',' int ')'
 *   guard    = 'true' | index ('>=' | '==' | '<=' | '<' | '>') index ['&&' guard]
 *
 * 1.0 is f32, 1 is i32; other literals carry their dtype. Functions carry it where the operands do not tell.
 * An `if` that continues a load or a store stands on the same line as what it continues,
 * or inside parentheses. `//` begins a comment.
 */

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
const list = (items: readonly string[]): string => items.join(', ');
const names = (items: readonly string[]): string => list(items.map(showName));

// ---- Expressions

/** A number so that it reads back exactly; 1.0 for f32, 1 for i32, anything else with its dtype. */
const printNumber = (value: number, dtype: DType): string => {
  if (dtype === 'bool' && (value === 0 || value === 1) && !Object.is(value, -0)) return value === 1 ? 'true' : 'false';
  const digits = plainNumber(value);
  if (dtype === 'i32' && Number.isInteger(value) && !digits.includes('e') && !Object.is(value, -0)) return digits;
  if (dtype === 'f32') return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
  return `${digits}:${dtype}`;
};
const plainNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
};

const infix: { readonly [fn: string]: readonly [sign: string, level: number] } = { add: ['+', 1], sub: ['-', 1], mul: ['*', 2], div: ['/', 2] };
const primary = 3;

const printPlace = (place: Place): string => `${showName(place.buffer)}[${list(place.at.map(showIndex))}]`;

/** In a scope, dtypes that it tells are left out; without one every function carries its own. */
export const printExpr = (expr: Expr, scope: Scope = emptyScope()): string => printAt(expr, scope, 0);

/** in parentheses where the expression binds less than `level` */
const printAt = (expr: Expr, scope: Scope, level: number): string => {
  switch (expr.kind) {
    case 'const': return printNumber(expr.value, expr.dtype);
    case 'index': return `index(${showIndex(expr.index)}):${expr.dtype}`;
    case 'guard': return `guard(${showGuard(expr.guard)})`;
    case 'local': return showName(expr.local);
    case 'load': return printLoad(expr, scope, level);
    case 'apply': return printApply(expr, scope, level);
  }
};

const printLoad = (load: Extract<Expr, { kind: 'load' }>, scope: Scope, level: number): string => {
  const { from, guard, other } = load;
  const usual = other.kind === 'const' && Object.is(other.value, 0) && other.dtype === scope.buffers.get(from.buffer);
  if (guard.length === 0 && usual) return printPlace(from);
  const text = `${printPlace(from)} if ${showGuard(guard)} else ${printAt(other, scope, 0)}`;
  return level > 0 ? `(${text})` : text;
};

const printApply = (apply: Extract<Expr, { kind: 'apply' }>, scope: Scope, level: number): string => {
  const name = scalarName(apply.fn);
  const told = resultDType(apply.fn, apply.args, scope) === apply.dtype;
  if (told && typeof apply.fn === 'string' && Object.hasOwn(infix, name) && apply.args.length === 2) {
    const [sign, own] = infix[name];
    const text = `${printAt(apply.args[0], scope, own)} ${sign} ${printAt(apply.args[1], scope, own + 1)}`;
    return own < level ? `(${text})` : text;
  }
  const spelt = typeof apply.fn === 'string' ? name : `@${showName(name)}`;
  return `${spelt}${told ? '' : `:${apply.dtype}`}(${list(apply.args.map((arg) => printAt(arg, scope, 0)))})`;
};

// ---- Statements

const printMode = (mode: Mode): string => {
  switch (mode.at) {
    case 'serial': return '';
    case 'grid': return ` grid(${mode.grain})`;
    case 'unroll': return mode.fence === undefined ? ' unroll' : ` unroll(fence ${mode.fence})`;
    case 'vector': return ' vector';
  }
};
const printAxes = (axes: Axes): string => `(${list(axes.map((a) => `${showName(a.axis)} < ${showIndex(a.extent)}`))})`;

const braced = (head: string, body: readonly string[]): readonly string[] => [`${head}{`, ...indent(body), '}'];

const printContract = (stmt: Extract<Stmt, { kind: 'contract' }>, scope: Scope): readonly string[] => {
  const product = `${printAt(stmt.a, scope, 2)} * ${printAt(stmt.b, scope, primary)}`;
  const init = stmt.init === undefined ? '' : ` init ${printAt(stmt.init, scope, 0)}`;
  const head = `contract m${printAxes(stmt.m)} n${printAxes(stmt.n)} k${printAxes(stmt.k)} ${showName(stmt.c)} = ${product}${init} `;
  return braced(head, printIn(stmt.then, contractScope(stmt, scope)));
};

const printIf = (stmt: Extract<Stmt, { kind: 'if' }>, scope: Scope): readonly string[] => {
  const then = braced(`if ${printExpr(stmt.test, scope)} `, printIn(stmt.then, innerScope(scope)));
  if (stmt.else.length === 0) return then;
  return [...then.slice(0, -1), '} else {', ...indent(printIn(stmt.else, innerScope(scope))), '}'];
};

/** The lines of a statement. */
export const printStmt = (stmt: Stmt, scope: Scope = emptyScope()): readonly string[] => {
  switch (stmt.kind) {
    case 'for': return braced(`for ${showName(stmt.axis)} < ${showIndex(stmt.extent)}${printMode(stmt.mode)} `, printIn(stmt.body, innerScope(scope)));
    case 'let': return [`let ${showName(stmt.local)} = ${printExpr(stmt.value, scope)}`];
    case 'alloc': return [`alloc ${stmt.space} ${showName(stmt.buffer)}: ${stmt.dtype}[${list(stmt.shape.map(String))}]`];
    case 'store': return [`store ${printPlace(stmt.to)} = ${printExpr(stmt.value, scope)}${stmt.guard.length === 0 ? '' : ` if ${showGuard(stmt.guard)}`}`];
    case 'fold': return [`fold ${stmt.monoid} into ${list(stmt.into.map(printPlace))} with ${list(stmt.values.map((v) => printExpr(v, scope)))}`];
    case 'if': return printIf(stmt, scope);
    case 'block': return braced(`block ${stmt.outline === undefined ? '' : `outline ${showName(stmt.outline)} `}`, printIn(stmt.body, innerScope(scope)));
    case 'contract': return printContract(stmt, scope);
  }
};

/** prints the statements, each in the scope that those before it leave; the scope is the block's own */
const printIn = (block: Block, scope: Scope): readonly string[] =>
  block.flatMap((stmt) => {
    const lines = printStmt(stmt, scope);
    declare(stmt, scope);
    return lines;
  });
export const printBlock = (block: Block, scope: Scope = emptyScope()): string => printIn(block, innerScope(scope)).join('\n');

// ---- Programs

export const printKernel = (kernel: Kernel): string => {
  const params = kernel.params.map((p) => `${showName(p.name)}: ${p.access} ${p.dtype}[${p.size}]`);
  return braced(`kernel ${showName(kernel.name)}(${list(params)}) `, printIn(kernel.body, kernelScope(kernel.params))).join('\n');
};

const printStep = (step: Step): readonly string[] => {
  switch (step.kind) {
    case 'run': return [`run ${showName(step.kernel)}(${names(step.args)})`];
    case 'barrier': return ['barrier'];
    case 'loop': {
      const head = `loop ${showName(step.axis)} < ${showIndex(step.extent)} ${step.while === undefined ? '' : `while ${showName(step.while)} `}`;
      return braced(head, step.body.flatMap(printStep));
    }
    case 'branch': return braced(`branch on ${showName(step.on)} `, step.cases.flatMap((body) => braced('case ', body.flatMap(printStep))));
  }
};

/** Strides of a dense array whose last axis lies innermost. */
export const rowMajor = (shape: readonly number[]): Layout => {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((n, size) => n * size, 1));
  return { order: shape.map((_, d) => d), strides, offset: 0, size: shape.reduce((n, size) => n * size, 1) };
};
const sameNumbers = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

/** the shape of a dense layout, which its size and strides determine */
const denseShape = ({ size, strides, order, offset }: Layout): readonly number[] | undefined => {
  const shape = strides.map((stride, d) => (d === 0 ? size : strides[d - 1]) / stride);
  const dense = rowMajor(shape);
  const same = offset === 0 && dense.size === size && sameNumbers(dense.strides, strides) && sameNumbers(dense.order, order);
  return same && shape.every(Number.isInteger) ? shape : undefined;
};

const printLayout = (layout: Layout): string => {
  const shape = denseShape(layout);
  const border = layout.border === undefined ? '' : ` border ${layout.border}`;
  if (shape !== undefined) return `[${list(shape.map(String))}]${border}`;
  return `[${layout.size}] order(${list(layout.order.map(String))}) strides(${list(layout.strides.map(String))}) offset ${layout.offset}${border}`;
};

const printValue = (value: NonNullable<Buffer['value']>): string =>
  typeof value === 'number' ? plainNumber(value) : `[${list(Array.from(value, plainNumber))}]`;

const printBuffer = (name: BufferId, b: Buffer): string => {
  const same = b.sameAs === undefined ? '' : ` = ${showName(b.sameAs)}`;
  const value = b.value === undefined ? '' : ` = ${printValue(b.value)}`;
  return `buffer ${showName(name)}: ${b.dtype}${printLayout(b.layout)} ${b.role}${same}${value}`;
};

/** The buffers that a caller passes and receives where the text does not list them. */
export const usualInputs = (buffers: Program['buffers']): readonly BufferId[] =>
  [...buffers].filter(([, b]) => (b.role === 'input' || b.role === 'state') && b.sameAs === undefined).map(([name]) => name);
export const usualOutputs = (buffers: Program['buffers']): readonly BufferId[] =>
  [...buffers].filter(([, b]) => b.role === 'output').map(([name]) => name);

const printHeader = (p: Program): readonly string[] => {
  const syms = [...p.syms].map(([sym, max]) => `${showName(sym)} <= ${plainNumber(max)}`);
  const lines = [`program ${showName(p.name)}${syms.length === 0 ? '' : ` (${list(syms)})`}`];
  if (names(p.inputs) !== names(usualInputs(p.buffers))) lines.push(`inputs ${names(p.inputs)}`.trimEnd());
  if (names(p.outputs) !== names(usualOutputs(p.buffers))) lines.push(`outputs ${names(p.outputs)}`.trimEnd());
  if (p.arena !== undefined) {
    lines.push(`arena ${p.arena.bytes} { ${list([...p.arena.offsets].map(([name, at]) => `${showName(name)} @ ${at}`))} }`);
  }
  return lines;
};

/** one that has another name already goes by that */
const printKernels = (kernels: Program['kernels']): readonly string[] => {
  const known = new Map<Kernel, KernelId>();
  return [...kernels].map(([id, kernel]) => {
    const before = known.get(kernel);
    if (before !== undefined) return `\nkernel ${showName(id)} = ${showName(before)}`;
    known.set(kernel, id);
    return `\n${printKernel({ ...kernel, name: id })}`;
  });
};

/** The program as text; `parseProgram` gives it back. */
export const printProgram = (p: Program): string => [
  ...printHeader(p),
  ...[...p.buffers].map(([name, b]) => printBuffer(name, b)),
  ...printKernels(p.kernels),
  '',
  ...braced('steps ', p.steps.flatMap(printStep)),
  '',
].join('\n');
