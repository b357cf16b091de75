// main: 1 kernels, 0 bytes of temporaries

const k_rows_0 = (b_x, b_out0) => {
  let p4 = 0;
  let p7 = 0;
  for (let i_i0 = 0; i_i0 < 3; i_i0++) {
    let p0 = 0;
    let p2 = 0;
    let p5 = p4;
    let p8 = p7;
    for (let i_i1 = 0; i_i1 < 2; i_i1++) {
      let r_acc0_0 = 0;
      r_acc0_0 = -Infinity;
      let p1 = p0;
      let p3 = p2;
      let p6 = p5;
      for (let i_i2_0 = 0; i_i2_0 < 3; i_i2_0++) {
        const v_v1 = p1 + 4 >= 0 && p3 - 1 >= 0 ? b_x[p6 - 1] : 0;
        const v_v2 = p1 + 4 >= 0 && p3 - 1 >= 0 ? v_v1 : 0;
        r_acc0_0 = Math.max(r_acc0_0, v_v2);
        p1 -= 1;
        p3 += 1;
        p6 += 1;
      }
      const v_r3 = r_acc0_0;
      b_out0[p8] = v_r3;
      p0 -= 3;
      p2 += 3;
      p5 += 3;
      p8 += 1;
    }
    p4 += 4;
    p7 += 2;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_x = inputs[0];
    const m_out0 = outputs?.[0] ?? new Float32Array(6);
    k_rows_0(m_x, m_out0);
    return [m_out0];
  };
  return { run };
};

export const fingerprint = '2389b407';
