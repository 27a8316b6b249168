export type { UnaryOperator } from './elementwise-builder.ts';
export { GraphBuilder, type Conv2dBuildOptions, type PoolBuildOptions } from './graph-builder.ts';
export { perTensor, type Affine, type ConstantData, type ConstantOptions, type TensorHandle } from './handles.ts';
