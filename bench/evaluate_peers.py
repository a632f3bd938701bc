"""The reference's wheel on the same kind of records and tasks; prints one JSON object."""

import json
import resource
import sys

from scouter.evaluate import AssertionTask, ComparisonOperator, EvalDataset
from scouter.queue import EvalRecord

count = int(sys.argv[1])
O = ComparisonOperator
spec = [
    ("a", "score", O.GreaterThanOrEqual, 3),
    ("b", "text", O.Contains, "answer"),
    ("c", "tags", O.HasLengthEqual, 2),
    ("d", "meta.lang", O.Equals, "en"),
    ("e", "meta.deep.n", O.IsNumeric, None),
    ("f", "text", O.StartsWith, "the"),
    ("g", "score", O.InRange, [0, 6]),
    ("h", "tags", O.ContainsAll, ["a"]),
    ("i", "text", O.IsNotEmpty, None),
    ("j", "meta.deep.n", O.LessThan, 50),
]
tasks = [AssertionTask(id=i, context_path=p, operator=o, expected_value=e) for i, p, o, e in spec]
records = [
    EvalRecord(
        context={
            "score": i % 7,
            "text": f"the answer to question {i}",
            "tags": ["a", "b"],
            "meta": {"lang": "de" if i % 2 == 0 else "en", "deep": {"n": i % 100}},
        },
        id=f"r{i}",
    )
    for i in range(count)
]
dataset = EvalDataset(records=records, tasks=tasks)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


before = cpu()
dataset.evaluate()
seconds = cpu() - before
print(json.dumps({"evaluations_per_cpu_second": round(count * len(tasks) / seconds)}))
