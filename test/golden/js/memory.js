// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t, s_row_0, s_sums_1, s_counts_2) => {
  let r_acc_0 = 0, r_acc_1 = 0;
  let r_tops_0_0 = 0, r_tops_0_1 = 0;
  let r_where_0 = 0;
  r_acc_0 = 0;
  let p3 = 0;
  let p6 = 0;
  for (let i_i = 0; i_i < 3; i_i++) {
    let p4 = p3;
    let p5 = p3;
    let p7 = p6;
    for (let i_j = 0; i_j < 4; i_j++) {
      s_row_0[p4] = b_x[p4];
      s_row_0[p7 + 8] = s_row_0[p5 + 3];
      s_counts_2[i_j] = b_k[i_j];
      s_sums_1[i_j] += s_row_0[p4];
      s_counts_2[i_j] = s_counts_2[i_j] + b_k[i_j] | 0;
      r_acc_0 += b_x[i_i] * b_x[i_j];
      r_acc_1 *= b_x[i_j] - 1;
      {
        const x8 = Math.fround(b_x[i_i] * b_x[i_j]);
        const x9 = p4;
        if (r_where_0 < 0 || x8 > r_tops_0_0 || (x8 !== x8 ? r_tops_0_0 === r_tops_0_0 || x9 < r_where_0 : x8 === r_tops_0_0 && x9 < r_where_0)) { r_tops_0_0 = x8; r_where_0 = x9; }
      }
      {
        const x10 = b_x[i_j];
        const x11 = b_k[i_j];
        if (x11 >= 0 && (r_where_0 < 0 || x10 < r_tops_0_1 || (x10 !== x10 ? r_tops_0_1 === r_tops_0_1 || x11 < r_where_0 : x10 === r_tops_0_1 && x11 < r_where_0))) { r_tops_0_1 = x10; r_where_0 = x11; }
      }
      {
        const x12 = b_x[i_j];
        const top = Math.max(r_tops_0_0, x12);
        r_tops_0_1 = (r_tops_0_1 === 0 ? 0 : r_tops_0_1 * (r_tops_0_0 === top ? 1 : Math.exp(r_tops_0_0 - top))) + (x12 === top ? 1 : Math.exp(x12 - top));
        r_tops_0_0 = top;
      }
      {
        const x13 = b_x[i_j];
        const x14 = b_x[i_i];
        const top = Math.max(r_tops_0_0, x13);
        r_tops_0_1 = (r_tops_0_1 === 0 ? 0 : r_tops_0_1 * (r_tops_0_0 === top ? 1 : Math.exp(r_tops_0_0 - top))) + (x14 === 0 ? 0 : x14 * (x13 === top ? 1 : Math.exp(x13 - top)));
        r_tops_0_0 = top;
      }
      p4 += 1;
      p5 -= 1;
      p7 += 1;
    }
    const v_low = Math.floor(s_row_0[i_i]);
    const v_high = Math.floor(Math.fround(s_sums_1[i_i]));
    b_y[i_i] = (v_low + v_high) + Math.floor(Math.fround(r_acc_0));
    p3 += 4;
    p6 -= 4;
  }
  {
    b_y[3] = r_acc_1;
  }
  if (Math.fround(r_acc_0) > 0) {
    for (let i_i = 0; i_i < 2; i_i++) {
      r_acc_1 = Math.max(r_acc_1, r_acc_0);
    }
  } else {
    for (let i_i = 0; i_i < 2; i_i++) {
      r_acc_0 = Math.min(r_acc_0, r_acc_1);
    }
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const k_k_s_row_0 = new Float32Array(12);
  const k_k_s_sums_1 = new Float64Array(4);
  const k_k_s_counts_2 = new Int32Array(4);
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_k = inputs[1];
    const m_u = inputs[2];
    const m_b = inputs[3];
    const m_y = outputs?.[0] ?? new Float32Array(90);
    const m_w = outputs?.[1] ?? new Int32Array(90);
    const m_q = outputs?.[2] ?? new Uint32Array(90);
    const m_t = outputs?.[3] ?? new Uint8Array(90);
    const n_n = sizes?.["n"] ?? 9;
    k_k(m_x, m_k, m_u, m_b, m_y, m_w, m_q, m_t, k_k_s_row_0, k_k_s_sums_1, k_k_s_counts_2);
    return [m_y, m_w, m_q, m_t];
  };
  return { run };
};

export const fingerprint = '7613edc6';
