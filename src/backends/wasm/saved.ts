import { byteSize } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Buffer, BufferId, Program } from '../../ir/loop/syntax.ts';
import { arrays, base64, constantText } from '../text.ts';
import { arenaAt, scratchAt, tableHead, tableOf, wordsAt } from './driver.ts';

const line = 64, page = 65536;
/** words that threads would share: a saved module runs on one */
const nobody = 0;

/**
 * A module as an ES module that needs nothing else, and no eval: `create()` makes a memory in which every buffer has its
 * place, and gives `run(inputs, sizes?)` over typed arrays. States stay in that memory: for them a run returns arrays that
 * the next one overwrites, and takes those arrays back without copying; other results are arrays of their own.
 */
export const savedText = (program: Program, bytes: Uint8Array, shared: boolean, scratchBytes: number): string => {
  const { arena, inputs, outputs, syms } = program, { addresses, sizes } = tableOf(program);
  invariant(arena !== undefined, 'memory has not been planned');
  const bufferOf = (id: BufferId): Buffer => { const b = program.buffers.get(id); invariant(b !== undefined, `no buffer ${id}`); return b; };
  let top = 1024;
  // vectors may be read a little beyond the end of what they are of
  const take = (size: number): number => { const at = top; top += Math.ceil((size + line) / line) * line; return at; };
  const table = take(4 * (tableHead + addresses.length + sizes.length)), places = addresses.map((id) => { const { dtype, layout: { size } } = bufferOf(id); return { dtype, size, at: take(size * byteSize[dtype]) }; });
  const head: number[] = [];
  head[arenaAt] = take(arena.bytes);
  head[scratchAt] = take(scratchBytes);
  head[wordsAt] = nobody;
  const pages = Math.ceil(top / page), firstSize = tableHead + addresses.length;
  const constants = addresses.flatMap((id, i) => { const b = bufferOf(id); return b.role === 'constant' ? [`  buffers[${i}].set(${constantText(b)});`] : []; });
  const owner = (id: BufferId): number => addresses.indexOf(bufferOf(id).sameAs ?? id);
  const results = outputs.map((id) => `buffers[${owner(id)}]${bufferOf(id).sameAs === undefined ? '.slice()' : ''}`);
  return `${[
    `export const wasm = '${base64(bytes)}';`, '',
    'export const create = () => {',
    `  const memory = new WebAssembly.Memory({ initial: ${pages}, maximum: ${pages}${shared ? ', shared: true' : ''} });`,
    '  const module = new WebAssembly.Module(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0)));',
    '  const { exports } = new WebAssembly.Instance(module, { env: { memory } });',
    '  const buffers = [',
    ...places.map(({ dtype, at, size }) => `    new ${arrays[dtype]}(memory.buffer, ${at}, ${size}),`),
    '  ];',
    ...constants,
    `  const table = new Int32Array(memory.buffer, ${table}, ${firstSize + sizes.length});`,
    `  table.set([${[...head, ...places.map((p) => p.at), ...syms.values()].join(', ')}]);`,
    `  const inputs = [${inputs.map(owner).join(', ')}];`,
    `  const run = (given, sizes${sizes.length > 0 ? ' = {}' : ''}) => {`,
    '    inputs.forEach((at, i) => { if (given[i] !== buffers[at]) buffers[at].set(given[i]); });',
    ...sizes.map((name, i) => `    table[${firstSize + i}] = sizes[${JSON.stringify(name)}] ?? ${syms.get(name) ?? 0};`),
    `    exports.run(${table}, 0, 1);`,
    `    return [${results.join(', ')}];`,
    '  };', '  return { run };', '};',
  ].join('\n')}\n`;
};
