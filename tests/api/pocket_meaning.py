"""Who may ask what about pockets, and with which that exist."""

import secrets
from collections.abc import Mapping
from typing import Any

from tests.api.meant import Meaning, base64_text
from tests.api.things import Things, home_party, wallet_party


def pocket_meanings(things: Things) -> dict[str, Meaning]:
    """The operations on pockets."""
    payer, bank = wallet_party(things.payer), home_party(things.data, 2)
    its = {"pocket_id": things.pocket.pocket_id.hex()}
    taken = {"pocket_id": things.pocket_to_take.pocket_id.hex()}
    taking = {"transaction": base64_text(things.taking.encode())}

    def described() -> Mapping[str, Any]:
        return {
            "pocket_id": secrets.token_hex(32),
            "other_address": str(things.guest.address),
            "amount_fen": 1,
            "sealed_for_maker": base64_text(things.pocket.told.sealed),
            "sealed_for_other": base64_text(things.pocket.told.sealed),
        }

    def delivered() -> Mapping[str, Any]:
        return {
            "maker_home": 2,
            "pocket_id": secrets.token_hex(32),
            "maker_address": str(things.guest.address),
            "other_address": str(things.payer.address),
            "amount_fen": 1,
            "sealed": base64_text(things.pocket.told.sealed),
            "since_ms": things.pocket.told.since_ms,
        }

    return {
        "describe_pocket": Meaning(payer, body=described),
        "pockets": Meaning(payer, query={"after": "", "made_by": "maker"}),
        "pocket": Meaning(payer, path={"home": 1, **its}),
        "pocket_terms": Meaning(payer, path={"home": 1, **its}, body=dict),
        "take_pocket": Meaning(payer, path={"home": 1, **taken}, body=lambda: taking),
        "deliver_pocket": Meaning(bank, body=delivered),
        "home_pocket": Meaning(bank, path=its),
        "take_pocket_for": Meaning(bank, path=taken, body=lambda: taking),
    }
