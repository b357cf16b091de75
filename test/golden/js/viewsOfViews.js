// main: 1 kernels, 0 bytes of temporaries

const k_map_0 = (b_x, b_y, b_out0) => {
  for (let i_i0 = 0; i_i0 < 20; i_i0++) {
    const p0 = Math.imul(-1, ((i_i0) % 5)) | 0;
    const p1 = ((i_i0) / 5 | 0) + Math.imul(-6, ((i_i0) % 5)) | 0;
    const v_v0 = p0 + 2 >= 0 ? b_x[p1 + 13] : 0;
    const v_v1 = p0 + 2 >= 0 ? v_v0 : 0;
    const v_v2 = b_y[i_i0];
    const v_add_3 = v_v1 + v_v2;
    b_out0[i_i0] = v_add_3;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_y = inputs[1];
    const m_out0 = outputs?.[0] ?? new Float32Array(20);
    k_map_0(m_x, m_y, m_out0);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = 'b24cac1d';
