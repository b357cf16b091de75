export * from '../ir/graph/bounds.ts';
