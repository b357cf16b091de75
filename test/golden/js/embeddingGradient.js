// main: 4 kernels, 128 bytes of temporaries

const k_map_0 = (b_d, b_t0) => {
  for (let i_i1_0 = 0; i_i1_0 < 12; i_i1_0++) {
    const v_v0 = b_d[i_i1_0];
    const v_tanh_1 = Math.tanh(v_v0);
    b_t0[i_i1_0] = v_tanh_1;
  }
};

const k_scatter_1 = (b_t1, b_at, b_t0) => {
  for (let i_i1_0 = 0; i_i1_0 < 15; i_i1_0++) {
    b_t1[i_i1_0] = 0;
  }
  let p0 = 0;
  for (let i_i2 = 0; i_i2 < 4; i_i2++) {
    const v_v4 = b_at[i_i2];
    const v_row5 = v_v4;
    const p2 = Math.imul(3, Math.min(Math.max(v_row5, 0), 4)) | 0;
    if ((v_row5 >= 0) && (v_row5 < (5))) {
      let p1 = p0;
      let p3 = p2;
      for (let i_i3 = 0; i_i3 < 3; i_i3++) {
        const v_v6 = b_t0[p1];
        b_t1[p3] += v_v6;
        p1 += 1;
        p3 += 1;
      }
    }
    p0 += 3;
  }
};

const k_map_2 = (b_t1, b_t2) => {
  for (let i_i1_0 = 0; i_i1_0 < 15; i_i1_0++) {
    const v_v0 = b_t1[i_i1_0];
    const v_mul_1 = v_v0 * v_v0;
    b_t2[i_i1_0] = v_mul_1;
  }
};

const k_scatter_3 = (b_t2, b_out0, b_far, b_e) => {
  for (let i_i1_0 = 0; i_i1_0 < 15; i_i1_0++) {
    const v_v2 = b_t2[i_i1_0];
    b_out0[i_i1_0] = v_v2;
  }
  let p0 = 0;
  for (let i_i3 = 0; i_i3 < 2; i_i3++) {
    const v_v5 = b_far[i_i3];
    const v_row6 = v_v5 | 0;
    const p2 = Math.imul(3, Math.min(Math.max(v_row6, 0), 4)) | 0;
    if ((v_row6 >= 0) && (v_row6 < (5))) {
      let p1 = p0;
      let p3 = p2;
      for (let i_i4 = 0; i_i4 < 3; i_i4++) {
        const v_v7 = b_e[p1];
        b_out0[p3] = Math.max(b_out0[p3], v_v7);
        p1 += 1;
        p3 += 1;
      }
    }
    p0 += 3;
  }
};

export const create = ({ arena = new ArrayBuffer(128) } = {}) => {
  const m_t0 = new Float32Array(arena, 64, 12);
  const m_t1 = new Float32Array(arena, 0, 15);
  const m_t2 = new Float32Array(arena, 64, 15);
  const run = (inputs, sizes, outputs) => {
    const m_at = inputs[0];
    const m_d = inputs[1];
    const m_far = inputs[2];
    const m_e = inputs[3];
    const m_out0 = outputs?.[0] ?? new Float32Array(15);
    k_map_0(m_d, m_t0);
    k_scatter_1(m_t1, m_at, m_t0);
    k_map_2(m_t1, m_t2);
    k_scatter_3(m_t2, m_out0, m_far, m_e);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = '431612b1';
