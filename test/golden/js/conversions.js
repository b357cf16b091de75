// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t) => {
  for (let i_i = 0; i_i < 10; i_i++) {
    b_y[i_i] = Math.fround(b_k[i_i]);
    b_y[i_i] = Math.fround(b_u[i_i]);
    b_y[i_i] = b_b[i_i];
    b_w[i_i] = Math.fround(b_x[i_i] + b_x[i_i]) | 0;
    b_w[i_i] = b_u[i_i] | 0;
    b_w[i_i] = b_b[i_i];
    b_q[i_i] = b_x[i_i] >>> 0;
    b_q[i_i] = b_k[i_i] >>> 0;
    b_q[i_i] = b_b[i_i];
    b_t[i_i] = Math.fround(b_x[i_i] * b_x[i_i]) !== 0 ? 1 : 0;
    b_t[i_i] = b_k[i_i] !== 0 ? 1 : 0;
    b_t[i_i] = b_u[i_i] !== 0 ? 1 : 0;
    b_y[i_i] = Math.fround(Math.fround(b_x[i_i] * 0.5));
    b_w[i_i] = b_u[i_i] | 0;
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
    k_k(m_x, m_k, m_u, m_b, m_y, m_w, m_q, m_t);
    return [m_y, m_w, m_q, m_t];
  };
  return { run };
};

export const fingerprint = 'b77cb0e8';
