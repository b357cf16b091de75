// main: 1 kernels, 0 bytes of temporaries

const k_rows_0 = (b_z, b_y, b_out1, b_out0) => {
  let r_acc0_0 = 0;
  r_acc0_0 = 0;
  let p0 = 0;
  for (let i_i0 = 0; i_i0 < 4; i_i0++) {
    let r_acc1_0 = 0;
    r_acc1_0 = -Infinity;
    let p1 = p0;
    for (let i_i1_0 = 0; i_i1_0 < 3; i_i1_0++) {
      const v_v2 = b_z[p1];
      r_acc1_0 = Math.max(r_acc1_0, v_v2);
      p1 += 1;
    }
    const v_r3 = r_acc1_0;
    let r_acc4_0 = 0;
    r_acc4_0 = 0;
    let r_acc5_0 = 0;
    r_acc5_0 = 0;
    const v_v9 = b_y[i_i0];
    let p2 = p0;
    for (let i_i1_1 = 0; i_i1_1 < 3; i_i1_1++) {
      const v_v6 = b_z[p2];
      const v_sub_7 = v_v6 - v_r3;
      const v_exp_8 = Math.exp(v_sub_7);
      r_acc4_0 += v_exp_8;
      const v_eq_10 = v_v9 === (i_i1_1) ? 1 : 0;
      const v_select_11 = v_eq_10 !== 0 ? v_sub_7 : 0;
      r_acc5_0 += v_select_11;
      p2 += 1;
    }
    const v_r12 = r_acc4_0;
    const v_r13 = r_acc5_0;
    let p3 = p0;
    for (let i_i1_2 = 0; i_i1_2 < 3; i_i1_2++) {
      const v_v14 = b_z[p3];
      const v_sub_15 = v_v14 - v_r3;
      const v_exp_16 = Math.exp(v_sub_15);
      const v_div_17 = v_exp_16 / v_r12;
      const v_eq_18 = v_v9 === (i_i1_2) ? 1 : 0;
      const v_convert_19 = v_eq_18;
      const v_sub_20 = v_div_17 - v_convert_19;
      const v_mul_21 = v_sub_20 * 0.25;
      b_out1[p3] = v_mul_21;
      p3 += 1;
    }
    const v_log_22 = Math.log(v_r12);
    const v_sub_23 = v_log_22 - v_r13;
    r_acc0_0 += v_sub_23;
    p0 += 3;
  }
  const v_r24 = r_acc0_0;
  const v_mul_25 = v_r24 * 0.25;
  b_out0[0] = v_mul_25;
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_z = inputs[0];
    const m_y = inputs[1];
    const m_out0 = outputs?.[0] ?? new Float32Array(1);
    const m_out1 = outputs?.[1] ?? new Float32Array(12);
    k_rows_0(m_z, m_y, m_out1, m_out0);
    return [m_out0, m_out1];
  };
  return { run };
};

export const fingerprint = 'ad6b73df';
