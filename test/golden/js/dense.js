// main: 1 kernels, 0 bytes of temporaries

const k_contract_0 = (b_x, b_w, b_b, b_out0) => {
  const v_h = b_w[12];
  const v_h_0 = b_w[13];
  const v_v1 = b_b[0];
  const v_v1_0 = b_b[1];
  let p1 = 0;
  let p3 = 0;
  for (let i_i0_0 = 0; i_i0_0 < 2; i_i0_0++) {
    let r_acc_0_0 = 0, r_acc_0_1 = 0, r_acc_1_0 = 0, r_acc_1_1 = 0;
    r_acc_0_0 = 0;
    r_acc_0_1 = 0;
    r_acc_1_0 = 0;
    r_acc_1_1 = 0;
    let p0 = 0;
    let p2 = p1;
    for (let i_i2_0 = 0; i_i2_0 < 2; i_i2_0++) {
      let r_b_1_0 = 0, r_b_1_1 = 0;
      r_b_1_0 = b_w[p0];
      r_b_1_1 = b_w[p0 + 1];
      const v_a_6 = b_x[p2];
      r_acc_0_0 += v_a_6 * r_b_1_0;
      r_acc_0_1 += v_a_6 * r_b_1_1;
      const v_a_5 = b_x[p2 + 5];
      r_acc_1_0 += v_a_5 * r_b_1_0;
      r_acc_1_1 += v_a_5 * r_b_1_1;
      let r_b_3_0 = 0, r_b_3_1 = 0;
      r_b_3_0 = b_w[p0 + 3];
      r_b_3_1 = b_w[p0 + 4];
      const v_a_8 = b_x[p2 + 1];
      r_acc_0_0 += v_a_8 * r_b_3_0;
      r_acc_0_1 += v_a_8 * r_b_3_1;
      const v_a_7 = b_x[p2 + 6];
      r_acc_1_0 += v_a_7 * r_b_3_0;
      r_acc_1_1 += v_a_7 * r_b_3_1;
      p0 += 6;
      p2 += 2;
    }
    {
      let r_b_2_0 = 0, r_b_2_1 = 0;
      r_b_2_0 = v_h;
      r_b_2_1 = v_h_0;
      const v_a_9 = b_x[p1 + 4];
      r_acc_0_0 += v_a_9 * r_b_2_0;
      r_acc_0_1 += v_a_9 * r_b_2_1;
      const v_a_10 = b_x[p1 + 9];
      r_acc_1_0 += v_a_10 * r_b_2_0;
      r_acc_1_1 += v_a_10 * r_b_2_1;
    }
    const v_sum0_4 = r_acc_0_0;
    const v_add_4 = v_sum0_4 + v_v1;
    const v_max_4 = Math.max(v_add_4, 0);
    b_out0[p3] = v_max_4;
    const v_sum0_3 = r_acc_0_1;
    const v_add_3 = v_sum0_3 + v_v1_0;
    const v_max_3 = Math.max(v_add_3, 0);
    b_out0[p3 + 1] = v_max_3;
    const v_sum0_6 = r_acc_1_0;
    const v_add_6 = v_sum0_6 + v_v1;
    const v_max_6 = Math.max(v_add_6, 0);
    b_out0[p3 + 3] = v_max_6;
    const v_sum0_5 = r_acc_1_1;
    const v_add_5 = v_sum0_5 + v_v1_0;
    const v_max_5 = Math.max(v_add_5, 0);
    b_out0[p3 + 4] = v_max_5;
    p1 += 10;
    p3 += 6;
  }
  const v_b_0 = b_w[14];
  const v_v1_1 = b_b[2];
  let p5 = 0;
  let p7 = 0;
  for (let i_i0_2 = 0; i_i0_2 < 2; i_i0_2++) {
    let r_acc_0_0_0 = 0, r_acc_0_1_0 = 0;
    r_acc_0_0_0 = 0;
    r_acc_0_1_0 = 0;
    let p4 = 0;
    let p6 = p5;
    for (let i_i2_2 = 0; i_i2_2 < 2; i_i2_2++) {
      const v_b_4 = b_w[p4 + 2];
      const v_a_14 = b_x[p6];
      r_acc_0_0_0 += v_a_14 * v_b_4;
      const v_a_13 = b_x[p6 + 5];
      r_acc_0_1_0 += v_a_13 * v_b_4;
      const v_b_6 = b_w[p4 + 5];
      const v_a_16 = b_x[p6 + 1];
      r_acc_0_0_0 += v_a_16 * v_b_6;
      const v_a_15 = b_x[p6 + 6];
      r_acc_0_1_0 += v_a_15 * v_b_6;
      p4 += 6;
      p6 += 2;
    }
    {
      const v_a_17 = b_x[p5 + 4];
      r_acc_0_0_0 += v_a_17 * v_b_0;
      const v_a_18 = b_x[p5 + 9];
      r_acc_0_1_0 += v_a_18 * v_b_0;
    }
    const v_sum0_7 = r_acc_0_0_0;
    const v_add_7 = v_sum0_7 + v_v1_1;
    const v_max_7 = Math.max(v_add_7, 0);
    b_out0[p7 + 2] = v_max_7;
    const v_sum0_8 = r_acc_0_1_0;
    const v_add_8 = v_sum0_8 + v_v1_1;
    const v_max_8 = Math.max(v_add_8, 0);
    b_out0[p7 + 5] = v_max_8;
    p5 += 10;
    p7 += 6;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_w = inputs[1];
    const m_b = inputs[2];
    const m_out0 = outputs?.[0] ?? new Float32Array(12);
    k_contract_0(m_x, m_w, m_b, m_out0);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = 'cee8dac4';
