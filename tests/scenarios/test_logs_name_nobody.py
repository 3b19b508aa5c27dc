"""With everything logged that can be, no line says who somebody is, what he bought, or how he can be reached."""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.running import ISSUED_FEN, Town, make_network, town_of
from tongbao.errors import RequestError, TongbaoError
from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import RoleProcess, start_all, stop_all
from tongbao.service.sandbox import issue

pytestmark = pytest.mark.slow

PAYER, SHOP, GUEST = "Zhuang Zhou", "Butterfly House", "Li Qingzhao"
ORDER_NUMBER, DESCRIPTION, PHONE = "invoice-4711", "a dream of plums", "+8613812345678"


@pytest.fixture
async def loud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[DataDirectory, list[RoleProcess]]]:
    """A network whose roles log everything."""
    monkeypatch.setenv("TONGBAO_LOG_LEVEL", "debug")
    data = make_network(tmp_path / "data", "logs")
    processes = await start_all(data.roles(), logs=data.logs)
    try:
        yield data, processes
    finally:
        await stop_all(processes)


async def live(town: Town) -> list[str]:
    """Pay, refund, fail in several ways; returns everything that nobody may read in a log."""
    for home in (1, 2):
        await issue(town.connections, home, ISSUED_FEN)
    payer, shop = await town.open(PAYER, 300_00), await town.shop(SHOP, 20_00)
    guest = await town.open(GUEST, 50_00, home=2)
    order = await shop.sales.create_order(25_00, ORDER_NUMBER, description=DESCRIPTION)
    await payer.pay_order(await payer.order(order.link))
    await shop.refund(order.order_id, 5_00)
    await guest.pay_person(str(payer.address), 3_00)
    with contextlib.suppress(TongbaoError):
        await payer.payees.claim(PHONE)
    with pytest.raises(RequestError):
        await guest.pay_order(order)
    with pytest.raises(RequestError):
        await town.take_cash(b"nobody's wallet!", 1_00)
    wallets = (payer, shop, guest)
    named = [
        PAYER,
        SHOP,
        GUEST,
        ORDER_NUMBER,
        DESCRIPTION,
        PHONE,
        PHONE.removeprefix("+86"),
        order.order_id,
        order.link,
    ]
    return [*named, *(str(each.address) for each in wallets), *(each.wallet_id.hex() for each in wallets)]


async def test_nobody_can_be_recognised_in_the_logs_and_each_line_names_its_request(
    loud: tuple[DataDirectory, list[RoleProcess]], tmp_path: Path
) -> None:
    data, processes = loud
    async with town_of(data, "logs", tmp_path) as town:
        secrets = await live(town)
        second = next(process for process in processes if process.name == "institution-2")
        await second.kill()
        stranded = town.wallet(PAYER)
        await stranded.start()
        with contextlib.suppress(TongbaoError):
            await stranded.pay_person(secrets[-4], 1_00)

    logs = {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in data.logs.glob("*.log")}

    for role, text in logs.items():
        assert [secret for secret in secrets if secret.lower() in text.lower()] == [], role
    answered = [line for text in logs.values() for line in text.splitlines() if " answered " in line]
    assert len(answered) > 50
    assert [line for line in answered if "request_id=" not in line] == []
    assert re.search(r"request_id=\S*institution-1-\d+", logs["registration"]), "the centre hears for whom it is asked"
