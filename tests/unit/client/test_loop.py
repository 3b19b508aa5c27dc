"""The client library's event loop, in a thread of its own."""

import asyncio
import threading

import pytest

from tongbao.client.loop import LoopThread
from tongbao.errors import RefusedError


async def name_of_thread() -> str:
    await asyncio.sleep(0)
    return threading.current_thread().name


async def refuse() -> None:
    raise RefusedError("no", code="NO")


def test_work_is_done_in_another_thread_and_its_answer_and_its_errors_come_back() -> None:
    loop = LoopThread()

    answer = loop.run(name_of_thread())
    with pytest.raises(RefusedError, match="no"):
        loop.run(refuse())
    loop.close()

    assert answer == "tongbao client"
    assert "tongbao client" not in {thread.name for thread in threading.enumerate()}


async def test_it_serves_also_whoever_is_in_the_middle_of_another_loop() -> None:
    loop = LoopThread()

    assert loop.run(name_of_thread()) == "tongbao client"

    loop.close()
