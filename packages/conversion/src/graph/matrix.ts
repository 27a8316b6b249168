/** A dense matrix under construction, row major, for the weights [out, in] of a FULLY_CONNECTED operator. */
export class Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.values = new Float32Array(rows * columns);
  }

  set(row: number, column: number, value: number): void {
    this.values[row * this.columns + column] = value;
  }
}
