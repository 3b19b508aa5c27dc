"""How the sandbox tells of what keeps it from becoming ready, before any server answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.scenarios.sandboxes import make_sandbox_network
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.protocol.sandbox import SandboxState
from tongbao.service.connections import connected
from tongbao.service.web.sandbox.sandbox import SANDBOX_FOLDER, Sandbox, opened_sandbox


class Defective(HttpNetwork):
    """A network with a defect."""

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        raise LookupError(f"{method} {url} {len(headers)} {len(body)} {timeout_s}")


async def until_it_waits(sandbox: Sandbox) -> None:
    for _ in range(500):
        if sandbox.preparation is SandboxState.WAITING:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the sandbox tells nothing")


async def test_a_folder_that_cannot_be_made_is_named_and_tried_again(tmp_path: Path) -> None:
    data = make_sandbox_network(tmp_path / "data")
    (data.root / SANDBOX_FOLDER).write_text("in the way")

    async with opened_sandbox(data) as sandbox, sandbox.running():
        await until_it_waits(sandbox)
        reason = sandbox.view().reason

    assert reason == f"cannot make {data.root / SANDBOX_FOLDER}: File exists"


async def test_a_defect_is_logged_shown_and_raised_at_the_end(tmp_path: Path) -> None:
    data = make_sandbox_network(tmp_path / "data")
    async with connected(data.root) as connections:
        network = Defective()
        sandbox = Sandbox(replace(connections, network=network))

        with structlog.testing.capture_logs() as logged, pytest.raises(LookupError):
            async with sandbox.running():
                await until_it_waits(sandbox)
        await network.close()

    assert [(each["event"], each["log_level"]) for each in logged] == [("the sandbox has ended", "error")]
    assert sandbox.view().reason.startswith("a defect")
