import { normalizeAxis } from './broadcast.ts';
import type { OperatorName, OperatorOptions } from './operator-options.ts';
import type { Operator } from './types.ts';

export type Shape = readonly number[];

export const MAX_STRIDE = 65_536;

/** What shape inference may ask about the operator in hand. */
export interface ShapeRequest {
  readonly operator: Operator;
  /** Shapes of the inputs; undefined for an optional input that is left out. */
  readonly shapes: readonly (Shape | undefined)[];
  /** The values of a constant integer input, or undefined. */
  readonly integers: (input: number) => readonly number[] | undefined;
}

export class ShapeProblem extends Error {}

export function refuse(problem: string): never {
  throw new ShapeProblem(problem);
}

export function shapeOf(request: ShapeRequest, input: number): Shape {
  return request.shapes[input] ?? refuse(`input ${input} is missing`);
}

export function integersOf(request: ShapeRequest, input: number): readonly number[] {
  return request.integers(input) ?? refuse(`input ${input} must be a constant int32 or int64 tensor`);
}

export function optionsOf<Name extends OperatorName>(request: ShapeRequest, _name: Name): OperatorOptions[Name] {
  // Only called from the rules of operators that have the options of `_name`.
  return request.operator.options as unknown as OperatorOptions[Name];
}

export function text(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function axisOf(axis: number, rank: number): number {
  return normalizeAxis(axis, rank) ?? refuse(`axis ${axis} does not exist in ${rank} dimensions`);
}

export function rankOf(shape: Shape, rank: number, what: string): Shape {
  if (shape.length !== rank) refuse(`${what} must have ${rank} dimensions, has shape ${text(shape)}`);
  return shape;
}

/** Options that move a window: kernels multiply them with sizes in 32 bits. */
export function positive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value < 1 || value > MAX_STRIDE) refuse(`${name} is ${value}, must be from 1 to ${MAX_STRIDE}`);
  }
}
