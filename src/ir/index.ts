/** 'fluxion/ir', the researchers' door: graphs as data, their text, rules, passes, scalar functions of one's own. */
export type { Attrs, Graph, Module, Node, OpName } from './graph/syntax.ts';
export { lowerModule as lower, type LowerOptions } from '../expr/lower/lower.ts';
export { printModule as print, type PrintOptions } from './graph/print.ts';
export { parseModule as parse, type ParseModuleOptions as ParseOptions } from './graph/parse.ts';
export { verifyModule as verify } from './graph/verify.ts';

export { rewrite, rule, type Rule, type RuleClass, type RuleOptions, type Side } from '../passes/graph/rewrite.ts';
export type { Span, Term, Terms } from '../passes/graph/pattern.ts';
export { scalarOp, type ScalarDefinition, type ScalarFunction } from '../expr/scalarOp.ts';

export type { Pass, PassTrace } from '../passes/pass.ts';
export { defaultPipeline as pipeline } from '../passes/graph/pipeline.ts';
export { runPasses, type RunOptions } from '../passes/run.ts';
