import { windowPlan } from '../../model/window.ts';
import { int8Range } from './fixed-point.ts';
import { floatRange, numbers, options, scaleOf, slot, zeroPointOf, type Kernel, type KernelContext } from './kernel.ts';

/** AVERAGE_POOL_2D and MAX_POOL_2D, float32 or int8. Averages count only the elements inside of the input. */
export function pooling(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const o = options(context, 'AVERAGE_POOL_2D');
  const x = numbers(input);
  const y = numbers(output);
  const [batch, height, width, channels] = input.shape;
  const [, outputHeight, outputWidth] = output.shape;
  const top = windowPlan(height, o.filterHeight, o.strideHeight, 1, o.padding).before;
  const left = windowPlan(width, o.filterWidth, o.strideWidth, 1, o.padding).before;
  const average = context.operator.op === 'AVERAGE_POOL_2D';
  const integer = input.type === 'int8';
  const [low, high] = integer
    ? int8Range(o.activation, scaleOf(output), zeroPointOf(output))
    : floatRange(o.activation);
  return () => {
    let position = 0;
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outputHeight; oy++) {
        const yStart = Math.max(0, oy * o.strideHeight - top);
        const yEnd = Math.min(height, oy * o.strideHeight - top + o.filterHeight);
        for (let ox = 0; ox < outputWidth; ox++) {
          const xStart = Math.max(0, ox * o.strideWidth - left);
          const xEnd = Math.min(width, ox * o.strideWidth - left + o.filterWidth);
          const count = (yEnd - yStart) * (xEnd - xStart);
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            let largest = -Infinity;
            for (let iy = yStart; iy < yEnd; iy++) {
              for (let ix = xStart; ix < xEnd; ix++) {
                const value = x[((n * height + iy) * width + ix) * channels + c];
                sum += value;
                if (value > largest) largest = value;
              }
            }
            const value = average ? (integer ? divideRounded(sum, count) : sum / count) : largest;
            y[position++] = value < low ? low : value > high ? high : value;
          }
        }
      }
    }
  };
}

/** sum / count, rounded to nearest with halves away from zero. */
export function divideRounded(sum: number, count: number): number {
  const half = Math.floor(count / 2);
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
}
