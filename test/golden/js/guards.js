// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t, n_n) => {
  let p0 = 0;
  const p1 = -1 * n_n | 0;
  let p2 = p1;
  for (let i_i = 0; i_i < 10; i_i++) {
    b_y[i_i] = i_i - 1 >= 0 ? b_x[i_i - 1] : 0.5;
    if (i_i - 1 >= 0 && p0 + 7 >= 0) {
      b_y[i_i] = b_x[i_i];
    }
    b_y[i_i] = p2 === 0 ? b_x[i_i + 1] : (b_x[i_i] + b_x[i_i]);
    b_t[i_i] = i_i - 2 >= 0 ? 1 : 0;
    b_t[i_i] = (i_i - 2 === 0 ? 1 : 0) === 0 ? 1 : 0;
    if (p0 + 3 >= 0) {
      b_y[i_i] = 1;
    } else {
      b_y[i_i] = 2;
      b_y[i_i + 1] = 3;
    }
    if ((p0 + 3 >= 0) && (b_b[i_i] !== 0)) {
      b_y[i_i] = 1;
    }
    p0 -= 1;
    p2 += 1;
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

export const fingerprint = '30173e72';
