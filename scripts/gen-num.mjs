const q=s=>`'${s}'`, R=[...Array(10).keys()], p2=n=>String(n).padStart(2,'0');
const row=f=>'['+R.map(f).join(',')+']';
let o=`// Exact decimal arithmetic on number literals, digit by digit, by table look-up.
// The tables are written by scripts/gen-num.mjs. Strings of digits are kept least-significant-first inside.
export type Dg = '0'|'1'|'2'|'3'|'4'|'5'|'6'|'7'|'8'|'9';
/** M[a][b] = a*b as two digits, high first */
type M = [${R.map(a=>row(b=>q(p2(a*b)))).join(',\n')}];
/** P[xy][c] = xy + c as two digits */
interface P {
${[...Array(100).keys()].map(x=>`${q(p2(x))}:${row(c=>q(p2(Math.min(99,x+c))))}`).join(';\n')} }
/** A[carry][a][b] = carry digit, then digit of a+b+carry */
type A = [${[0,1].map(c=>'['+R.map(a=>row(b=>q(p2(a+b+c)))).join(',')+']').join(',\n')}];
/** S[borrow][a][b] = borrow digit, then digit of a-b-borrow */
type S = [${[0,1].map(c=>'['+R.map(a=>row(b=>{const d=a-b-c;return q(d<0?'1'+(d+10):'0'+d)})).join(',')+']').join(',\n')}];
`;
o+=`
type Rev<X extends string, O extends string = ''> = X extends \`\${infer H}\${infer T}\` ? Rev<T, \`\${H}\${O}\`> : O;
/** least-significant-first digits -> number (drops leading zeros) */
type Out<X extends string> = Strip<Rev<X>> extends \`\${infer N extends number}\` ? N : number;
type Strip<X extends string> = X extends \`0\${infer T}\` ? (T extends '' ? '0' : Strip<T>) : X;

// ---- multiply: schoolbook, one fused multiply-add row per digit of X; Acc always has as many digits as Y
type Row<Y extends string, D extends Dg, C extends Dg, Acc extends string, O extends string> =
  Y extends \`\${infer y extends Dg}\${infer YR}\`
    ? Acc extends \`\${infer a extends Dg}\${infer AR}\`
      ? P[P[M[D][y]][C]][a] extends \`\${infer h extends Dg}\${infer l}\` ? Row<YR, D, h, AR, \`\${O}\${l}\`> : never
      : P[M[D][y]][C] extends \`\${infer h extends Dg}\${infer l}\` ? Row<YR, D, h, '', \`\${O}\${l}\`> : never
    : \`\${O}\${C}\`;
type MulR<X extends string, Y extends string, Acc extends string = '', O extends string = ''> =
  X extends \`\${infer d extends Dg}\${infer XR}\`
    ? Row<Y, d, '0', Acc, ''> extends \`\${infer l}\${infer R}\` ? MulR<XR, Y, R, \`\${O}\${l}\`> : never
    : \`\${O}\${Acc}\`;

// ---- add / subtract
type AddR<X extends string, Y extends string, C extends '0' | '1' = '0', O extends string = ''> =
  X extends \`\${infer x extends Dg}\${infer XR}\`
    ? Y extends \`\${infer y extends Dg}\${infer YR}\`
      ? A[C][x][y] extends \`\${infer c extends '0' | '1'}\${infer d}\` ? AddR<XR, YR, c, \`\${O}\${d}\`> : never
      : C extends '0' ? \`\${O}\${X}\` : AddR<X, '0', C, O>
    : Y extends '' ? (C extends '1' ? \`\${O}1\` : O)
    : C extends '0' ? \`\${O}\${Y}\` : AddR<'0', Y, C, O>;
/** X - Y, or '-' when negative */
type SubR<X extends string, Y extends string, C extends '0' | '1' = '0', O extends string = ''> =
  X extends \`\${infer x extends Dg}\${infer XR}\`
    ? Y extends \`\${infer y extends Dg}\${infer YR}\`
      ? S[C][x][y] extends \`\${infer c extends '0' | '1'}\${infer d}\` ? SubR<XR, YR, c, \`\${O}\${d}\`> : never
      : C extends '0' ? \`\${O}\${X}\` : SubR<X, '0', C, O>
    : Y extends '' ? (C extends '1' ? '-' : O) : (Zeros<Y> extends true ? (C extends '1' ? '-' : O) : '-');
type Zeros<X extends string> = X extends \`0\${infer T}\` ? Zeros<T> : X extends '' ? true : false;

// ---- divide: long division, most significant digit first; R (remainder) and Y least-significant-first
type Inc = { '0': '1'; '1': '2'; '2': '3'; '3': '4'; '4': '5'; '5': '6'; '6': '7'; '7': '8'; '8': '9'; '9': '9' };
type QDigit<R extends string, Y extends string, Q extends Dg = '0'> =
  SubR<R, Y> extends infer D extends string ? (D extends '-' ? [Q, R] : QDigit<D, Y, Inc[Q]>) : never;
type DivS<X extends string, Y extends string, R extends string = '', Q extends string = ''> =
  X extends \`\${infer d}\${infer XR}\`
    ? QDigit<\`\${d}\${R}\`, Y> extends [infer q extends Dg, infer r extends string] ? DivS<XR, Y, r, \`\${Q}\${q}\`> : never
    : [Q, R];
type Num<X extends string> = X extends \`\${infer N extends number}\` ? N : number;

// ---- public, on number literals; \`number\` in gives \`number\` out
export type Mul<X extends number, Y extends number> =
  number extends X ? number : number extends Y ? number
  : X extends 1 ? Y : Y extends 1 ? X : X extends 0 ? 0 : Y extends 0 ? 0
  : Out<MulR<Rev<\`\${X}\`>, Rev<\`\${Y}\`>>>;
export type Add<X extends number, Y extends number> =
  number extends X ? number : number extends Y ? number
  : Y extends 0 ? X : X extends 0 ? Y : Out<AddR<Rev<\`\${X}\`>, Rev<\`\${Y}\`>>>;
/** X - Y; \`never\` when negative */
export type Sub<X extends number, Y extends number> =
  number extends X ? number : number extends Y ? number
  : Y extends 0 ? X : X extends Y ? 0
  : SubR<Rev<\`\${X}\`>, Rev<\`\${Y}\`>> extends infer D extends string ? (D extends '-' ? never : Out<D>) : never;
/** floor(X / Y) */
export type Div<X extends number, Y extends number> =
  number extends X ? number : number extends Y ? number
  : Y extends 1 ? X : Y extends 0 ? number
  : DivS<\`\${X}\`, Rev<\`\${Y}\`>> extends [infer Q extends string, string] ? Num<Strip<Q>> : never;
/** X / Y when exact, else \`never\` */
export type DivExact<X extends number, Y extends number> =
  number extends X ? number : number extends Y ? number
  : Y extends 1 ? X : Y extends 0 ? number
  : DivS<\`\${X}\`, Rev<\`\${Y}\`>> extends [infer Q extends string, infer R extends string]
    ? (Zeros<R> extends true ? Num<Strip<Q>> : never) : never;
/** is X <= Y (both literal) */
export type Lte<X extends number, Y extends number> =
  X extends Y ? true : SubR<Rev<\`\${Y}\`>, Rev<\`\${X}\`>> extends '-' ? false : true;
`;
process.stdout.write(o);
