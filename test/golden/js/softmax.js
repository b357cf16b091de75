// main: 1 kernels, 0 bytes of temporaries

const k_rows_0 = (b_x, b_out0, s_row0_0) => {
  let p1 = 0;
  for (let i_i0 = 0; i_i0 < 3; i_i0++) {
    let r_acc1_0 = 0;
    r_acc1_0 = -Infinity;
    let p2 = p1;
    for (let i_i1_0 = 0; i_i1_0 < 5; i_i1_0++) {
      const v_v2 = b_x[p2];
      r_acc1_0 = Math.max(r_acc1_0, v_v2);
      s_row0_0[i_i1_0] = v_v2;
      p2 += 1;
    }
    const v_r3 = r_acc1_0;
    let r_acc4_0 = 0;
    r_acc4_0 = 0;
    for (let i_i1_1 = 0; i_i1_1 < 5; i_i1_1++) {
      const v_v5 = s_row0_0[i_i1_1];
      const v_sub_6 = v_v5 - v_r3;
      const v_exp_7 = Math.exp(v_sub_6);
      r_acc4_0 += v_exp_7;
      s_row0_0[i_i1_1] = v_exp_7;
    }
    const v_r8 = r_acc4_0;
    let p3 = p1;
    for (let i_i1_2 = 0; i_i1_2 < 5; i_i1_2++) {
      const v_v9 = s_row0_0[i_i1_2];
      const v_div_10 = v_v9 / v_r8;
      b_out0[p3] = v_div_10;
      p3 += 1;
    }
    p1 += 5;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const k_rows_0_s_row0_0 = new Float32Array(5);
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_out0 = outputs?.[0] ?? new Float32Array(15);
    k_rows_0(m_x, m_out0, k_rows_0_s_row0_0);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = '68d01265';
