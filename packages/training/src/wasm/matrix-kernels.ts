import { FunctionBuilder, type Local, type WasmFunction } from './function-builder.ts';

/** Rows and columns of the block of the result that is kept in registers: 8 of the 16 vector registers of x86-64. */
export const BLOCK_ROWS = 4;
export const BLOCK_COLUMNS = 8;

const FLOAT = 4;
const UNROLL = 4;

/** What happens to a block of the result before it is stored. */
export type Gate = 'none' | 'relu' | 'relu-gradient' | 'tanh-gradient' | 'elu-gradient';

/** The fixed numbers of one matrix product; a function is made for each. Strides in values. */
export interface ProductShape {
  readonly name: string;
  /** From A[i, k] to A[i + 1, k]. */
  readonly aRow: number;
  /** From A[i, k] to A[i, k + 1]. */
  readonly aStep: number;
  readonly bRow: number;
  readonly cRow: number;
  /** From the start values of a row of C to those of the next: 0 repeats one row, such as the bias. */
  readonly startRow: number;
  readonly gate: Gate;
}

/**
 * C[i, j] = gate(start[i, j] + sum over k of A[i, k] * B[k, j]).
 *
 *     name(c, a, b, start, gated, rows, columns, depth)
 *
 * `rows` is a multiple of 4, `columns` of 8; `gated` holds the activations [rows, cRow] of a gradient's gate. The sum
 * runs over k in order, without fused multiply-add, so its bits are the same on every machine.
 */
