export {
  GraphBuilder,
  perTensor,
  type Affine,
  type ConstantData,
  type ConstantOptions,
  type Conv2dBuildOptions,
  type PoolBuildOptions,
  type TensorHandle,
  type UnaryOperator,
} from './graph-builder.ts';
