import { GraphBuilder, type TensorHandle } from '@edgeguard/tflite/builder';
import { constantData, type Model, outputEntries } from '@edgeguard/tflite/model';

/**
 * A graph's dense layers and logarithm alone, and additions that join them, wired as they are: every other operator is left out where it keeps the width,
 * and what hangs on one that does not is left out with it. No graph with these layers costs less: so this bounds from
 * below what fewer operators between them could gain.
 *
 * @param model of one float32 input [batch, width]
 */
export function denseSkeleton(model: Model): Model {
  const [{ tensors, operators, inputs }] = model.subgraphs as [Model['subgraphs'][0]];
  const g = new GraphBuilder();
  const width = (tensor: number): number =>
    tensors[tensor]!.shape.slice(1).reduce((product, size) => product * size, 1);
  const input = g.input('features', width(inputs[0]!));
  const handles = new Map<number, TensorHandle>([[inputs[0]!, input]]);
  for (const operator of operators) {
    const [output] = operator.outputs as [number];
    const sources = operator.inputs.flatMap((tensor) => handles.get(tensor) ?? []);
    if (operator.op === 'FULLY_CONNECTED') {
      const [, weights, bias] = operator.inputs as [number, number, number];
      const constant = (tensor: number): TensorHandle =>
        g.constant(
          tensors[tensor]!.name,
          tensors[tensor]!.shape,
          constantData(model, tensors[tensor]!) as Float32Array,
        );
      if (sources[0]) handles.set(output, g.fullyConnected(sources[0], constant(weights), constant(bias)));
    } else if (operator.op === 'LOG') {
      if (sources[0]) handles.set(output, g.log(sources[0]));
    } else {
      const [first, second] = sources.filter((handle) => handle.shape[1] === width(output));
      const joined = operator.op === 'ADD' && first && second && first !== second;
      // Else the latest, so that nothing between two dense layers hides the second one.
      const source = joined ? g.add(first, second) : (second ?? first);
      if (source) handles.set(output, source);
    }
  }
  for (const { name, tensor } of outputEntries(model)) {
    const handle = handles.get(tensor);
    if (handle) g.output(name, handle);
  }
  return g.build();
}
