"""A request's id is known to the work that is done for it, and to no other."""

import asyncio

from tongbao.adapters.request_id import NO_REQUEST, REQUEST, RequestId


async def test_the_tasks_of_a_request_know_it_and_others_do_not() -> None:
    async def told(text: str) -> tuple[RequestId, RequestId]:
        REQUEST.set(RequestId(text, is_own=True))
        await asyncio.sleep(0)
        begun = asyncio.get_running_loop().create_task(_current())
        return REQUEST.get(), await begun

    first, second = await asyncio.gather(told("1"), told("2"))

    assert [each.text for each in (*first, *second)] == ["1", "1", "2", "2"]
    assert REQUEST.get() == NO_REQUEST


async def _current() -> RequestId:
    return REQUEST.get()
