"""Metrics of running roles: all of them documented, none about a person, and the dashboard shows only what there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.scenarios.running import Town
from tongbao.service.data_directory import DataDirectory

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/metrics.md"
DASHBOARD = ROOT / "deploy/grafana/tongbao.json"
ALERTS = ROOT / "deploy/prometheus/tongbao-alerts.yml"

ANSWERED_WITHIN_S = 10
OF_PROMETHEUS = {"up": {"job", "instance"}}
LABELS_OF_PROMETHEUS = {"instance", "job", "le"}
_NAME = re.compile(r"\b((?:tongbao|process)_[a-z_]+|up)\b")
_MATCHED = re.compile(r"((?:tongbao|process)_[a-z_]+|up)\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture
async def measured(town: Town, network: DataDirectory) -> dict[str, dict[str, set[str]]]:
    """Names of samples and their labels by role, after some life."""
    alice, shop = await town.open("alice", 5_00), await town.shop("shop")
    order = await shop.sales.create_order(1_00, "1")
    await alice.pay_order(await alice.order(order.link))
    found: dict[str, dict[str, set[str]]] = {}
    for role, (_, url) in network.roles().items():
        answer = await town.connections.network.request(
            "GET", f"{url}/metrics", headers={}, body=b"", timeout_s=ANSWERED_WITHIN_S
        )
        names: dict[str, set[str]] = {}
        for family in text_string_to_metric_families(answer.body.decode()):
            names.setdefault(family.name + "_total" * (family.type == "counter"), set())
            for sample in family.samples:
                names.setdefault(sample.name, set()).update(sample.labels)
        found[role] = {name: labels for name, labels in names.items() if not name.endswith("_created")}
    return found


def merged(measured: dict[str, dict[str, set[str]]]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for role in measured.values():
        for name, labels in role.items():
            names.setdefault(name, set()).update(labels)
    return names


def expressions() -> list[tuple[str, str]]:
    """Every query of the dashboard and of the alerts, with where it stands."""
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
    lines = ALERTS.read_text(encoding="utf-8").splitlines()
    return queries + [("an alert", line.partition("expr: ")[2]) for line in lines if "expr: " in line]


async def test_dashboard_and_alerts_ask_only_for_what_is_measured(measured: dict[str, dict[str, set[str]]]) -> None:
    known = {**merged(measured), **OF_PROMETHEUS}

    for place, query in expressions():
        names = set(_NAME.findall(query))
        assert names, f"{place}: {query} asks for nothing"
        assert names <= set(known), f"{place}: nobody measures {names - set(known)}"
        for name, matchers in _MATCHED.findall(query):
            labels = set(_LABEL.findall(matchers))
            assert labels <= known[name] | LABELS_OF_PROMETHEUS, f"{place}: {name} has no label of {labels}"
        for grouping in _GROUPED.findall(query):
            grouped = {label.strip() for label in grouping.split(",")}
            having = set.union(*(known[name] for name in names)) | LABELS_OF_PROMETHEUS
            assert grouped <= having, f"{place}: nothing is labelled {grouped - having}"


def test_the_dashboard_is_one_that_grafana_can_lay_out() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["description"]
            assert [target["refId"] for target in panel["targets"]] == list("ABCDEF"[: len(panel["targets"])])


async def test_the_page_names_every_metric_of_ours_and_no_other(measured: dict[str, dict[str, set[str]]]) -> None:
    stated = set(re.findall(r"^\| `(tongbao_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))

    of_histograms = re.compile(r"_(bucket|sum|count)$")
    ours = {of_histograms.sub("", name) for name in merged(measured) if name.startswith("tongbao_")}
    assert stated == ours


async def test_every_alert_has_its_line_on_the_page() -> None:
    alerts = re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8"))

    page = PAGE.read_text(encoding="utf-8")

    assert alerts
    assert [alert for alert in alerts if f"| {alert} |" not in page] == []


async def test_no_label_names_a_person_or_a_thing_of_one(measured: dict[str, dict[str, set[str]]]) -> None:
    labels = set.union(*merged(measured).values())

    assert labels <= {"code", "kind", "le", "method", "origin", "path", "reason", "status", "version", "witness"}
