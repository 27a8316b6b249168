"""Saves models of Keras 2 or 3 through tensorflowjs and compares what Keras computes with what we make of the files.

    npx tsc -b
    pip install tensorflow-cpu==2.15.1 tensorflow-hub==0.16.1 "setuptools<70"    # Keras 2; 2.18.1 has Keras 3
    pip install --no-deps tensorflowjs==4.22.0
    python packages/tflite/scripts/check_with_keras.py

Every model is converted in every precision and computed by every engine (`compare-keras.mjs`). Prints the largest error
of each precision and ends with exit code 1 where one is beyond what the precision allows, or where a model is refused.
"""

import contextlib
import importlib.metadata
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import types

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy
from tensorflow import keras

# tensorflowjs imports what it needs for other kinds of models.
for module in ("tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf", "importlib_resources"):
    sys.modules.setdefault(module, types.ModuleType(module))
from tensorflowjs.converters.keras_h5_conversion import save_keras_model

L = keras.layers
ROWS = 4
random = numpy.random.default_rng(3)


def chain(shape, *layers):
    return lambda: keras.Sequential([L.Input(shape), *(layer() for layer in layers)])


def adapted():
    layer = L.Normalization()
    layer.adapt(random.normal(3, 2, (100, 6)).astype("float32"))
    return layer


def towers():
    a, b, tower = L.Input((4,)), L.Input((4,)), L.Dense(4)
    x, y = tower(a), tower(b)
    return keras.Model([a, b], [L.Subtract()([x, y]), L.Average()([x, y]), L.Minimum()([x, y, a]), L.Concatenate()([x, y])])


def nested():
    a, b = L.Input((4,)), L.Input((3,))
    joined = L.Concatenate()([L.Dense(2)(a), b])
    inner = keras.Model([a, b], [joined, L.Dense(3)(joined)], name="inner")
    sequence = keras.Sequential([L.Input((5,)), L.Dense(5), L.BatchNormalization()], name="sequence")
    x, y = L.Input((4,)), L.Input((3,))
    p, q = inner([x, y])
    r, s = inner([x, q])
    return keras.Model([x, y], [p, q, r, s, sequence(sequence(r)), sequence(p)])


def activations():
    x = L.Input((5,))
    names = "elu exponential hard_sigmoid linear relu selu sigmoid softplus softsign swish tanh softmax".split()
    return keras.Model(x, [L.Activation(name)(x) for name in names])


def residual():
    x = L.Input((8, 8, 4))
    y = L.Conv2D(4, 3, padding="same")(x)
    z = L.ReLU()(L.Add()([L.BatchNormalization()(y), y]))
    pooled = [L.MaxPooling2D()(z), L.AveragePooling2D(padding="same", strides=2, pool_size=3)(z)]
    return keras.Model(x, L.GlobalMaxPooling2D()(L.Concatenate()(pooled)))


MODELS = {
    "dense": chain(
        (6,),
        lambda: L.Dense(8),
        L.BatchNormalization,
        lambda: L.LeakyReLU(0.2),
        lambda: L.Dense(5),
        lambda: L.ReLU(max_value=6.0, negative_slope=0.1),
        L.PReLU,
        lambda: L.ELU(0.5),
        lambda: L.Dropout(0.2),
        lambda: L.Dense(3, activation="softmax"),
    ),
    "activation-layers": chain(
        (6,),
        lambda: L.Dense(8, activation=L.ReLU(6.0)),
        lambda: L.Dense(8, activation=L.LeakyReLU(0.3)),
        lambda: L.Dense(8, activation=L.ELU(0.5)),
    ),
    "normalization": chain(
        (6,),
        adapted,
        lambda: L.Dense(4, activation="relu6"),
        lambda: L.Rescaling(2.0, offset=-1),
        lambda: L.Normalization(mean=2.0, variance=3.0, axis=None, invert=True),
        L.LayerNormalization,
        lambda: L.GaussianNoise(0.1),
        lambda: L.ActivityRegularization(0.1),
        lambda: L.Dense(2, activation="hard_sigmoid"),
    ),
    "axes": chain(
        (4, 3),
        lambda: L.BatchNormalization(axis=1),
        lambda: L.Dense(4),
        lambda: L.BatchNormalization(axis=1),
        lambda: L.Conv1D(4, 1),
        lambda: L.BatchNormalization(axis=2),
        lambda: L.Softmax(axis=1),
        lambda: L.Permute((2, 1)),
    ),
    "images": chain(
        (16, 16, 3),
        lambda: L.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
        lambda: L.BatchNormalization(scale=False),
        lambda: L.ReLU(6.0),
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2),
        lambda: L.BatchNormalization(center=False),
        lambda: L.SeparableConv2D(6, 3, padding="same", activation="swish"),
        lambda: L.SpatialDropout2D(0.2),
        lambda: L.ZeroPadding2D(((0, 1), (1, 0))),
        lambda: L.Conv2D(4, 3, dilation_rate=2),
        lambda: L.GlobalAveragePooling2D(keepdims=True),
        L.Flatten,
        lambda: L.Dense(3),
    ),
    "steps": chain(
        (20, 3),
        lambda: L.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu"),
        lambda: L.Conv1D(8, 3, strides=2, padding="same"),
        L.BatchNormalization,
        L.MaxPooling1D,
        lambda: L.ZeroPadding1D(1),
        lambda: L.AveragePooling1D(2, padding="same"),
        L.GlobalMaxPooling1D,
    ),
    "embedding": chain((5,), lambda: L.Embedding(20, 6), L.GlobalAveragePooling1D, lambda: L.Dense(2)),
    "towers": towers,
    "nested": nested,
    "activations": activations,
    "residual": residual,
    "MobileNet": lambda: keras.applications.MobileNet((64, 64, 3), alpha=0.25, weights=None, classes=10),
    "MobileNetV2": lambda: keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, classes=10),
    "ResNet50": lambda: keras.applications.ResNet50(input_shape=(32, 32, 3), weights=None, classes=4),
}


def random_weight(weight):
    if "count" in weight.name:
        return numpy.array(weight)
    if "variance" in weight.name:
        return random.uniform(0.5, 1.5, weight.shape)
    fan = max(1, numpy.prod(weight.shape[:-1]) / 3)
    return random.uniform(-1, 1, weight.shape) / numpy.sqrt(fan)


def save(name: str, model: keras.Model, folder: pathlib.Path) -> None:
    model.set_weights([random_weight(weight) for weight in model.weights])
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    with contextlib.redirect_stdout(io.StringIO()):
        save_keras_model(model, str(folder), weight_shard_size_bytes=1 << 18)
    shapes = [(ROWS, *(int(size) for size in tensor.shape[1:])) for tensor in model.inputs]
    indices = name == "embedding"
    inputs = [random.integers(0, 8, shape) if indices else random.normal(0, 1.5, shape) for shape in shapes]
    inputs = [values.astype("float32") for values in inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    for kind, tensors in (("input", inputs), ("output", outputs)):
        for i, values in enumerate(tensors):
            numpy.asarray(values).astype("<f4").tofile(folder / f"{kind}{i}.bin")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MODELS.items():
            keras.backend.clear_session()
            target = pathlib.Path(folder, name)
            target.mkdir()
            save(name, make(), target)
        print(f"Keras {importlib.metadata.version('keras')}, {len(MODELS)} models", flush=True)
        compare = pathlib.Path(__file__).with_name("compare-keras.mjs")
        return subprocess.run(["node", str(compare), folder], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
