import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { Pass } from '../pass.ts';
import { masks } from './algebra.ts';
import { signRules } from './canonical.ts';
import { inlined } from './clean.ts';
import { isExponential, isMaxOf, isNonPositive, isShifted, isTop, underLogarithms } from './logs.ts';
import { inRange, pickExamples, pickOf } from './picks.ts';
import type { Span, Term, Terms } from './pattern.ts';
import { procedural, rewrite, rule, type Rule } from './rewrite.ts';
import { viewRules } from './views.ts';

// See Note [Before differentiation]

const refining = { class: 'refining' } as const;
const isBare = ({ axes }: Span, x: Node): boolean => !isShifted(x, axes);
const isOtherShift = ({ axes }: Span, x: Node, c: Node): boolean => !isTop(c, x, axes);

/** the largest along the axes, through which no derivative flows */
const top = (p: Terms, x: Term): Term => p.map('stopGradient', p.reduce('max', x));
/** the same where it is finite, else 0, so that the sum of no or of infinite exponentials stays what it is */
const finiteTop = (p: Terms, x: Term): Term => {
  const max = p.reduce('max', x);
  return p.map('stopGradient', p.map('select', p.map('eq', p.map('abs', max), Infinity), 0, max));
};
const share = (p: Terms, x: Term): Term => p.map('div', p.map('exp', x), p.spread(p.reduce('add', p.map('exp', x))));
const logSum = (p: Terms, x: Term): Term => p.map('log', p.reduce('add', p.map('exp', x)));
const less = (p: Terms, x: Term, narrow: Term): Term => p.map('sub', x, p.spread(narrow));

const softmax: readonly Rule[] = [
  rule('exp(x - c)/sum exp(x - c) = exp x/sum exp x', (p, x, c) => share(p, less(p, x, c)), (p, x) => share(p, x), { ...refining, where: isOtherShift }),
  rule('exp x/sum exp x = exp(x - max)/sum exp(x - max)', (p, x) => share(p, x), (p, x) => share(p, less(p, x, top(p, x))), { ...refining, where: isBare }),
  rule('log sum exp(x - max x) = (top - max x) + log sum exp(x - top)', (p, x, c) => logSum(p, less(p, x, c)),
    (p, x, c) => p.map('add', p.map('sub', top(p, x), c), logSum(p, less(p, x, top(p, x)))), { ...refining, where: ({ axes }, x, c) => isMaxOf(c, x, axes) }),
  rule('log sum exp(x - c) = (top - c) + log sum exp(x - top)', (p, x, c) => logSum(p, less(p, x, c)),
    (p, x, c) => p.map('add', p.map('sub', finiteTop(p, x), c), logSum(p, less(p, x, finiteTop(p, x)))), { ...refining, where: isOtherShift }),
  rule('log sum exp x = top + log sum exp(x - top)', (p, x) => logSum(p, x),
    (p, x) => p.map('add', logSum(p, less(p, x, finiteTop(p, x))), finiteTop(p, x)), { ...refining, where: isBare }),
  rule('(x - c) - ((top - c) + l) = (x - top) - l', (p, x, c, m, l) => less(p, less(p, x, c), p.map('add', p.map('sub', m, c), l)),
    (p, x, _, m, l) => less(p, less(p, x, m), l), { ...refining, where: ({ axes }, x, _, m) => isTop(m, x, axes) }),
  rule('c + ((stop c - c) + l) = stop c + l', (p, c, l) => p.map('add', c, p.map('add', p.map('sub', p.map('stopGradient', c), c), l)),
    (p, c, l) => p.map('add', p.map('stopGradient', c), l), refining),
  rule('x - (top + l) = (x - top) - l', (p, x, m, l) => less(p, x, p.map('add', m, l)),
    (p, x, m, l) => less(p, less(p, x, m), l), { ...refining, where: ({ axes }, x, m) => isTop(m, x, axes) }),
];

