"""The queue benchmark's work in the reference's wheel: `insert` of features of ten values into a PSI profile's queue.

Prints one JSON object of nanoseconds.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

# Its mock transport logs every message that is published.
os.environ["LOG_LEVEL"] = "error"
inserts = int(sys.argv[1])
try:
    import numpy as np
    import pandas as pd
    from scouter.drift import Drifter, PsiDriftConfig
    from scouter.mock import MockConfig
    from scouter.queue import Features, ScouterQueue
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit(0)

rng = np.random.default_rng(42)
names = [f"feature_{i}" for i in range(10)]
frame = pd.DataFrame(rng.random((10_000, 10)), columns=names)
config = PsiDriftConfig(name="model", space="bench", version="1.0.0")
with tempfile.TemporaryDirectory() as folder:
    path = Drifter().create_drift_profile(frame, config).save_to_json(Path(folder) / "profile.json")
    queue = ScouterQueue.from_path({"model": path}, transport_config=MockConfig())
plain = [dict(zip(names, map(float, row))) for row in rng.random((1024, 10))]
records = [Features(values) for values in plain]
target = queue["model"]
clock = time.perf_counter_ns


def run(count, insert):
    for i in range(count):
        insert(i % 1024)
        if i % 2_000 == 0:
            time.sleep(0.001)  # its worker's turn, as ours has


def cpu_ns(count, insert):
    before = time.process_time_ns()
    run(count, insert)
    return round((time.process_time_ns() - before) / count)


run(50_000, lambda i: target.insert(records[i]))
mean = cpu_ns(inserts, lambda i: target.insert(records[i]))
timer = sorted([-clock() + clock() for _ in range(100_000)])[50_000]
samples = []


def timed(i):
    record = records[i]
    start = clock()
    target.insert(record)
    samples.append(clock() - start - timer)


run(400_000, timed)
samples.sort()
built = cpu_ns(min(inserts, 200_000), lambda i: target.insert(Features(plain[i])))
figures = {
    "inserts": inserts,
    "mean_cpu_ns": mean,
    "p50_ns": samples[len(samples) // 2],
    "p99_ns": samples[int(len(samples) * 0.99)],
    "p999_ns": samples[int(len(samples) * 0.999)],
    "timer_ns": timer,
    "build_and_insert_cpu_ns": built,
}
print(json.dumps(figures), flush=True)
os._exit(0)  # its shutdown would send what is left and wait
