"""Log lines: to standard error only, readable by programs, and each says for which request it was written."""

import json
import subprocess
import sys
from typing import Any

import pytest

BEGINNING = """
import logging
import structlog
from tongbao.adapters.request_id import REQUEST, RequestId
from tongbao.service.logs import configure_logs
configure_logs("info", json=True)
log = structlog.get_logger("tongbao.test")
"""
PROGRAM = """
log.debug("too quiet")
log.info("answered", status=200)
try:
    secret = "hunter2"
    raise KeyError("x")
except KeyError:
    log.exception("failed")
"""
STANDARD = """
logging.getLogger("tongbao.institutions").debug("too quiet")
logging.getLogger("tongbao.institutions").info("%d transactions wait", 3)
logging.getLogger("aiohttp").info("GET /v1/wallets/of-somebody")
logging.getLogger("aiohttp").warning("trouble")
try:
    secret = "hunter2"
    raise KeyError("x")
except KeyError:
    logging.getLogger("tongbao.institutions").exception("failed")
"""
REQUESTS = """
REQUEST.set(RequestId("institution-1-7", is_own=True))
log.info("one")
logging.getLogger("tongbao.institutions").info("two")
log.info("three", request_id="its own")
"""


def logged(program: str) -> list[dict[str, Any]]:
    ran = subprocess.run([sys.executable, "-c", BEGINNING + program], capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    assert "hunter2" not in ran.stderr, "the values of variables are nobody's business"
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_lines_are_json_on_standard_error_without_the_values_of_variables() -> None:
    lines = logged(PROGRAM)

    assert [(line["level"], line["event"]) for line in lines] == [("info", "answered"), ("error", "failed")]
    assert lines[0]["status"] == 200
    assert lines[0]["logger"] == "tongbao.test"
    assert "KeyError" in lines[1]["exception"]


def test_lines_of_the_standard_librarys_loggers_look_alike_and_others_are_heard_from_warnings_on() -> None:
    lines = logged(STANDARD)

    assert [(line["logger"], line["level"], line["event"]) for line in lines] == [
        ("tongbao.institutions", "info", "3 transactions wait"),
        ("aiohttp", "warning", "trouble"),
        ("tongbao.institutions", "error", "failed"),
    ]
    assert "KeyError" in lines[2]["exception"]


def test_lines_name_the_request_that_they_were_written_for() -> None:
    lines = logged(REQUESTS)

    assert [line["request_id"] for line in lines] == ["institution-1-7", "institution-1-7", "its own"]


@pytest.mark.parametrize("program", [PROGRAM, STANDARD])
def test_lines_that_were_written_for_no_request_name_none(program: str) -> None:
    assert [line for line in logged(program) if "request_id" in line] == []
