"""What the operations of the sandbox mean; nobody signs them, so the party is anybody."""

import secrets
from collections.abc import Mapping
from typing import Any

import requests

from tests.api.meant import Meaning
from tests.api.things import Things, new_party
from tongbao.protocol.sandbox import MallBasket

ANSWER_WITHIN_S = 30


def sandbox_meanings(things: Things) -> dict[str, Meaning]:
    """The sandbox's operations that need more than their description tells."""
    anybody, proposal = new_party(), {"proposal_id": things.issuance.proposal_id}
    wallet_id = things.bystander.wallet_id.hex()
    back = "http://127.0.0.1:7301/mall/"

    def basket() -> Mapping[str, Any]:
        asked = MallBasket(goods=["tea", "tea", "bun"], success_url=back, cancel_url=back)
        return asked.model_dump(mode="json")

    def issuance() -> Mapping[str, Any]:
        _approve_what_waits(things.sandbox_url, home=2)
        return {"home": 2, "amount_fen": 1_000_000}

    return {
        "sandbox_cash": Meaning(anybody, body=lambda: {"wallet_id": wallet_id, "home": 1, "amount_fen": 100}),
        "sandbox_issuance": Meaning(anybody, body=issuance),
        "sandbox_proposal": Meaning(anybody, path=proposal),
        "sandbox_approval": Meaning(anybody, path=proposal, body=lambda: {"officer": 1}),
        "mall_checkout": Meaning(anybody, body=basket),
        "mall_refund": Meaning(anybody, body=lambda: {"order_id": things.mall_order_id}),
    }


def _approve_what_waits(url: str, *, home: int) -> None:
    """An institution asks for one issuance after the other."""
    for each in requests.get(f"{url}/sandbox/proposals", timeout=ANSWER_WITHIN_S).json()["proposals"]:
        if each["home"] == home:
            for officer in (1, 2):
                approvals = f"{url}/sandbox/proposals/{each['proposal_id']}/approvals"
                key = {"Idempotency-Key": secrets.token_hex(16)}
                requests.post(approvals, json={"officer": officer}, headers=key, timeout=ANSWER_WITHIN_S)
