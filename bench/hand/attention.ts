import { get, i32, type Code, type Local } from '../../src/backends/wasm/code.ts';
import type { AttentionProblem } from '../problems.ts';
import { backwardOf } from './attentionBackward.ts';
import { onlineForward } from './attentionOnline.ts';
import { rowsForward } from './attentionRows.ts';
import { handProgram, type HandProgram, type Written } from './program.ts';
import { range, type Callee, type HandModule } from './wasm/module.ts';
import { share } from './wasm/threads.ts';

/** Addresses of the arrays [heads, length, width]; `top` is each row's logarithm of its sum of exponentials, `dots` its sum of out·dOut. */
export interface Arrays { readonly q: number; readonly k: number; readonly v: number; readonly out: number; readonly dOut: number; readonly dq: number; readonly dk: number; readonly dv: number; readonly top: number; readonly dots: number }
export interface Shape { readonly length: number; readonly width: number; readonly causal: boolean }
/** a part writes itself as a function of a head and of the thread's scratch, of which it takes so many bytes */
export interface HeadPart { readonly call: Callee; readonly scratchBytes: number }
export type Part = (module: HandModule, arrays: Arrays, shape: Shape) => HeadPart;

/** What is known before the backward pass alone: the output, and each row's logarithm of its sum. */
export interface Known { readonly out: Float32Array; readonly top: Float32Array }

/**
 * Attention by heads, fused by hand: blocks of rows by all columns, or by blocks of columns (`online`); with `backward`
 * the gradients too, or those alone where the forward pass's results are given. Each thread takes half of the heads.
 */
export const handAttention = ({ heads, length, width, causal, backward, ...data }: AttentionProblem, threads: number, { online = false, known }: { readonly online?: boolean; readonly known?: Known } = {}): Promise<HandProgram> =>
  handProgram(threads, (module): Written => {
    const size = heads * length * width, place = (): number => module.place(size), rows = (): number => module.place(heads * length);
    const arrays: Arrays = { q: place(), k: place(), v: place(), out: place(), dOut: place(), dq: place(), dk: place(), dv: place(), top: rows(), dots: rows() }, shape: Shape = { length, width, causal };
    const parts = [...(known === undefined ? [online ? onlineForward : rowsForward] : []), ...(backward ? [backwardOf] : [])].map((part) => part(module, arrays, shape));
    const scratch = Array.from({ length: threads }, () => module.place(Math.max(...parts.map((p) => p.scratchBytes)) / 4));
    const several = module.define('heads', ['i32', 'i32', 'i32'], (fn, from, to, room) => {
      const head: Local = fn.local('i32');
      return range(head, get(from), get(to), 1, parts.map(({ call }): Code => call(get(head), get(room))));
    });
    const result = (at: number) => ({ at, length: size });
    return {
      inputs: [...(['q', 'k', 'v', 'dOut'] as const).map((name) => ({ at: arrays[name], data: data[name] })), ...(known === undefined ? [] : [{ at: arrays.out, data: known.out }, { at: arrays.top, data: known.top }])],
      outputs: { out: result(arrays.out), top: { at: arrays.top, length: heads * length }, ...(backward && { dq: result(arrays.dq), dk: result(arrays.dk), dv: result(arrays.dv) }) },
      body: (thread) => several(i32.const(share(heads, thread, threads, 1)), i32.const(share(heads, thread + 1, threads, 1)), i32.const(scratch[thread])),
    };
  });
