"""A page of measured figures: throughput against latency, cost against number of coins, one core and several.

It is made of what `tongbao bench ledger --json` printed, holds everything that it shows, and asks nobody for anything.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from tongbao.errors import ConfigurationError

__all__ = ["STAGES", "read_runs", "report_page"]

Run = dict[str, Any]

STAGES = (
    "verify_only",
    "settle_unsigned",
    "settle_signed",
    "settle_journaled",
    "end_to_end",
    "end_to_end_at_half",
    "end_to_end_at_1000",
)
_COLOURS = ("#2563eb", "#c2410c", "#15803d", "#7e22ce", "#be123c", "#0f766e")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 360, 64, 44, 28, 28
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1917; --dim: #57534e; --line: #d6d3d1; --ground: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f5f5f4; --dim: #a8a29e; --line: #44403c; --ground: #1c1917; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto;
  max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } p { color: var(--dim); max-width: 45rem; }
.wide { overflow-x: auto; } svg { width: 100%; height: auto; min-width: 34rem; max-width: 46rem; }
svg text { fill: var(--dim); font: 12px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.875rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: right;
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.run th { white-space: normal; padding-top: 1rem; max-width: 20rem; }
.key { display: inline-block; margin-right: 1rem; } .key i { display: inline-block; width: 0.75rem; height: 0.75rem; }
"""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one colour.

    Attributes:
        name: in the key.
        points: x and y, both above 0.
    """

    name: str
    points: Sequence[tuple[float, float]]


def read_runs(directory: Path) -> list[Run]:
    """The runs in the directory's `.json` files, by name of the file.

    Raises:
        ConfigurationError: there are none, or a file is something else.
    """
    runs = []
    for path in sorted(directory.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"cannot read {path}: {error}") from None
        if not isinstance(content, dict) or "settle_unsigned" not in content:
            raise ConfigurationError(f"{path} is nothing that `tongbao bench ledger --json` printed: move it elsewhere")
        runs.append({"name": path.stem, **content})
    if not runs:
        raise ConfigurationError(
            f"no .json file in {directory}: `tongbao bench ledger --json > {directory}/a.json` makes one"
        )
    return runs


def report_page(runs: Sequence[Run]) -> str:
    """The page."""
    parts = [
        _chart_part(
            "Throughput against latency",
            (
                "End to end with fsync: clients on the same cores, receipts verified. Each line has the quiet hour, "
                "half load in an open loop, and full load in a closed one; above is the latency that 99 of 100 "
                "submissions do not exceed."
            ),
            [Series(run["name"], _loads(run)) for run in runs],
            "transactions a second",
            "p99, ms",
        ),
        _chart_part(
            "Cost against number of coins",
            "Microseconds of processor for a transaction that is settled without verifying signatures and without a "
            "journal, by how many unspent coins there are.",
            _by_coins(runs, "settle_unsigned", "cpu_us"),
            "unspent coins",
            "us of processor",
        ),
        _chart_part(
            "Throughput against number of coins",
            "The same, in transactions a second.",
            _by_coins(runs, "settle_unsigned", "per_second"),
            "unspent coins",
            "transactions a second",
        ),
        _table(runs),
    ]
    machines = {f"{escape(str(run['cpu']))}, {_cores(run)}" for run in runs}
    head = f"<h1>The ledger, measured</h1><p>{'; '.join(sorted(machines))}</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The ledger, measured</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{head}{''.join(parts)}</main></body></html>\n"
    )


def _loads(run: Run) -> list[tuple[float, float]]:
    names = ("end_to_end_at_1000", "end_to_end_at_half", "end_to_end")
    return sorted((run[name]["per_second"], run[name]["p99_ms"]) for name in names if name in run)


def _cores(run: Run) -> str:
    count = run["machine"]["cores"]
    return "1 core" if count == 1 else f"{count} cores"


def _by_coins(runs: Sequence[Run], stage: str, figure: str) -> list[Series]:
    found: dict[str, list[tuple[float, float]]] = {}
    for run in runs:
        found.setdefault(f"{run['kernel']}, {_cores(run)}", []).append((run["coins"], run[stage][figure]))
    return [Series(name, sorted(points)) for name, points in found.items()]


def _chart_part(title: str, text: str, series: Iterable[Series], across: str, up: str) -> str:
    shown = [each for each in series if each.points]
    if not shown:
        return f"<h2>{title}</h2><p>None of the runs has measured this.</p>"
    keys = "".join(
        f'<span class="key"><i style="background:{colour}"></i> {escape(each.name)}</span>'
        for each, colour in zip(shown, _endless(_COLOURS), strict=False)
    )
    drawn = f'<div class="wide">{_chart(shown, across, up)}</div>'
    return f"<h2>{title}</h2><p>{text}</p>{drawn}<div>{keys}</div>"


def _endless(colours: Sequence[str]) -> Iterable[str]:
    while True:
        yield from colours


def _chart(series: Sequence[Series], across: str, up: str) -> str:
    """Points and lines over two logarithmic axes."""
    everything = [point for each in series for point in each.points]
    x, x_marks = _axis([point[0] for point in everything], _LEFT, _WIDTH - _RIGHT)
    y, y_marks = _axis([point[1] for point in everything], _HEIGHT - _BOTTOM, _TOP)
    drawn = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(up)} by {escape(across)}">']
    for mark in x_marks:
        drawn.append(f'<line class="axis" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        drawn.append(f'<text x="{x(mark):.1f}" y="{_HEIGHT - 26}" text-anchor="middle">{_short(mark)}</text>')
    for mark in y_marks:
        drawn.append(f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>')
        drawn.append(f'<text x="{_LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{_short(mark)}</text>')
    for each, colour in zip(series, _endless(_COLOURS), strict=False):
        places = [(x(across_), y(up_)) for across_, up_ in each.points]
        line = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
        drawn.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="4" fill="{colour}"/>' for left, top in places]
    drawn.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{escape(across)}</text>')
    drawn.append(f'<text x="4" y="16">{escape(up)}</text></svg>')
    return "".join(drawn)


def _axis(values: Sequence[float], start: float, end: float) -> tuple[Callable[[float], float], list[float]]:
    """Where a value stands between `start` and `end`, on whole powers of ten, and those powers."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)

    def place(value: float) -> float:
        return start + (math.log10(value) - low) / (high - low) * (end - start)

    return place, [10.0**power for power in range(low, high + 1)]


def _short(number: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g} {letter}"
    return f"{number:g}"


def _table(runs: Sequence[Run]) -> str:
    rows = []
    for run in runs:
        title = f"{run['name']}: {run['kernel']}, {run['crypto']}; {run['suite']}; {run['coins']:,} coins"
        rows.append(f'<tr class="run"><th colspan="6">{escape(title)}</th></tr>')
        rows += [_row(stage, run[stage]) for stage in STAGES if stage in run]
        rows += [
            f'<tr><td>{escape(name)}</td><td colspan="5">{rate:,.1f}</td></tr>'
            for name, rate in (run.get("limits") or {}).items()
            if rate is not None
        ]
    names = ("", "transactions/s", "p50, ms", "p99, ms", "p99.9, ms", "us of processor")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<h2>All figures</h2><div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _row(stage: str, summary: dict[str, float]) -> str:
    figures = [summary[name] for name in ("per_second", "p50_ms", "p99_ms", "p999_ms", "cpu_us")]
    return f"<tr><td>{stage}</td>{''.join(f'<td>{figure:,.2f}</td>' for figure in figures)}</tr>"
