"""The drift benchmark's work in NumPy by hand and in the reference's wheel, as far as they are installed.

Prints one JSON object: CPU milliseconds by "<library>.<figure>".
"""

import json
import resource
import sys

rows = int(sys.argv[1])
columns = 50
figures = {}


def cpu_ms(work):
    def used():
        r = resource.getrusage(resource.RUSAGE_SELF)
        return r.ru_utime + r.ru_stime

    before = used()
    work()
    return round((used() - before) * 1000)


try:
    import numpy as np
except ImportError:
    print("{}")
    sys.exit(0)

rng = np.random.default_rng(42)
baseline = rng.standard_normal((rows, columns))
current = rng.standard_normal((rows, columns)) + 0.1
base_columns = [np.ascontiguousarray(baseline[:, i]) for i in range(columns)]
new_columns = [np.ascontiguousarray(current[:, i]) for i in range(columns)]


def psi():
    for base, new in zip(base_columns, new_columns):
        inner = np.quantile(base, np.arange(1, 10) / 10)
        edges = np.concatenate([[-np.inf], inner, [np.inf]])
        p = np.histogram(base, edges)[0] / rows + 1e-10
        q = np.histogram(new, edges)[0] / rows + 1e-10
        np.sum((p - q) * np.log(p / q))


def spc():
    full = rows - rows % 25
    for base, new in zip(base_columns, new_columns):
        chunks = base[:full].reshape(-1, 25)
        chunks.mean(axis=1).mean()
        chunks.std(axis=1, ddof=1).mean()
        new[:full].reshape(-1, 25).mean(axis=1)


def profile():
    for base in base_columns:
        base.mean(), base.std(ddof=1), base.min(), base.max()
        np.quantile(base, [0.25, 0.5, 0.75, 0.99])
        np.histogram(base, 20)
        len(np.unique(base))


figures["numpy.psi_profile_and_drift_cpu_ms"] = cpu_ms(psi)
figures["numpy.spc_profile_and_drift_cpu_ms"] = cpu_ms(spc)
figures["numpy.data_profile_cpu_ms"] = cpu_ms(profile)

try:
    from scouter.drift import Drifter, PsiDriftConfig, SpcDriftConfig

    drifter = Drifter()

    def wheel(config):
        made = drifter.create_drift_profile(baseline, config)
        drifter.compute_drift(current, made)

    figures["scouter-ml.psi_profile_and_drift_cpu_ms"] = cpu_ms(lambda: wheel(PsiDriftConfig()))
    figures["scouter-ml.spc_profile_and_drift_cpu_ms"] = cpu_ms(lambda: wheel(SpcDriftConfig()))
    if rows <= 200_000:
        from scouter.profile import DataProfiler

        figures["scouter-ml.data_profile_cpu_ms"] = cpu_ms(
            lambda: DataProfiler().create_data_profile(baseline)
        )
except ImportError:
    pass

print(json.dumps(figures))
