/** 'fluxion/ir', the researchers' door: graphs and loops as data, their text, and what one can hand to `compile` of one's own: rules, passes, fusion rules, schedules, scalar functions. */
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

export { fusionRule, type FusionDecision, type FusionRule, type MergeGroup, type ProposedMerge } from '../passes/plan/fusion.ts';
export { schedule, type Choices, type PlannedKernel, type Schedule } from '../passes/loop/choices.ts';
export type { LoopPass } from '../passes/loop/pipeline.ts';
export type { Target } from './target.ts';
export type { Block, Expr, Kernel, Program, Stage, Stmt } from './loop/syntax.ts';
export { mapKernels, mapStmts } from '../passes/loop/rewrite.ts';
export { printProgram as printLoops } from './loop/print.ts';
