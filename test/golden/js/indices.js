// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t, n_n) => {
  b_y[0] = b_x[0];
  const p0 = 2 * n_n | 0;
  b_y[n_n] = b_x[p0 + 3];
  b_y[p0 - 1] = 1;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  let p6 = n_n;
  for (let i_i = 0; i_i < n_n; i_i++) {
    b_y[i_i] = b_x[i_i + 3];
    b_y[p1] = b_x[p1 + 5];
    b_y[p3 + 80] = b_x[p2 + 80];
    const e4 = p0 + 1;
    let p5 = p1;
    let p7 = p6;
    let p8 = i_i;
    let p9 = 0;
    let p10 = 0;
    let p13 = 0;
    for (let i_j = 0; i_j < e4; i_j++) {
      b_y[p5] = b_x[p5 + 1];
      b_y[p8] = b_x[p7];
      b_y[i_j] = b_x[i_j + 1] + b_x[p9];
      const v_at = b_k[i_j];
      const p11 = p10 + Math.min(Math.max(v_at, -3), 8) | 0;
      const p12 = p1 + Math.min(Math.max(v_at, 0), 4) | 0;
      b_y[p12] = b_x[p11];
      const p14 = p13 + Math.imul(3, Math.min(Math.max(v_at, 0), 4)) | 0;
      const p15 = Math.imul(2, Math.min(Math.max(v_at, 0), 4)) | 0;
      b_y[p15] = b_x[p14];
      p5 += 1;
      p7 += 1;
      p8 += 9;
      p9 += 2;
      p10 += 9;
      p13 -= 1;
    }
    const v_kept = Math.max(Math.min(b_k[i_i], 7), 2);
    const p16 = Math.min(Math.max(v_kept, 3), 7) | 0;
    const p17 = v_kept | 0;
    b_w[p17] = b_k[p16];
    const p18 = Math.min(Math.max(v_kept, 2), 6) | 0;
    const p19 = v_kept | 0;
    b_w[p19] = b_k[p18];
    p1 += 9;
    p2 -= 2;
    p3 -= 1;
    p6 += 1;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
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
    k_k(m_x, m_k, m_u, m_b, m_y, m_w, m_q, m_t, n_n);
    return [m_y, m_w, m_q, m_t];
  };
  return { run };
};

export const fingerprint = '8d5bf5c7';
