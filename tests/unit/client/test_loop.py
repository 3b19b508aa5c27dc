"""The client library's event loop, in a thread of its own."""

import asyncio
import threading

import pytest

from tongbao.client.loop import LoopThread
from tongbao.errors import NetworkError, RefusedError, RequestError


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


def test_what_is_closed_twice_is_closed_and_runs_nothing_more() -> None:
    loop = LoopThread()
    loop.close()
    loop.close()

    with pytest.raises(RequestError) as caught:
        loop.run(name_of_thread())

    assert caught.value.code == "CLIENT_CLOSED"


def test_whoever_waits_while_another_thread_closes_it_is_let_go() -> None:
    loop, began, heard = LoopThread(), threading.Event(), list[Exception]()

    async def wait_for_ever() -> None:
        began.set()
        await asyncio.Event().wait()

    def ask() -> None:
        try:
            loop.run(wait_for_ever())
        except NetworkError as error:
            heard.append(error)

    waiting = threading.Thread(target=ask, daemon=True)
    waiting.start()
    began.wait(10)
    loop.close()
    waiting.join(10)

    assert ["may or may not have happened" in str(error) for error in heard] == [True]
