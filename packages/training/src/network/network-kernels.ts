import { columnSumKernel, type Gate, productKernel, transposeKernel } from '../wasm/matrix-kernels.ts';
import { assembleModule } from '../wasm/module.ts';
import { adamKernel, corruptionKernel, gatherKernel, lossKernel, multiplyKernel } from '../wasm/vector-kernels.ts';
import { type NetworkLayout, padded } from './layout.ts';
import type { NetworkShape } from './network-shape.ts';

const KERNEL_PRODUCTS = ['forward', 'backward', 'gradient'] as const;

/** Kernels by name; those of a layer end in its number. */
export type Kernels = Readonly<Record<string, (...parameters: number[]) => number>>;

/** Makes the kernels for a shape, on this memory. */
export function instantiate(shape: NetworkShape, layout: NetworkLayout, memory: WebAssembly.Memory): Kernels {
  const stride = padded(shape.widths[0]!);
  const functions = [
    adamKernel(),
    gatherKernel(stride),
    multiplyKernel('connect'),
    lossKernel('loss', shape.loss === 'huber' ? 'huber' : 'mse'),
    corruptionKernel('add_noise', stride, shape.widths[0]!),
    corruptionKernel('mask', stride, shape.widths[0]!),
  ];
  const last = layout.layers.length - 1;
  if (shape.dropoutSize) {
    for (const [index, { outputs, paddedOutputs }] of layout.layers.slice(0, -1).entries()) {
      functions.push(corruptionKernel('mask', paddedOutputs, outputs, `drop${index}`));
    }
  }
  for (const [index, { paddedInputs, paddedOutputs }] of layout.layers.entries()) {
    const forwardGate: Gate = index < last && shape.activation === 'relu' ? 'relu' : 'none';
    const shapes = {
      forward: {
        aRow: paddedInputs,
        aStep: 1,
        bRow: paddedOutputs,
        cRow: paddedOutputs,
        startRow: 0,
        gate: forwardGate,
      },
      backward: {
        aRow: paddedOutputs,
        aStep: 1,
        bRow: paddedInputs,
        cRow: paddedInputs,
        startRow: 0,
        gate: `${shape.activation}-gradient`,
      },
      gradient: {
        aRow: 1,
        aStep: paddedInputs,
        bRow: paddedOutputs,
        cRow: paddedOutputs,
        startRow: paddedOutputs,
        gate: 'none',
      },
    } as const;
    for (const product of KERNEL_PRODUCTS)
      functions.push(productKernel({ name: `${product}${index}`, ...shapes[product] }));
    if (shape.normalisedRows !== undefined) {
      functions.push(productKernel({ name: `linear${index}`, ...shapes.forward, gate: 'none' }));
    }
    functions.push(columnSumKernel(`sum${index}`, paddedOutputs));
    functions.push(transposeKernel(`transpose${index}`, paddedInputs, paddedOutputs));
  }
  const module = new WebAssembly.Module(assembleModule(functions));
  return new WebAssembly.Instance(module, { host: { memory } }).exports as Kernels;
}
