// loops: 1 kernels, 0 bytes of temporaries

const round = (x) => { const down = Math.floor(x), rest = x - down; return rest !== 0.5 ? Math.round(x) : down % 2 === 0 ? down : Math.ceil(x); };

const erf = (x) => {
  const a = Math.abs(x);
  if (a < 1) {
    const s = 2 * x * x - 1;
    return x * (((((((((((-3.80659122412214e-13 * s + 9.21125018742823e-12) * s - 2.035231956483527e-10) * s + 4.115751500265885e-09) * s - 7.51156925108609e-08) * s + 1.2233827638093572e-06) * s - 1.75371694412802e-05) * s + 0.00021751715603563488) * s - 0.0022854855611440855) * s + 0.019852496688984218) * s - 0.1405360890227171) * s + 0.9654687386698673);
  }
  if (!(a < 6)) return a >= 6 ? Math.sign(x) : NaN;
  const s = 4.8 / (1 + 0.5 * a) - 2.2;
  const tail = Math.exp(-x * x) * ((((((((((((((1.8620989806815163e-11 * s - 7.290508535165398e-11) * s - 2.634243021000669e-10) * s + 2.622350032514279e-09) * s - 5.926361315281833e-10) * s - 7.005170205475373e-08) * s + 1.6350102372087984e-07) * s + 1.979561158209264e-06) * s - 7.340518284999869e-06) * s - 8.079220411804128e-05) * s + 0.00019713917776008889) * s + 0.0055888162818258785) * s + 0.038560570425181566) * s + 0.16189356804102537) * s + 0.2214295402299318);
  return x < 0 ? tail - 1 : 1 - tail;
};

const k_k = (b_x, b_k, b_u, b_b, b_y, b_w, b_q, b_t) => {
  let p0 = 0;
  for (let i_i = 0; i_i < 10; i_i++) {
    b_y[i_i] = b_x[i_i] - (-2);
    b_y[i_i] = (b_x[i_i] * (-0)) + NaN;
    b_y[i_i] = Math.min(Infinity, Math.max(b_x[i_i], (-Infinity)));
    b_w[i_i] = (b_k[i_i] - (-3)) | 0;
    b_w[i_i] = p0 + 1;
    b_q[i_i] = (i_i) >>> 0;
    b_y[i_i] = i_i - 3;
    b_y[i_i] = Math.floor(Math.fround(b_x[i_i] + b_x[i_i]));
    b_y[i_i] = Math.floor(b_x[i_i]);
    b_y[i_i] = Math.floor(Math.max(b_x[i_i], 0));
    b_y[i_i] = Math.floor(Math.fround(Math.max(b_x[i_i], 0.1)));
    b_y[i_i] = Math.floor(Math.fround(b_k[i_i]));
    b_y[i_i] = Math.sign(Math.fround(-(b_x[i_i] * b_x[i_i])));
    b_y[i_i] = round((b_b[i_i] !== 0 ? b_x[i_i] : 1.5));
    b_y[i_i] = round(Math.fround(b_b[i_i] !== 0 ? (b_x[i_i] / b_x[i_i]) : 1.5));
    const v_v = b_x[i_i] * b_x[i_i];
    const v_e = b_x[i_i];
    b_t[i_i] = Math.fround(v_v) < v_e ? 1 : 0;
    b_t[i_i] = v_e >= 0.5 ? 1 : 0;
    b_y[i_i] = erf(b_x[i_i]);
    b_y[i_i] = Math.fround(v_v) < b_x[i_i] ? v_v : v_e;
    b_y[i_i] = b_k[i_i] === 2 ? v_v : v_e;
    b_y[i_i] = b_u[i_i] !== b_u[i_i + 1] ? v_v : v_e;
    b_y[i_i] = (b_b[i_i] !== 0) && (Math.fround(v_v) > 0) ? v_v : v_e;
    b_y[i_i] = (b_b[i_i] !== 0) || (!(Math.fround(v_v) <= 0)) ? v_v : v_e;
    b_y[i_i] = (b_b[i_i] ^ b_b[i_i + 1]) !== 0 ? v_v : v_e;
    b_y[i_i] = (b_k[i_i] & 6) !== 0 ? v_v : v_e;
    b_y[i_i] = !(b_b[i_i] !== 0) ? v_v : v_e;
    p0 += 2;
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

export const fingerprint = '4150caf';
