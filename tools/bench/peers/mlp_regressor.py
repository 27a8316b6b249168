# The same training with scikit-learn. Prints the CPU seconds of fit.
# usage: mlp_regressor.py <rows> <width> <batch size> <epochs> <hidden widths, comma separated>
import sys
import time
import warnings

import numpy as np
from sklearn.neural_network import MLPRegressor

rows, width, batch_size, epochs = (int(value) for value in sys.argv[1:5])
hidden = tuple(int(value) for value in sys.argv[5].split(","))
random = np.random.default_rng(7)
factors = random.uniform(-1, 1, (rows, 12))
values = factors @ random.uniform(-1, 1, (12, width)) + random.uniform(-0.1, 0.1, (rows, width))
values = values.astype(np.float32)
model = MLPRegressor(
    hidden_layer_sizes=hidden,
    batch_size=batch_size,
    max_iter=epochs,
    n_iter_no_change=epochs + 1,
    tol=0,
    alpha=0,
    random_state=1,
)
warnings.filterwarnings("ignore")
start = time.process_time()
model.fit(values, values)
print(time.process_time() - start)