/** −|x|, its slope at 0 the second operand's: see Note [Ties] */
const fallLikeNeg = (p: Terms, x: Term): Term => p.map('min', x, p.map('neg', x));
const fallLikeX = (p: Terms, x: Term): Term => p.map('min', p.map('neg', x), x);
const logistic: readonly Rule[] = [
  rule('1/(1 + exp(-x)) = logistic x', (p, x) => p.map('div', 1, p.map('add', p.map('exp', p.map('neg', x)), 1)), (p, x) => p.map('logistic', x), refining),
  rule('exp x/(1 + exp x) = logistic x', (p, x) => p.map('div', p.map('exp', x), p.map('add', p.map('exp', x), 1)), (p, x) => p.map('logistic', x), refining),
  rule('log(logistic x) = min(x, 0) - log1p(exp(-|x|))', (p, x) => p.map('log', p.map('logistic', x)),
    (p, x) => p.map('sub', p.map('min', x, 0), p.map('log1p', p.map('exp', fallLikeNeg(p, x)))), refining),
  rule('log(1 - logistic x) = log(logistic(-x))', (p, x) => p.map('log', p.map('sub', 1, p.map('logistic', x))), (p, x) => p.map('log', p.map('logistic', p.map('neg', x))), refining),
  rule('log1p(-logistic x) = log(logistic(-x))', (p, x) => p.map('log1p', p.map('neg', p.map('logistic', x))), (p, x) => p.map('log', p.map('logistic', p.map('neg', x))), refining),
  rule('log1p(exp x) = max(x, 0) + log1p(exp(-|x|))', (p, x) => p.map('log1p', p.map('exp', x)),
    (p, x) => p.map('add', p.map('max', x, 0), p.map('log1p', p.map('exp', fallLikeX(p, x)))), { ...refining, when: (x) => !isNonPositive(x) }),
];

/** infinite operands of one sign have no difference, and need none */
const logAddExp = (p: Terms, x: Term, y: Term): Term => {
  const max = p.map('max', x, y), rest = p.map('log1p', p.map('exp', fallLikeX(p, p.map('sub', x, y))));
  return p.map('add', max, p.map('select', p.map('eq', p.map('abs', max), Infinity), 0, rest));
};
const logs: readonly Rule[] = [
  rule('log(exp x) = x', (p, x) => p.map('log', p.map('exp', x)), (_, x) => x, refining),
  rule('log(1 + exp x) = log1p(exp x)', (p, x) => p.map('log', p.map('add', p.map('exp', x), 1)), (p, x) => p.map('log1p', p.map('exp', x)), refining),
  rule('log(exp x + exp y) = max(x, y) + log1p(exp(-|x - y|))', (p, x, y) => p.map('log', p.map('add', p.map('exp', x), p.map('exp', y))), logAddExp, { ...refining, when: (x, y) => x !== y }),
  rule('log(1/x) = -log x', (p, x) => p.map('log', p.map('div', 1, x)), (p, x) => p.map('neg', p.map('log', x)), { ...refining, when: (x) => isExponential(x) }),
  rule('log(exp x/y) = x - log y', (p, x, y) => p.map('log', p.map('div', p.map('exp', x), y)), (p, x, y) => p.map('sub', x, p.map('log', y)), refining),
  rule('log(x/y) = log x - log y', (p, x, y) => p.map('log', p.map('div', x, y)), (p, x, y) => p.map('sub', p.map('log', x), p.map('log', y)), { ...refining, when: (x, y) => isExponential(x) || isExponential(y) }),
  rule('log(exp x*y) = x + log y', (p, x, y) => p.map('log', p.map('mul', p.map('exp', x), y)), (p, x, y) => p.map('add', x, p.map('log', y)), refining),
  rule('log(x*y) = log x + log y', (p, x, y) => p.map('log', p.map('mul', x, y)), (p, x, y) => p.map('add', p.map('log', x), p.map('log', y)), { ...refining, when: (x, y) => isExponential(x) || isExponential(y) }),
  rule('log select(c, x, y) = select(c, log x, log y)', (p, c, x, y) => p.map('log', p.map('select', c, x, y)), (p, c, x, y) => p.map('select', c, p.map('log', x), p.map('log', y)),
    { class: 'exact', when: (_, x, y) => isExponential(x) || isExponential(y) }),
];

