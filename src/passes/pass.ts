import type { Module } from '../ir/graph/syntax.ts';

/** A graph pass. It is pure but for `fired`, which it tells the name of every rule that it applies. */
export interface Pass {
  readonly name: string;
  readonly run: (module: Module, fired: (rule: string) => void) => Module;
}

/** What one pass did, for traces. */
export interface PassTrace {
  readonly pass: string;
  readonly ms: number;
  readonly before: Module;
  readonly after: Module;
  readonly fired: ReadonlyMap<string, number>;
}
