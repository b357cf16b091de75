import { treeLeaves, type Tensor } from '../index.ts';
import { shapeOf, showShape } from './layer.ts';

interface AnyModel { readonly input: Tensor<unknown>; readonly output: Tensor<unknown>; readonly params: unknown; readonly state: unknown }

/**
 * A table of a model's parameters: their paths, shapes and counts.
 * @example console.log(summary(model))
 */
export const summary = (m: AnyModel): string => {
  const rows = [...rowsOf('params', m.params), ...rowsOf('state', m.state)];
  const count = (part: string): number => rows.filter((r) => r.path.startsWith(part)).reduce((n, r) => n + r.count, 0);
  const widths = [Math.max(0, ...rows.map((r) => r.path.length)), Math.max(0, ...rows.map((r) => r.type.length))];
  return [
    `${showShape(shapeOf(m.input))} → ${showShape(shapeOf(m.output))}`,
    ...rows.map((r) => `  ${r.path.padEnd(widths[0])}  ${r.type.padEnd(widths[1])}  ${grouped(r.count)}`),
    `${grouped(count('params'))} parameters${count('state') > 0 ? `, ${grouped(count('state'))} numbers of state` : ''}`,
  ].join('\n');
};
interface Row { readonly path: string; readonly type: string; readonly count: number }
const rowsOf = (part: string, tree: unknown): readonly Row[] => treeLeaves({ [part]: tree }).map(({ path, value }) => ({
  path: path.join('.'), type: `${value.dtype} ${showShape(shapeOf(value))}`, count: shapeOf(value).reduce<number>((n, d) => n * Number(d), 1),
}));
const grouped = (n: number): string => n.toLocaleString('en-US');
