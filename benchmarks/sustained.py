"""Minutes of even load on a registration centre of its own: does its memory or its latency grow?

usage: python benchmarks/sustained.py [MINUTES [TRANSACTIONS_A_SECOND]] > FILE.json

All submissions of signed transfers are made before (half a gigabyte for a million transfers), and sent in an open
loop, so that a stall is charged to everybody who would have come meanwhile. Each window of a tenth of the run has a
row: latencies, the centre's processor time for a transaction, and the memory that it holds at the end. Standard error
ends with how the last window compares with the second; the first one fills caches.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from tongbao.kernel import select_kernel
from tongbao.service.bench.end_to_end import Load, running_centre, send
from tongbao.service.bench.measurement import resident_bytes
from tongbao.service.bench.preparing import made_beside, processes
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.workload import PER_ISSUE, Workload, ceil_div

MINUTES, PER_SECOND, WINDOWS = 10.0, 5_000.0, 10
CLIENTS, CONNECTIONS, PER_SUBMISSION = 2, 16, 250  # four to a thousand, so that windows are even


def report(stage: str, done: int, total: int) -> None:
    """Tell how far it is."""
    print(f"\r{stage} {done}/{total}   ", end="", file=sys.stderr, flush=True)


async def main(minutes: float = MINUTES, per_second: float = PER_SECOND) -> int:
    """Run, and print a row for each window."""
    kernel_class = select_kernel(os.environ.get("TONGBAO_KERNEL", "auto"))
    workload = Workload(7, SuiteChoice.ED25519)
    thousands = max(WINDOWS, ceil_div(round(minutes * 60 * per_second), PER_ISSUE))
    domain = workload.genesis().domain()
    with processes() as pool, tempfile.TemporaryDirectory(prefix="tongbao-sustained-") as folder:
        serials = range(1, thousands + 1)
        made = made_beside(pool, workload, serials, domain, per_submission=PER_SUBMISSION, report=report)
        size = ceil_div(len(made), WINDOWS)
        rows = []
        async with running_centre(kernel_class, workload, Path(folder), spendable=thousands, report=report) as centre:
            load = Load(clients=CLIENTS, connections=CONNECTIONS, per_second=per_second / PER_SUBMISSION)
            for start in range(0, len(made), size):
                measured = await asyncio.to_thread(send, centre, workload, made[start : start + size], load)
                row = {**measured.summary(), "resident_bytes": resident_bytes(centre.process.pid)}
                rows.append(row)
                print(f"\n{row}", file=sys.stderr)
    print(json.dumps({"kernel": kernel_class.name, "crypto": kernel_class.crypto, "windows": rows}, indent=1))
    second, last = rows[1], rows[-1]
    for name in ("p50_ms", "p99_ms", "cpu_us", "resident_bytes"):
        print(f"{name}: {second[name]} in the second window, {last[name]} in the last", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*map(float, sys.argv[1:]))))
