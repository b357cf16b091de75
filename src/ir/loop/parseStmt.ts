import type { AxisId } from '../../core/affine.ts';
import { monoids } from '../monoids.ts';
import type { MonoidName } from '../monoids.ts';
import { accept, atEnd, braces, comes, commaList, expect, integer, listUntil, name, next, sameLine, word } from '../lexer.ts';
import type { Cursor } from '../lexer.ts';
import { parseContracted, parseComputed, parseExprAt, parseExprs, parseGuardAt, parseIndexAt, parsePlace } from './parseExpr.ts';
import type { Names } from './parseExpr.ts';
import { contractScope, declare, innerScope } from './scope.ts';
import type { Axes, Block, Mode, Stmt } from './syntax.ts';

const inner = (names: Names, axes: readonly AxisId[] = []): Names =>
  ({ ...names, scope: innerScope(names.scope), axes: axes.length === 0 ? names.axes : new Set([...names.axes, ...axes]) });

/** { stmt … } in a scope of its own, which `names` must already be. */
export const parseBlock = (c: Cursor, names: Names): Block => braces(c, () => parseStmt(c, names));
/** stmt … up to the end of the text */
export const parseSequence = (c: Cursor, names: Names): Block => {
  const stmts: Stmt[] = [];
  while (!atEnd(c)) {
    stmts.push(parseStmt(c, names));
    while (accept(c, ';'));
  }
  return stmts;
};

const parseStmt = (c: Cursor, names: Names): Stmt => {
  const stmt = statements[word(c, statementWords, 'a statement')](c, names);
  declare(stmt, names.scope);
  return stmt;
};

const statements: { readonly [K in Stmt['kind']]: (c: Cursor, names: Names) => Stmt } = {
  for: (c, names) => {
    const axis = name(c, 'an axis');
    expect(c, '<');
    const extent = parseIndexAt(c, names), mode = parseMode(c);
    return { kind: 'for', axis, extent, mode, body: parseBlock(c, inner(names, [axis])) };
  },
  let: (c, names) => {
    const local = name(c, 'a local');
    expect(c, '=');
    return { kind: 'let', local, value: parseExprAt(c, names) };
  },
  alloc: (c) => {
    const space = word(c, ['register', 'scratch'], 'a space');
    const buffer = name(c, 'a buffer');
    expect(c, ':');
    const dtype = parseComputed(c);
    expect(c, '[');
    return { kind: 'alloc', buffer, space, dtype, shape: listUntil(c, ']', () => integer(c)) };
  },
  store: (c, names) => {
    const to = parsePlace(c, names);
    expect(c, '=');
    const value = parseExprAt(c, names);
    const guarded = comes(c, 'if') && sameLine(c);
    if (guarded) next(c);
    return { kind: 'store', to, guard: guarded ? parseGuardAt(c, names) : [], value };
  },
  fold: (c, names) => {
    // SAFETY: the words allowed are the table's keys
    const monoid = word(c, Object.keys(monoids) as readonly MonoidName[], 'a monoid');
    expect(c, 'into');
    const into = commaList(c, () => parsePlace(c, names));
    expect(c, 'with');
    return { kind: 'fold', into, monoid, values: parseExprs(c, names) };
  },
  if: (c, names) => {
    const test = parseExprAt(c, names), then = parseBlock(c, inner(names));
    return { kind: 'if', test, then, else: accept(c, 'else') ? parseBlock(c, inner(names)) : [] };
  },
  block: (c, names) => {
    const outline = accept(c, 'outline') ? name(c) : undefined;
    const body = parseBlock(c, inner(names));
    return outline === undefined ? { kind: 'block', body } : { kind: 'block', outline, body };
  },
  contract: (c, names) => parseContract(c, names),
};

// SAFETY: the table's keys are the kinds of statements
const statementWords = Object.keys(statements) as readonly Stmt['kind'][];

const parseMode = (c: Cursor): Mode => {
  if (accept(c, 'vector')) return { at: 'vector' };
  if (accept(c, 'grid')) return { at: 'grid', grain: accept(c, '(') ? closed(c, () => integer(c)) : 1 };
  if (!accept(c, 'unroll')) return { at: 'serial' };
  if (!accept(c, '(')) return { at: 'unroll' };
  return { at: 'unroll', fence: closed(c, () => (expect(c, 'fence'), integer(c))) };
};
const closed = <A>(c: Cursor, item: () => A): A => {
  const value = item();
  expect(c, ')');
  return value;
};

const parseAxes = (c: Cursor, names: Names, which: string): Axes => {
  expect(c, which);
  expect(c, '(');
  return listUntil(c, ')', () => {
    const axis = name(c, 'an axis');
    expect(c, '<');
    return { axis, extent: parseIndexAt(c, names) };
  });
};

const parseContract = (c: Cursor, outer: Names): Stmt => {
  const m = parseAxes(c, outer, 'm');
  const n = parseAxes(c, inner(outer, m.map((x) => x.axis)), 'n');
  const tile = inner(outer, [...m, ...n].map((x) => x.axis));
  const k = parseAxes(c, tile, 'k');
  const local = name(c, 'a local');
  expect(c, '=');
  const [a, b] = parseContracted(c, inner(tile, k.map((x) => x.axis)));
  const init = accept(c, 'init') ? { init: parseExprAt(c, tile) } : {};
  const head: Extract<Stmt, { kind: 'contract' }> = { kind: 'contract', m, n, k, a, b, c: local, ...init, then: [] };
  return { ...head, then: parseBlock(c, { ...tile, scope: contractScope(head, tile.scope) }) };
};
