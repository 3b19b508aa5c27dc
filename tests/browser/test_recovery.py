"""A lost telephone: the phrase on paper brings the money to another browser; and a telephone without network."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.front import SECOND
from tests.browser.holder import Holder
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

OPENING = re.compile(r"/v1/wallets$")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_phrase_brings_the_money_to_another_browser_where_it_can_be_spent(visit: Visit, language: str) -> None:
    lost, found, payee = (
        Holder(visit(phone(language))),
        Holder(visit(desktop(language))),
        Holder(visit(phone(language))),
    )
    lost.open("李雷", institution=SECOND)
    lost.add("80.00")
    phrase = lost.phrase()
    lost.check_phrase(phrase)
    payee.open("韩梅梅")

    found.recover(phrase, institution=SECOND)
    found.expect_balance(80_00)
    found.paste(payee.link_of("30.00"))
    found.agree()
    found.go_home()

    found.expect_balance(50_00)


def test_without_network_the_wallet_is_read_and_pays_nothing_until_it_is_back(visit: Visit) -> None:
    visitor = visit(phone())
    holder, payee = Holder(visitor), Holder(visit(phone()))
    payee.open("Grace", institution=SECOND)
    link = payee.link_of("5.00")
    holder.open("Ada")
    holder.add("20.00")
    visitor.wait_until_installed()

    with visitor.offline():
        holder.page.reload()
        holder.expect_balance(20_00)
        expect(holder.page.get_by_text(holder.says["offlineWhy"])).to_be_visible()
    holder.page.reload()
    holder.paste(link)
    holder.agree()
    holder.go_home()

    holder.expect_balance(15_00)


def test_a_wallet_whose_page_is_closed_while_it_opens_is_there_at_the_next_visit_with_its_phrase(visit: Visit) -> None:
    visitor = visit(phone())
    holder = Holder(visitor)
    visitor.go("/wallet/")
    visitor.page.route(OPENING, lambda _route: None)  # which no answer comes to
    with visitor.page.expect_request(OPENING):
        holder.name_and_open("Ada")

    visitor.page.unroute(OPENING)
    visitor.page.reload()

    expect(holder.page.get_by_role("heading", name=holder.says["balance"])).to_be_visible()
    holder.add("20.00")
    holder.check_phrase(holder.phrase())
    holder.expect_balance(20_00)
