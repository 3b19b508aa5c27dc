"""What a whole currency does in a second, and which process the time goes to.

Usage: `python benchmarks/payments.py purchases.csv [--limit N] [--times N] [--out FILE.json]`

Replays the purchases by `tongbao replay`, each time in a new network of separate processes, and reads from `/proc` what
each process computed while payments were made. All runs are of one seed, so that they must end in one digest; a run
that does not is an error. Nothing else should run on the machine: `busy_cores` tells how much did.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongbao.service.machine import describe_machine

ROLES = ("registration", "central-bank", "institution-1", "institution-2")
SAMPLE_EVERY_S = 0.5
TICKS_PER_S = 100  # of /proc, on every Linux of today
IDLE, WAITING = 3, 4  # columns of the first line of /proc/stat


@dataclass(frozen=True, slots=True)
class Sample:
    """What had been computed at one moment, in seconds of one core.

    Attributes:
        at_s: when.
        used_s: by each process of the replay.
        machine_s: by everything that runs on the machine.
    """

    at_s: float
    used_s: dict[str, float]
    machine_s: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    runs = []
    for number in range(1, arguments.times + 1):
        runs.append(_measure(arguments.file, arguments.limit))
        print(f"run {number}: {_line(runs[-1])}", file=sys.stderr)
    digests = {run["state_digest"] for run in runs}
    content = {"file": arguments.file.name, "limit": arguments.limit, "machine": describe_machine(), "runs": runs}
    text = json.dumps(content, indent=2)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    print(text)
    if len(digests) > 1:
        sys.exit(f"runs of one seed ended in {len(digests)} states: {sorted(digests)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure payments through a whole currency.")
    parser.add_argument("file", type=Path, help="purchases, as `tongbao replay` takes them")
    parser.add_argument("--limit", type=int, help="only so many rows")
    parser.add_argument("--times", type=int, default=2, help="how many runs")
    parser.add_argument("--out", type=Path, help="where to keep the figures")
    return parser.parse_args()


def _measure(file: Path, limit: int | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="tongbao-benchmark-") as directory:
        data = Path(directory) / "data"
        command = [sys.executable, "-m", "tongbao", "replay", str(file), "--json", "--data", str(data)]
        command += [] if limit is None else ["--limit", str(limit)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as replay:
            samples = _watch(replay, data)
            result: dict[str, Any] = json.loads(replay.communicate()[0])
    if replay.returncode:
        sys.exit(f"the replay failed: {result}")
    return result | _shares(samples, result)


def _watch(replay: "subprocess.Popen[bytes]", data: Path) -> list[Sample]:
    samples = []
    while replay.poll() is None:
        time.sleep(SAMPLE_EVERY_S)
        found = {"driver": replay.pid, **_roles(data)}
        used = {name: used_s for name, pid in found.items() if (used_s := _used_s(pid)) is not None}
        if len(used) > len(ROLES):
            samples.append(Sample(time.monotonic(), used, _machine_s()))
    return samples


def _roles(data: Path) -> dict[str, int]:
    """The processes that serve the network in `data`, by role."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it ended meanwhile
        for role in ROLES:
            if "serve" in words and any(word.startswith(f"{data}/{role}/") for word in words):
                found[role] = int(entry.parent.name)
    return found


def _used_s(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _machine_s() -> float:
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(ticks) - ticks[IDLE] - ticks[WAITING]) / TICKS_PER_S


def _shares(samples: list[Sample], result: dict[str, Any]) -> dict[str, Any]:
    """Where the time went from the first round to the end of the last."""
    if not samples:
        return {}
    last = samples[-1]
    first = min(samples, key=lambda each: abs(each.at_s - (last.at_s - result["seconds"])))
    lasted_s = max(last.at_s - first.at_s, SAMPLE_EVERY_S)
    used_s = {name: last.used_s[name] - first.used_s.get(name, 0) for name in last.used_s}
    return {
        "milliseconds_per_payment": {name: round(used / result["settled"] * 1000, 3) for name, used in used_s.items()},
        "used_cores": round(sum(used_s.values()) / lasted_s, 2),
        "busy_cores": round((last.machine_s - first.machine_s) / lasted_s, 2),
    }


def _line(run: dict[str, Any]) -> str:
    total_ms = sum(run.get("milliseconds_per_payment", {}).values())
    cores = f"{run.get('used_cores', '?')} cores used of {run.get('busy_cores', '?')} busy"
    speed = f"{run['settled']:,} payments, {run['per_second']} a second, {total_ms:.2f} ms of processor each"
    return f"{speed}, {cores}, digest {run['state_digest'][:16]}"


if __name__ == "__main__":
    main()
