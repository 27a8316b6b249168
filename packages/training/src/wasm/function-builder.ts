/** Value types of WebAssembly by their byte in the binary format. */
export const TYPE = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof TYPE;

/** A number of a function: a parameter or a local variable. */
export type Local = number & { readonly brand?: 'local' };

/** A finished function of a module. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly body: readonly number[];
}

/**
 * Writes the body of one WebAssembly function, instruction by instruction (WebAssembly core specification, binary
 * format, with the fixed-width SIMD instructions). All arithmetic used here is exact IEEE 754, so that a module
 * computes the same bits on every machine.
 */
export class FunctionBuilder {
  readonly #name: string;
  readonly #parameters: readonly ValueType[];
  readonly #result: ValueType | undefined;
  readonly #locals: ValueType[] = [];
  readonly #code: number[] = [];

  constructor(name: string, parameters: readonly ValueType[], result?: ValueType) {
    this.#name = name;
    this.#parameters = parameters;
    this.#result = result;
  }

  finish(): WasmFunction {
    const locals = this.#locals.flatMap((type) => [1, TYPE[type]]);
    const body = [...unsigned(this.#locals.length), ...locals, ...this.#code, 0x0b];
    return { name: this.#name, parameters: this.#parameters, result: this.#result, body };
  }

  /** The parameters, in order. */
  parameters(): Local[] {
    return this.#parameters.map((_, index) => index);
  }

  /** A new local variable, zero at first. */
  local(type: ValueType): Local {
    return this.#parameters.length + this.#locals.push(type) - 1;
  }

  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  get(local: Local): this {
    return this.#emit(0x20, ...unsigned(local));
  }

  set(local: Local): this {
    return this.#emit(0x21, ...unsigned(local));
  }

  i32(value: number): this {
    return this.#emit(0x41, ...signed(value));
  }

  f32(value: number): this {
    return this.#emit(0x43, ...new Uint8Array(Float32Array.of(value).buffer));
  }

  add(): this {
    return this.#emit(0x6a);
  }

  subtract(): this {
    return this.#emit(0x6b);
  }

  multiply(): this {
    return this.#emit(0x6c);
  }

  /** local := local + value. */
  advance(local: Local, value: number): this {
    return value === 0 ? this : this.get(local).i32(value).add().set(local);
  }

  /** Repeats `body` while the local, read as signed, is at least `least`; tested before each turn. */
  whileAtLeast(local: Local, least: number, body: () => void): this {
    this.#emit(0x02, 0x40, 0x03, 0x40);
    this.get(local).i32(least);
    this.#emit(0x48, 0x0d, 1); // i32.lt_s, br_if out of the block
    body();
    return this.#emit(0x0c, 0, 0x0b, 0x0b);
  }

  i32Load(offset = 0): this {
    return this.#emit(0x28, 2, ...unsigned(offset));
  }

  f32Load(offset = 0): this {
    return this.#emit(0x2a, 2, ...unsigned(offset));
  }

  f32Store(offset = 0): this {
    return this.#emit(0x38, 2, ...unsigned(offset));
  }

  vLoad(offset = 0): this {
    return this.#simd(0, 2, ...unsigned(offset));
  }

  /** Four copies of the float32 at an address. */
  vLoadSplat(offset = 0): this {
    return this.#simd(9, 2, ...unsigned(offset));
  }

  vStore(offset = 0): this {
    return this.#simd(11, 2, ...unsigned(offset));
  }

  /** Lanes of two vectors by number: 0–3 of the first, 4–7 of the second. */
  shuffle(lanes: readonly [number, number, number, number]): this {
    return this.#simd(13, ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));
  }

  splat(): this {
    return this.#simd(19);
  }

  /** Four copies of a constant. */
  vConst(value: number): this {
    return this.f32(value).splat();
  }

  greater(): this {
    return this.#simd(0x44);
  }

  and(): this {
    return this.#simd(0x4e);
  }

  /** first where the mask's bits are set, else second; the mask is on top of the stack. */
  select(): this {
    return this.#simd(0x52);
  }

  vAbs(): this {
    return this.#simd(0xe0);
  }

  vSqrt(): this {
    return this.#simd(0xe3);
  }

  vAdd(): this {
    return this.#simd(0xe4);
  }

  vSubtract(): this {
    return this.#simd(0xe5);
  }

  vMultiply(): this {
    return this.#simd(0xe6);
  }

  vDivide(): this {
    return this.#simd(0xe7);
  }

  /** a > b ? b : a, lane by lane: one machine instruction, unlike f32x4.min. */
  vLeast(): this {
    return this.#simd(0xea);
  }

  /** a < b ? b : a, lane by lane. */
  vMost(): this {
    return this.#simd(0xeb);
  }

  /** The first two lanes as float64. */
  widen(): this {
    return this.#simd(0x5f);
  }

  dAdd(): this {
    return this.#simd(0xf0);
  }

  /** A lane of a vector of two float64. */
  dLane(lane: 0 | 1): this {
    return this.#simd(33, lane);
  }

  /** Sum of two float64. */
  f64Add(): this {
    return this.#emit(0xa0);
  }

  #simd(opcode: number, ...rest: number[]): this {
    return this.#emit(0xfd, ...unsigned(opcode), ...rest);
  }

  #emit(...bytes: number[]): this {
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }
}

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}
