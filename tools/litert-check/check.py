"""Runs models in the official LiteRT interpreter and compares its outputs with those of our engines.

    python check.py <folder of export-cases.mjs>

Reads each model's metadata with the official metadata library too, where that is installed. Ends with exit code 1 where
an output differs by more than its precision allows, or metadata is not what was written.
"""

import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

# Largest difference relative to an output's largest magnitude. An int8 step that rounds differently is at most 1/255 of a
# tensor's range, and later layers may enlarge it. "int8 alone" are models whose inputs and outputs are int8: in steps.
TOLERANCE = {"float32": 1e-5, "float16": 1e-5, "dynamic": 1e-5, "int8": 5e-2, "int8 alone": 1}


def outputs_of(model: pathlib.Path, case: dict, rows: numpy.ndarray) -> list[numpy.ndarray]:
    """What the official interpreter gives: through the signature by name where there is one."""
    # XNNPACK quantises rows asymmetrically where the kernels of TensorFlow Lite do not, with other noise of 8 bits.
    resolver = "BUILTIN_WITHOUT_DEFAULT_DELEGATES" if case["precision"] == "dynamic" else "AUTO"
    interpreter = Interpreter(
        model_path=str(model), num_threads=1, experimental_op_resolver_type=OpResolverType[resolver]
    )
    detail = interpreter.get_input_details()[0]
    rows = rows.reshape([case["batch"], *detail["shape"][1:]])
    if case["byName"]:
        runner = interpreter.get_signature_runner()
        (name,) = runner.get_input_details()
        results = runner(**{name: rows})
        return [results[output["name"]].reshape(-1) for output in case["outputs"]]
    interpreter.resize_tensor_input(detail["index"], rows.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(detail["index"], rows)
    interpreter.invoke()
    return [interpreter.get_tensor(o["index"]).reshape(-1) for o in interpreter.get_output_details()]


def compare(folder: pathlib.Path, case: dict) -> list[str]:
    """Prints one line per output and engine; returns what is wrong."""
    rows = numpy.fromfile(folder / case["input"]["file"], dtype=case["input"]["type"])
    official = outputs_of(folder / case["model"], case, rows)
    wrong = []
    for output, actual in zip(case["outputs"], official, strict=True):
        told = []
        for engine, file in output["files"].items():
            ours = numpy.fromfile(folder / file, dtype=output["type"]).astype(numpy.float64)
            difference = numpy.abs(ours - actual.astype(numpy.float64))
            if output["type"] == "int8":
                error = numpy.max(difference)
                told.append(f"{engine} {100 * numpy.mean(difference > 0):.2f} % differ, at most {error:.0f} steps")
            else:
                error = numpy.max(difference) / max(numpy.max(numpy.abs(ours)), 1e-30)
                told.append(f"{engine} {error:.1e}")
            if output["name"] == "score" and "threshold" in case:
                # As the runtime decides: in float32, strictly above.
                decisions = numpy.sum((ours > case["threshold"]) != (actual > case["threshold"]))
                told.append(f"({decisions} of {actual.size} decisions differ)")
            if not (numpy.isfinite(actual).all() and error <= TOLERANCE[case["precision"]]):
                wrong.append(f"{case['model']}, {case['rows']}, {output['name']}: {engine} differs by {error:.1e}")
        print(f"{case['model']}, {case['rows']}, {output['name']} [{actual.size}]: {', '.join(told)}")
    return wrong


def check_metadata(folder: pathlib.Path, case: dict) -> list[str]:
    """Associated files and tensor names through the official library."""
    from tflite_support import metadata

    displayer = metadata.MetadataDisplayer.with_model_file(str(folder / case["model"]))
    description = json.loads(displayer.get_metadata_json())
    tensors = description["subgraph_metadata"][0]
    names = [tensor["name"] for tensor in tensors["output_tensor_metadata"]]
    found = {
        name: hashlib.sha256(displayer.get_associated_file_buffer(name)).hexdigest()
        for name in displayer.get_packed_associated_file_list()
    }
    wrong = []
    if found != {file["name"]: file["sha256"] for file in case["associatedFiles"]}:
        wrong.append(f"{case['model']}: associated files {sorted(found)} are not those that were written")
    if sorted(names) != sorted(output["name"] for output in case["outputs"]):
        wrong.append(f"{case['model']}: outputs are described as {names}")
    print(
        f"{case['model']}: metadata of \"{description['name']}\", outputs {', '.join(names)}, "
        f"files {', '.join(f'{name} (same bytes)' for name in found)}, "
        f"parser {description.get('min_parser_version')}"
    )
    return wrong


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    cases = json.loads((folder / "cases.json").read_text())
    print(f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}; errors relative to the largest magnitude")
    wrong = [line for case in cases for line in compare(folder, case)]
    try:
        print(f"tflite-support {importlib.metadata.version('tflite-support')}")
        from tflite_support import metadata  # noqa: F401  (loads native code, which may lack a system library)
    except importlib.metadata.PackageNotFoundError:
        print("tflite-support is not installed: metadata was not checked")
    except ImportError as error:
        print(f"tflite-support does not load ({error}): metadata was not checked")
    else:
        described = {case["model"]: case for case in cases if case["associatedFiles"]}
        for case in described.values():
            wrong += check_metadata(folder, case)
    for line in wrong:
        print(f"WRONG: {line}")
    print(f"{len(cases)} cases, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
