// main: 1 kernels, 0 bytes of temporaries

const k_rows_0 = (b_z, b_y, b_out1, b_out0, s_row1_0) => {
  let r_acc0_0 = 0;
  r_acc0_0 = 0;
  let p1 = 0;
  for (let i_i0 = 0; i_i0 < 4; i_i0++) {
    let r_acc2_0 = 0;
    r_acc2_0 = -Infinity;
    let p2 = p1;
    for (let i_i1_0 = 0; i_i1_0 < 3; i_i1_0++) {
      const v_v3 = b_z[p2];
      r_acc2_0 = Math.max(r_acc2_0, v_v3);
      s_row1_0[i_i1_0] = v_v3;
      p2 += 1;
    }
    const v_r4 = r_acc2_0;
    let r_acc5_0 = 0;
    r_acc5_0 = 0;
    let r_acc6_0 = 0;
    r_acc6_0 = 0;
    const v_v10 = b_y[i_i0];
    for (let i_i1_1 = 0; i_i1_1 < 3; i_i1_1++) {
      const v_v7 = s_row1_0[i_i1_1];
      const v_sub_8 = v_v7 - v_r4;
      const v_exp_9 = Math.exp(v_sub_8);
      r_acc5_0 += v_exp_9;
      const v_eq_11 = v_v10 === (i_i1_1) ? 1 : 0;
      const v_select_12 = v_eq_11 !== 0 ? v_sub_8 : 0;
      r_acc6_0 += v_select_12;
      s_row1_0[i_i1_1] = v_exp_9;
    }
    const v_r13 = r_acc5_0;
    const v_r14 = r_acc6_0;
    let p3 = p1;
    for (let i_i1_2 = 0; i_i1_2 < 3; i_i1_2++) {
      const v_v15 = s_row1_0[i_i1_2];
      const v_div_16 = v_v15 / v_r13;
      const v_eq_17 = v_v10 === (i_i1_2) ? 1 : 0;
      const v_convert_18 = v_eq_17;
      const v_sub_19 = v_div_16 - v_convert_18;
      const v_mul_20 = v_sub_19 * 0.25;
      b_out1[p3] = v_mul_20;
      p3 += 1;
    }
    const v_log_21 = Math.log(v_r13);
    const v_sub_22 = v_log_21 - v_r14;
    r_acc0_0 += v_sub_22;
    p1 += 3;
  }
  const v_r23 = r_acc0_0;
  const v_mul_24 = v_r23 * 0.25;
  b_out0[0] = v_mul_24;
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const k_rows_0_s_row1_0 = new Float32Array(3);
  const run = (inputs, sizes, outputs) => {
    const m_z = inputs[0];
    const m_y = inputs[1];
    const m_out0 = outputs?.[0] ?? new Float32Array(1);
    const m_out1 = outputs?.[1] ?? new Float32Array(12);
    k_rows_0(m_z, m_y, m_out1, m_out0, k_rows_0_s_row1_0);
    return [m_out0, m_out1];
  };
  return { run };
};

export const fingerprint = 'd66cc583';
