# A model in the official LiteRT interpreter with one thread. Prints microseconds of CPU per row, one number a batch.
# usage: litert_inference.py <model> <float32 rows> <batch sizes, comma separated> <runs>
import statistics
import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter

model, rows_file, batches, measurements = sys.argv[1:5]
rows = np.fromfile(rows_file, dtype=np.float32)
interpreter = Interpreter(model_path=model, num_threads=1)
detail = interpreter.get_input_details()[0]
for batch in (int(value) for value in batches.split(",")):
    shape = [batch, *detail["shape"][1:]]
    values = np.resize(rows, shape)
    interpreter.resize_tensor_input(detail["index"], shape)
    interpreter.allocate_tensors()
    output = interpreter.get_output_details()[0]["index"]

    def seconds_of(runs: int) -> float:
        start = time.process_time()
        for _ in range(runs):
            interpreter.set_tensor(detail["index"], values)
            interpreter.invoke()
            interpreter.get_tensor(output)
        return time.process_time() - start

    runs = 1
    while seconds_of(runs) < 0.04:
        runs *= 2
    print(statistics.median(seconds_of(runs) for _ in range(int(measurements))) / (runs * batch) * 1e6)
