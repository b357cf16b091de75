// loops: 1 kernels, 0 bytes of temporaries

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t) => {
  for (let i_i = 0; i_i < 10; i_i++) {
    const v_a = b_k[i_i];
    b_w[i_i] = (3 === 0 ? -1 : v_a / 3) | 0;
    const x0 = b_k[i_i];
    const x1 = b_k[i_i + 1];
    b_w[i_i] = (x1 === 0 ? -1 : x0 / x1) | 0;
    const x2 = b_k[i_i];
    b_w[i_i] = (v_a === 0 ? x2 : x2 % v_a) | 0;
    const x3 = b_u[i_i];
    const x4 = b_u[i_i + 1];
    b_q[i_i] = (x4 === 0 ? x3 : x3 % x4) >>> 0;
    const x5 = b_k[i_i];
    b_w[i_i] = (2 >>> 0 > 31 ? 0 : x5 << 2) | 0;
    const x6 = b_u[i_i];
    const x7 = b_u[i_i];
    const x8 = b_u[i_i + 1];
    const x9 = (x8 >>> 0 > 31 ? 0 : x7 << x8) >>> 0;
    b_q[i_i] = (x9 >>> 0 > 31 ? 0 : x6 >>> x9) >>> 0;
    b_w[i_i] = (-(((((Math.imul(b_k[i_i], v_a) | 0) + b_k[i_i]) | 0) - 1) | 0)) | 0;
    b_q[i_i] = ((Math.imul(b_u[i_i], b_u[i_i]) >>> 0) - b_u[i_i]) >>> 0;
    b_w[i_i] = (~(b_k[i_i] ^ (v_a | 1))) | 0;
    b_q[i_i] = (b_u[i_i] & ((~b_u[i_i]) >>> 0)) >>> 0;
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

export const fingerprint = '2bdc5047';
