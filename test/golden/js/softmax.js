// main: 1 kernels, 0 bytes of temporaries

const k_rows_0 = (b_x, b_out0) => {
  let p0 = 0;
  for (let i_i0 = 0; i_i0 < 3; i_i0++) {
    let r_acc0_0 = 0;
    r_acc0_0 = -Infinity;
    let p1 = p0;
    for (let i_i1_0 = 0; i_i1_0 < 5; i_i1_0++) {
      const v_v1 = b_x[p1];
      r_acc0_0 = Math.max(r_acc0_0, v_v1);
      p1 += 1;
    }
    const v_r2 = r_acc0_0;
    let r_acc3_0 = 0;
    r_acc3_0 = 0;
    let p2 = p0;
    for (let i_i1_1 = 0; i_i1_1 < 5; i_i1_1++) {
      const v_v4 = b_x[p2];
      const v_sub_5 = v_v4 - v_r2;
      const v_exp_6 = Math.exp(v_sub_5);
      r_acc3_0 += v_exp_6;
      p2 += 1;
    }
    const v_r7 = r_acc3_0;
    let p3 = p0;
    for (let i_i1_2 = 0; i_i1_2 < 5; i_i1_2++) {
      const v_v8 = b_x[p3];
      const v_sub_9 = v_v8 - v_r2;
      const v_exp_10 = Math.exp(v_sub_9);
      const v_div_11 = v_exp_10 / v_r7;
      b_out0[p3] = v_div_11;
      p3 += 1;
    }
    p0 += 5;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_out0 = outputs?.[0] ?? new Float32Array(15);
    k_rows_0(m_x, m_out0);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = '3eaf353a';