export function productKernel(shape: ProductShape): WasmFunction {
  const f = new FunctionBuilder(shape.name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32']);
  const c: Local = 0;
  const a: Local = 1;
  const b: Local = 2;
  const start: Local = 3;
  const gated: Local = 4;
  const rows: Local = 5;
  const columns: Local = 6;
  const depth: Local = 7;
  const column = f.local('i32');
  const columnsLeft = f.local('i32');
  const depthLeft = f.local('i32');
  const aAt = f.local('i32');
  const bAt = f.local('i32');
  const cAt = f.local('i32');
  const startAt = f.local('i32');
  const gatedAt = f.local('i32');
  const sums = f.locals('v128', BLOCK_ROWS * 2);
  const halves = f.locals('v128', 2);
  const factor = f.local('v128');

  const multiplyStep = (k: number): void => {
    for (const [half, values] of halves.entries()) {
      f.get(bAt)
        .vLoad(k * shape.bRow * FLOAT + half * 16)
        .set(values);
    }
    for (let row = 0; row < BLOCK_ROWS; row++) {
      f.get(aAt)
        .vLoadSplat((row * shape.aRow + k * shape.aStep) * FLOAT)
        .set(factor);
      for (const [half, values] of halves.entries()) {
        const sum = sums[2 * row + half]!;
        f.get(sum).get(factor).get(values).vMultiply().vAdd().set(sum);
      }
    }
  };

  f.whileAtLeast(rows, 1, () => {
    f.i32(0).set(column);
    f.get(columns).set(columnsLeft);
    f.whileAtLeast(columnsLeft, 1, () => {
      f.get(a).set(aAt);
      for (const [base, at] of [
        [b, bAt],
        [c, cAt],
        [start, startAt],
        [gated, gatedAt],
      ] as const) {
        f.get(base).get(column).add().set(at);
      }
      for (const [index, sum] of sums.entries()) f.get(startAt).vLoad(blockOffset(index, shape.startRow)).set(sum);
      f.get(depth).set(depthLeft);
      f.whileAtLeast(depthLeft, UNROLL, () => {
        for (let k = 0; k < UNROLL; k++) multiplyStep(k);
        f.advance(aAt, UNROLL * shape.aStep * FLOAT).advance(bAt, UNROLL * shape.bRow * FLOAT);
        f.advance(depthLeft, -UNROLL);
      });
      f.whileAtLeast(depthLeft, 1, () => {
        multiplyStep(0);
        f.advance(aAt, shape.aStep * FLOAT).advance(bAt, shape.bRow * FLOAT);
        f.advance(depthLeft, -1);
      });
      for (const [index, sum] of sums.entries()) {
        const offset = blockOffset(index, shape.cRow);
        f.get(cAt);
        pushGated(f, shape.gate, sum, () => f.get(gatedAt).vLoad(offset));
        f.vStore(offset);
      }
      f.advance(column, BLOCK_COLUMNS * FLOAT).advance(columnsLeft, -BLOCK_COLUMNS);
    });
    f.advance(a, BLOCK_ROWS * shape.aRow * FLOAT).advance(c, BLOCK_ROWS * shape.cRow * FLOAT);
    f.advance(start, BLOCK_ROWS * shape.startRow * FLOAT).advance(gated, BLOCK_ROWS * shape.cRow * FLOAT);
    f.advance(rows, -BLOCK_ROWS);
  });
  return f.finish();
}

function blockOffset(index: number, row: number): number {
  return (Math.floor(index / 2) * row + (index % 2) * 4) * FLOAT;
}

/** Pushes the gated value of `sum`; `activation` pushes the layer's output where a gradient needs it. */
function pushGated(f: FunctionBuilder, gate: Gate, sum: Local, activation: () => void): void {
  f.get(sum);
  switch (gate) {
    case 'none':
      return;
    case 'relu':
      f.vConst(0).vMost();
      return;
    case 'relu-gradient':
      activation();
      f.vConst(0).greater().and();
      return;
    case 'tanh-gradient':
      f.vConst(1);
      activation();
      activation();
      f.vMultiply().vSubtract().vMultiply();
      return;
    case 'elu-gradient':
      // The derivative is 1 above zero and exp(x) = output + 1 below, that is min(output, 0) + 1.
      activation();
      f.vConst(0).vLeast().vConst(1).vAdd().vMultiply();
      return;
  }
}

/** out[j] += sum over i of x[i, j] for a row stride: `name(out, x, rows, columns)`, columns a multiple of 4. */
export function columnSumKernel(name: string, xRow: number): WasmFunction {
  const f = new FunctionBuilder(name, ['i32', 'i32', 'i32', 'i32']);
  const out: Local = 0;
  const x: Local = 1;
  const rows: Local = 2;
  const columns: Local = 3;
  const at = f.local('i32');
  const rowsLeft = f.local('i32');
  const sum = f.local('v128');
  f.whileAtLeast(columns, 1, () => {
    f.get(out).vLoad().set(sum);
    f.get(x).set(at);
    f.get(rows).set(rowsLeft);
    f.whileAtLeast(rowsLeft, 1, () => {
      f.get(sum).get(at).vLoad().vAdd().set(sum);
      f.advance(at, xRow * FLOAT).advance(rowsLeft, -1);
    });
    f.get(out).get(sum).vStore();
    f.advance(out, 16).advance(x, 16).advance(columns, -4);
  });
  return f.finish();
}

/** out[j, i] = x[i, j] for x of [rows, columns], both multiples of 4: `name(out, x)`. */
export function transposeKernel(name: string, rows: number, columns: number): WasmFunction {
  const f = new FunctionBuilder(name, ['i32', 'i32']);
  const out: Local = 0;
  const x: Local = 1;
  const rowsLeft = f.local('i32');
  const columnsLeft = f.local('i32');
  const from = f.local('i32');
  const to = f.local('i32');
  const [r0, r1, r2, r3] = f.locals('v128', 4) as [Local, Local, Local, Local];
  const [low01, high01, low23, high23] = f.locals('v128', 4) as [Local, Local, Local, Local];
  f.i32(rows).set(rowsLeft);
  f.whileAtLeast(rowsLeft, 1, () => {
    f.get(x).set(from).get(out).set(to);
    f.i32(columns).set(columnsLeft);
    f.whileAtLeast(columnsLeft, 1, () => {
      for (const [row, r] of [r0, r1, r2, r3].entries()) {
        f.get(from)
          .vLoad(row * columns * FLOAT)
          .set(r);
      }
      f.get(r0).get(r1).shuffle([0, 4, 1, 5]).set(low01);
      f.get(r0).get(r1).shuffle([2, 6, 3, 7]).set(high01);
      f.get(r2).get(r3).shuffle([0, 4, 1, 5]).set(low23);
      f.get(r2).get(r3).shuffle([2, 6, 3, 7]).set(high23);
      f.get(to).get(low01).get(low23).shuffle([0, 1, 4, 5]).vStore(0);
      f.get(to)
        .get(low01)
        .get(low23)
        .shuffle([2, 3, 6, 7])
        .vStore(rows * FLOAT);
      f.get(to)
        .get(high01)
        .get(high23)
        .shuffle([0, 1, 4, 5])
        .vStore(2 * rows * FLOAT);
      f.get(to)
        .get(high01)
        .get(high23)
        .shuffle([2, 3, 6, 7])
        .vStore(3 * rows * FLOAT);
      f.advance(from, 16)
        .advance(to, 4 * rows * FLOAT)
        .advance(columnsLeft, -4);
    });
    f.advance(x, 4 * columns * FLOAT)
      .advance(out, 16)
      .advance(rowsLeft, -4);
  });
  return f.finish();
}
