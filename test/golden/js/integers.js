// main: 2 kernels, 0 bytes of temporaries

const k_rows_0 = (b_i, b_b, b_out2, b_out0) => {
  let p0 = 0;
  for (let i_i0 = 0; i_i0 < 2; i_i0++) {
    let r_acc0_0 = 0;
    r_acc0_0 = -2147483648;
    let r_acc1_0 = 0;
    r_acc1_0 = 1;
    let r_acc2_0 = 0;
    r_acc2_0 = 0;
    let p1 = p0;
    for (let i_i1_0 = 0; i_i1_0 < 3; i_i1_0++) {
      const v_v3 = b_i[p1];
      r_acc0_0 = Math.max(r_acc0_0, v_v3);
      const v_v4 = b_b[p1];
      r_acc1_0 &= v_v4;
      r_acc2_0 |= v_v4;
      p1 += 1;
    }
    const v_r5 = r_acc0_0;
    const v_r6 = r_acc1_0;
    const v_r7 = r_acc2_0;
    const v_convert_8 = v_r7;
    const v_add_9 = (v_r5 + v_convert_8) | 0;
    b_out2[i_i0] = v_r6;
    b_out0[i_i0] = v_add_9;
    p0 += 3;
  }
};

const k_rows_1 = (b_u, b_out3, b_out1) => {
  let p0 = 0;
  for (let i_i0 = 0; i_i0 < 2; i_i0++) {
    let r_acc0_0 = 0;
    r_acc0_0 = 4294967295;
    let p1 = p0;
    for (let i_i1_0 = 0; i_i1_0 < 3; i_i1_0++) {
      const v_v1 = b_u[p1];
      r_acc0_0 = Math.min(r_acc0_0, v_v1);
      const v_shiftRightLogical_2 = (3 >>> 0 > 31 ? 0 : v_v1 >>> 3) >>> 0;
      const v_xor_3 = (v_v1 ^ v_shiftRightLogical_2) >>> 0;
      b_out3[p1] = v_xor_3;
      p1 += 1;
    }
    const v_r4 = r_acc0_0;
    b_out1[i_i0] = v_r4;
    p0 += 3;
  }
};

export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
  const run = (inputs, sizes, outputs) => {
    const m_i = inputs[0];
    const m_u = inputs[1];
    const m_b = inputs[2];
    const m_out0 = outputs?.[0] ?? new Int32Array(2);
    const m_out1 = outputs?.[1] ?? new Uint32Array(2);
    const m_out2 = outputs?.[2] ?? new Uint8Array(2);
    const m_out3 = outputs?.[3] ?? new Uint32Array(6);
    k_rows_0(m_i, m_b, m_out2, m_out0);
    k_rows_1(m_u, m_out3, m_out1);
    return [m_out0, m_out1, m_out2, m_out3];
  };
  return { run };
};

export const fingerprint = 'aeb20ad2';
