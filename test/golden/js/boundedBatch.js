// main: 3 kernels, 48 bytes of temporaries

const k_contract_0 = (b_x, b_w, b_y, b_t0, n_batch) => {
  const e0 = ((n_batch) >> 1);
  let p2 = 0;
  let p4 = 0;
  for (let i_i0_0 = 0; i_i0_0 < e0; i_i0_0++) {
    let r_acc_0_0 = 0, r_acc_0_1 = 0, r_acc_1_0 = 0, r_acc_1_1 = 0;
    r_acc_0_0 = 0;
    r_acc_0_1 = 0;
    r_acc_1_0 = 0;
    r_acc_1_1 = 0;
    let p1 = 0;
    let p3 = p2;
    for (let i_i2_0 = 0; i_i2_0 < 2; i_i2_0++) {
      let r_b_0_0 = 0, r_b_0_1 = 0;
      r_b_0_0 = b_w[p1];
      r_b_0_1 = b_w[p1 + 1];
      const v_a_4 = b_x[p3];
      r_acc_0_0 += v_a_4 * r_b_0_0;
      r_acc_0_1 += v_a_4 * r_b_0_1;
      const v_a_3 = b_x[p3 + 4];
      r_acc_1_0 += v_a_3 * r_b_0_0;
      r_acc_1_1 += v_a_3 * r_b_0_1;
      let r_b_2_0 = 0, r_b_2_1 = 0;
      r_b_2_0 = b_w[p1 + 2];
      r_b_2_1 = b_w[p1 + 3];
      const v_a_6 = b_x[p3 + 1];
      r_acc_0_0 += v_a_6 * r_b_2_0;
      r_acc_0_1 += v_a_6 * r_b_2_1;
      const v_a_5 = b_x[p3 + 5];
      r_acc_1_0 += v_a_5 * r_b_2_0;
      r_acc_1_1 += v_a_5 * r_b_2_1;
      p1 += 4;
      p3 += 2;
    }
    const v_sum0_4 = r_acc_0_0;
    const v_v1_4 = b_y[p4];
    const v_sub_4 = v_sum0_4 - v_v1_4;
    b_t0[p4] = v_sub_4;
    const v_sum0_3 = r_acc_0_1;
    const v_v1_3 = b_y[p4 + 1];
    const v_sub_3 = v_sum0_3 - v_v1_3;
    b_t0[p4 + 1] = v_sub_3;
    const v_sum0_6 = r_acc_1_0;
    const v_v1_6 = b_y[p4 + 2];
    const v_sub_6 = v_sum0_6 - v_v1_6;
    b_t0[p4 + 2] = v_sub_6;
    const v_sum0_5 = r_acc_1_1;
    const v_v1_5 = b_y[p4 + 3];
    const v_sub_5 = v_sum0_5 - v_v1_5;
    b_t0[p4 + 3] = v_sub_5;
    p2 += 8;
    p4 += 4;
  }
  const e5 = ((n_batch) & 1);
  const p7 = Math.imul(8, ((n_batch) >> 1)) | 0;
  let p8 = p7;
  const p10 = Math.imul(4, ((n_batch) >> 1)) | 0;
  let p11 = p10;
  for (let i_i0_1 = 0; i_i0_1 < e5; i_i0_1++) {
    let r_acc_0_0_0 = 0, r_acc_0_0_1 = 0;
    r_acc_0_0_0 = 0;
    r_acc_0_0_1 = 0;
    let p6 = 0;
    let p9 = p8;
    for (let i_i2_2 = 0; i_i2_2 < 2; i_i2_2++) {
      let r_b_3_0 = 0, r_b_3_1 = 0;
      r_b_3_0 = b_w[p6];
      r_b_3_1 = b_w[p6 + 1];
      const v_a_7 = b_x[p9];
      r_acc_0_0_0 += v_a_7 * r_b_3_0;
      r_acc_0_0_1 += v_a_7 * r_b_3_1;
      let r_b_4_0 = 0, r_b_4_1 = 0;
      r_b_4_0 = b_w[p6 + 2];
      r_b_4_1 = b_w[p6 + 3];
      const v_a_8 = b_x[p9 + 1];
      r_acc_0_0_0 += v_a_8 * r_b_4_0;
      r_acc_0_0_1 += v_a_8 * r_b_4_1;
      p6 += 4;
      p9 += 2;
    }
    const v_sum0_7 = r_acc_0_0_0;
    const v_v1_7 = b_y[p11];
    const v_sub_7 = v_sum0_7 - v_v1_7;
    b_t0[p11] = v_sub_7;
    const v_sum0_8 = r_acc_0_0_1;
    const v_v1_8 = b_y[p11 + 1];
    const v_sub_8 = v_sum0_8 - v_v1_8;
    b_t0[p11 + 1] = v_sub_8;
    p8 += 4;
    p11 += 2;
  }
};

