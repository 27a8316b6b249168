"""Runs models of this package in the official Python LiteRT interpreter and compares the outputs with ours.

    EDGEGUARD_EXPORT_CASES=cases EDGEGUARD_LONG_TESTS=1 npx vitest run packages/tflite/test/generated.test.ts
    pip install ai-edge-litert numpy
    python packages/tflite/scripts/check_with_litert.py cases

A case is `NAME.tflite`, `NAME.input0.bin`, ... and `NAME.output0.bin`, ... with raw float32 values: what
TensorFlow.js computed for float32, what the reference engine computed for the other precisions. Ends with exit code 1
where a case differs by more than its precision allows.
"""

import collections
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter

# Of an output's largest magnitude. int8 kernels may round differently by one step of 255, which later layers enlarge.
TOLERANCE = {"float32": 1e-5, "float16": 1e-5, "dynamic": 5e-2, "int8": 0.15}


def run(model: pathlib.Path) -> float:
    """The largest error of one case, relative to the largest magnitude of its outputs."""
    interpreter = Interpreter(model_path=str(model), num_threads=1)
    inputs = interpreter.get_input_details()
    for i, detail in enumerate(inputs):
        values = numpy.fromfile(model.with_suffix(f".input{i}.bin"), dtype=detail["dtype"])
        shape = [-1, *detail["shape"][1:]]
        values = values.reshape(shape)
        interpreter.resize_tensor_input(detail["index"], values.shape)
    interpreter.allocate_tensors()
    for i, detail in enumerate(interpreter.get_input_details()):
        values = numpy.fromfile(model.with_suffix(f".input{i}.bin"), dtype=detail["dtype"])
        interpreter.set_tensor(detail["index"], values.reshape(detail["shape"]))
    interpreter.invoke()
    worst = 0.0
    for i, detail in enumerate(interpreter.get_output_details()):
        actual = interpreter.get_tensor(detail["index"]).reshape(-1)
        expected = numpy.fromfile(model.with_suffix(f".output{i}.bin"), dtype=detail["dtype"])
        difference = numpy.max(numpy.abs(actual - expected)) if actual.size else 0.0
        worst = max(worst, float(difference / max(numpy.max(numpy.abs(expected)), 1e-6)))
    return worst


def main() -> int:
    worst = collections.defaultdict(float)
    count = collections.Counter()
    wrong = []
    for model in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
        precision = model.stem.split("-")[0]
        try:
            error = run(model)
        except (RuntimeError, ValueError) as problem:
            wrong.append(f"{model.name}: {problem}")
            continue
        count[precision] += 1
        worst[precision] = max(worst[precision], error)
        if not error <= TOLERANCE[precision]:
            wrong.append(f"{model.name}: differs by {error:.1e}")
    for precision in count:
        print(f"{precision}: {count[precision]} models, largest error {worst[precision]:.1e}")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