const through = (view: Node, of: Node, b: Builder): Node => b.node(view.op, view.attrs, [of, ...view.inputs.slice(1)], { origins: view.origins });
const picks: readonly Rule[] = [
  procedural('log of a view = view of log', 'map', 'exact', ({ inputs: [x] }, b) => {
    const isView = x.op === 'reshape' || x.op === 'transpose' || x.op === 'slice' || x.op === 'reverse' || x.op === 'gather';
    return isView && isExponential(x) ? through(x, b.map('log', [x.inputs[0]]), b) : undefined;
  }, [
    (b, p) => b.map('log', [b.slice(b.map('logistic', [p([4])]), [1], [3])]),
    (b, p) => b.map('log', [b.gather(b.map('logistic', [p([4, 2])]), p([3], 'i32'))]),
  ], ['log']),
  procedural('log of a picked x = picked log x, or log 0 where none is', 'map', 'refining', ({ inputs: [x] }, b) => {
    const pick = isExponential(x) ? pickOf(x) : undefined;
    if (pick === undefined) return undefined;
    const picked = b.reduce('add', b.map('select', [pick.mask, b.map('log', [pick.of]), b.like(pick.of, 0)]), [pick.axis]);
    const rows = inRange(b, pick);
    return rows === undefined ? picked : b.map('select', [rows, picked, b.like(picked, -Infinity)]);
  }, pickExamples((b, p) => b.map('logistic', [p([3, 4])]), (b, x) => b.map('log', [x])), ['log']),
  procedural('contraction with a mask = sum of its choices', 'dotGeneral', 'reassociates', (n, b) => {
    const { batch, contract } = n.attrs;
    const isMask = n.inputs.some((x) => x.op === 'map' && x.attrs.fn === 'convert' && x.inputs[0].type.dtype === 'bool');
    const sides = n.inputs.map((x, i) => ({ x, perm: [...batch[i], ...contract[i]] }));
    if (!isMask || sides.some(({ x, perm }) => perm.length !== x.type.shape.length)) return undefined;
    const product = b.map('mul', sides.map(({ x, perm }) => b.transpose(x, perm)));
    return b.reduce('add', product, contract[0].map((_, i) => batch[0].length + i));
  }, [(b, p) => b.dotGeneral(b.convert(p([3, 4], 'bool'), 'f32'), p([4, 3]), { batch: [[0], [1]], contract: [[1], [0]] })]),
];
/** Forms that hold for large and small operands alike. Composites are seen through where a logarithm meets them. */
export const stabiliseRules: readonly Rule[] = [...softmax, ...logistic, ...logs, ...picks, ...masks];
const restate = rewrite('stabilise', [...viewRules, ...signRules, ...stabiliseRules]);
export const stabilise: Pass = {
  name: 'stabilise',
  run: (module, fired) => {
    const seen = underLogarithms(module);
    return restate.run(inlined(module, (node) => seen.has(node), () => fired('composite under a logarithm = body')), fired);
  },
};

// Note [Before differentiation]
// These rules restate the function, not its derivative: differentiating log Σ exp(x − max) gives softmax(x − max), while
// restating the derivative of log Σ exp x would have to find its way through quotients of infinities. The largest is under
// `stopGradient` because the value does not depend on it: what would flow through it is zero, but is not computed as zero.

// Note [Ties]
// max(x, 0) and |x| have a corner at 0 that log1p(exp(−|x|)) smooths away: at 0 their slopes must add up to the smooth
// function's. A tie of min or max gives the whole slope to the second operand, so that −|x| written as min(x, −x) falls
// with slope −1 at 0, and written as min(−x, x) with slope 1. With max(x, 0)′ = 0 at 0, softplus needs the latter: 0 + 1·σ(0).
