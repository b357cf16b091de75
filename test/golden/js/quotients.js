// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t, n_n) => {
  for (let i_i = 0; i_i < 20; i_i++) {
    const p0 = ((i_i) & 3) | 0;
    const p1 = ((i_i) >> 2) | 0;
    let p2 = i_i;
    let p5 = i_i;
    let p8 = i_i;
    const p12 = Math.imul(7, ((i_i) / 5 | 0)) | 0;
    let p13 = p12;
    for (let i_j = 0; i_j < 5; i_j++) {
      b_y[p1] = b_x[p0];
      const p3 = ((p2) % 3) | 0;
      const p4 = ((p2) / 3 | 0) | 0;
      b_y[p4] = b_x[p3];
      const p6 = (((p5) % 3 + 3) % 3) | 0;
      const p7 = Math.floor((p5) / 3) | 0;
      b_y[p7 + 2] = b_x[p6];
      const p9 = ((p8) & 7) | 0;
      const p10 = ((p8) >> 3) | 0;
      b_y[p10 + 2] = b_x[p9];
      const p11 = i_i + Math.imul(3, ((i_j) & 1)) | 0;
      b_y[p13] = b_x[p11];
      b_y[((n_n) >> 1)] = b_x[((n_n) % 5)];
      p2 += 1;
      p5 -= 1;
      p8 -= 2;
      p13 += 1;
    }
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

export const fingerprint = '7dd5c802';
