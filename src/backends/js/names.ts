/*
 * Names in the generated text. Each kind has a prefix of its own, so that no name of a program meets a word of
 * JavaScript or a name of another kind; characters that no identifier has are written by their code.
 */
const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, (c) => `$${c.charCodeAt(0).toString(16)}$`);

export const axisName = (axis: string): string => `i_${identifier(axis)}`;
export const sizeName = (sym: string): string => `n_${identifier(sym)}`;
export const localName = (local: string): string => `v_${identifier(local)}`;
export const paramName = (param: string): string => `b_${identifier(param)}`;
export const bufferName = (buffer: string): string => `m_${identifier(buffer)}`;
export const kernelName = (kernel: string): string => `k_${identifier(kernel)}`;
/** a cell of a register array, or a scratch array */
export const cellName = (buffer: string, at: readonly number[]): string => `r_${identifier(buffer)}_${at.join('_')}`;
export const scratchName = (buffer: string): string => `s_${identifier(buffer)}`;
