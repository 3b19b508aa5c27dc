"""Log lines: to standard error only, and readable by programs."""

import json
import subprocess
import sys

PROGRAM = """
import structlog
from tongbao.service.logs import configure_logs
configure_logs("info", json=True)
log = structlog.get_logger("tongbao.test")
log.debug("too quiet")
log.info("answered", status=200)
try:
    secret = "hunter2"
    raise KeyError("x")
except KeyError:
    log.exception("failed")
"""


def test_lines_are_json_on_standard_error_without_the_values_of_variables() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert ran.stdout == ""
    assert [(line["level"], line["event"]) for line in lines] == [("info", "answered"), ("error", "failed")]
    assert lines[0]["status"] == 200
    assert "KeyError" in lines[1]["exception"]
    assert "hunter2" not in ran.stderr