const k_rows_1 = (b_t0, b_out0, n_batch) => {
  let r_acc0_0 = 0;
  r_acc0_0 = 0;
  const p0 = 2 * n_batch | 0;
  for (let i_i1 = 0; i_i1 < p0; i_i1++) {
    const v_v1 = b_t0[i_i1];
    const v_mul_2 = v_v1 * v_v1;
    r_acc0_0 += v_mul_2;
  }
  const v_r3 = r_acc0_0;
  const v_convert_4 = Math.fround(n_batch);
  const v_div_5 = v_r3 / v_convert_4;
  b_out0[0] = v_div_5;
};

const k_contract_2 = (b_x, b_t0, b_out1, n_batch) => {
  let p2 = 0;
  const p5 = Math.imul(4, ((n_batch) >> 1)) | 0;
  const p7 = Math.imul(8, ((n_batch) >> 1)) | 0;
  let p8 = p7;
  let p10 = 0;
  for (let i_i0_0 = 0; i_i0_0 < 2; i_i0_0++) {
    let r_acc_0_0 = 0, r_acc_0_1 = 0, r_acc_1_0 = 0, r_acc_1_1 = 0;
    r_acc_0_0 = 0;
    r_acc_0_1 = 0;
    r_acc_1_0 = 0;
    r_acc_1_1 = 0;
    const e0 = ((n_batch) >> 1);
    let p1 = 0;
    let p3 = p2;
    for (let i_i2_0 = 0; i_i2_0 < e0; i_i2_0++) {
      let r_b_0_0 = 0, r_b_0_1 = 0;
      r_b_0_0 = b_t0[p1];
      r_b_0_1 = b_t0[p1 + 1];
      const v_a_4 = b_x[p3];
      r_acc_0_0 += v_a_4 * r_b_0_0;
      r_acc_0_1 += v_a_4 * r_b_0_1;
      const v_a_3 = b_x[p3 + 1];
      r_acc_1_0 += v_a_3 * r_b_0_0;
      r_acc_1_1 += v_a_3 * r_b_0_1;
      let r_b_2_0 = 0, r_b_2_1 = 0;
      r_b_2_0 = b_t0[p1 + 2];
      r_b_2_1 = b_t0[p1 + 3];
      const v_a_6 = b_x[p3 + 4];
      r_acc_0_0 += v_a_6 * r_b_2_0;
      r_acc_0_1 += v_a_6 * r_b_2_1;
      const v_a_5 = b_x[p3 + 5];
      r_acc_1_0 += v_a_5 * r_b_2_0;
      r_acc_1_1 += v_a_5 * r_b_2_1;
      p1 += 4;
      p3 += 8;
    }
    const e4 = ((n_batch) & 1);
    let p6 = p5;
    let p9 = p8;
    for (let i_i2_1 = 0; i_i2_1 < e4; i_i2_1++) {
      let r_b_1_0 = 0, r_b_1_1 = 0;
      r_b_1_0 = b_t0[p6];
      r_b_1_1 = b_t0[p6 + 1];
      const v_a_7 = b_x[p9];
      r_acc_0_0 += v_a_7 * r_b_1_0;
      r_acc_0_1 += v_a_7 * r_b_1_1;
      const v_a_8 = b_x[p9 + 1];
      r_acc_1_0 += v_a_8 * r_b_1_0;
      r_acc_1_1 += v_a_8 * r_b_1_1;
      p6 += 2;
      p9 += 4;
    }
    const v_sum0_3 = r_acc_0_0;
    b_out1[p10] = v_sum0_3;
    const v_sum0_2 = r_acc_0_1;
    b_out1[p10 + 1] = v_sum0_2;
    const v_sum0_5 = r_acc_1_0;
    b_out1[p10 + 2] = v_sum0_5;
    const v_sum0_4 = r_acc_1_1;
    b_out1[p10 + 3] = v_sum0_4;
    p2 += 2;
    p8 += 2;
    p10 += 4;
  }
};

export const create = ({ arena = new ArrayBuffer(48) } = {}) => {
  const m_t0 = new Float32Array(arena, 0, 10);
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_w = inputs[1];
    const m_y = inputs[2];
    const m_out0 = outputs?.[0] ?? new Float32Array(1);
    const m_out1 = outputs?.[1] ?? new Float32Array(8);
    const n_batch = sizes?.["batch"] ?? 5;
    k_contract_0(m_x, m_w, m_y, m_t0, n_batch);
    k_rows_1(m_t0, m_out0, n_batch);
    k_contract_2(m_x, m_t0, m_out1, n_batch);
    return [m_out0, m_out1];
  };
  return { run };
};

export const fingerprint = '8c9c475e';
