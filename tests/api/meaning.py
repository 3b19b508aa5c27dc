"""What a stranger must know to be answered with a success: who may ask for an operation, and what exists.

Each operation has a `Meaning`: the party that signs, and a request that names things which are there. With it the
operation is asked for by everybody else too (test_authorisation.py), shown as an example (record_examples.py), and
mixed into what schemathesis makes up (test_openapi.py). The things are in things.py.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from tests.api.meant import Meaning, base64_text
from tests.api.pocket_meaning import pocket_meanings
from tests.api.things import (
    PHONE,
    SHOP_NAME,
    Things,
    home_party,
    new_party,
    officer_party,
    teller_party,
    wallet_party,
    watcher_party,
)
from tongbao.coin import PublicKey, Submission
from tongbao.coin.control import AuthorityKind, SuspendInstitution
from tongbao.protocol.payee import alias_id
from tongbao.protocol.stock import sign_stock
from tongbao.service.sandbox import approval_of


def registration_meanings(things: Things) -> dict[str, Meaning]:
    """The registration centre's operations that need more than their description tells."""
    data, paid = things.data, things.paid
    bank, central_bank = home_party(data, 1), home_party(data, 0)
    submission = Submission.sign(
        data.genesis().domain(),
        (paid.transaction,),
        home=1,
        key=PublicKey.ed25519(bank.key.public_key),
        sign=bank.key.sign,
    )
    lock_id = things.coin.held.opening.coin.lock_id.hex()
    return {
        "outcome": Meaning(bank, path={"transaction_id": paid.transaction_id.hex()}),
        "logged_receipt": Meaning(bank, path={"transaction_id": paid.transaction_id.hex()}),
        "submit": Meaning(bank, body=lambda: {"submission": base64_text(submission.encode())}),
        "submit_encoded": Meaning(bank, body=submission.encode),
        "coins": Meaning(bank, query={"after": "", "wait_s": 0}),
        "search": Meaning(bank, body=lambda: {"locks": [lock_id], "after": ""}),
        "supply_statements": Meaning(bank),
        "state_supply": Meaning(central_bank),
        "counted_coin": Meaning(bank, path={"opening": things.counted.held.opening.encode().hex()}),
        "supply_events": Meaning(bank, query={"wait_s": 0}),
        "pulse_events": Meaning(bank, query={"wait_s": 0}),
        "serial": Meaning(central_bank, path={"authority": 1, "subject": "0000000000000001"}),
        "heartbeat": Meaning(central_bank, body=lambda: {"time_ms": data.genesis().time_ms}),
    }


def central_bank_meanings(things: Things) -> dict[str, Meaning]:
    """The central bank's operations."""
    data = things.data
    bank, officer = home_party(data, 1), officer_party(data, AuthorityKind.ISSUANCE)
    suspend = SuspendInstitution(2, suspended=True)
    approval = approval_of(things.issuance, data.officer_keys(AuthorityKind.ISSUANCE)[0], data).encode()
    return {
        "propose_issuance": Meaning(bank, body=lambda: {"coins": [{"lock_id": secrets.token_hex(32), "value": 5}]}),
        "propose_redemption": Meaning(bank, body=lambda: {"transaction": base64_text(things.redemption.transaction)}),
        "propose_control": Meaning(
            officer_party(data, AuthorityKind.CONTROL),
            body=lambda: {"operation": base64_text(bytes([suspend.NUMBER]) + suspend.payload())},
        ),
        "approve": Meaning(
            officer,
            path={"proposal_id": things.issuance.proposal_id},
            body=lambda: {"approval": base64_text(approval)},
        ),
        "proposals": Meaning(officer, query={"after": "", "state": ""}),
        "supply_orders": Meaning(bank, query={"after": "", "limit": 2}),
        "proposal": Meaning(officer, path={"proposal_id": things.issuance.proposal_id}),
    }


def institution_meanings(things: Things) -> dict[str, Meaning]:
    """An institution's operations."""
    return {
        **_wallet_meanings(things),
        **_payment_meanings(things),
        **_payee_meanings(things),
        **_teller_meanings(things),
        **_webhook_meanings(things),
    }


def _webhook_meanings(things: Things) -> dict[str, Meaning]:
    shop = wallet_party(things.shop)
    its = {"endpoint_id": things.endpoint.endpoint_id}
    kinds = ["order.paid", "refund.settled"]
    return {
        "create_webhook": Meaning(shop, body=lambda: {"url": "https://noodles.example/told", "kinds": kinds}),
        "webhooks": Meaning(shop),
        "webhook": Meaning(shop, path=its),
        "change_webhook": Meaning(shop, path=its, body=lambda: {"kinds": []}),
        "rotate_webhook_secret": Meaning(shop, path=its, body=lambda: {"generation": 1}),
        "webhook_deliveries": Meaning(shop, path=its, query={"after": "", "limit": 1}),
        "replay_webhook": Meaning(shop, path=its, body=lambda: {"from_event": "1"}),
    }


def _wallet_meanings(things: Things) -> dict[str, Meaning]:
    payer, shop = wallet_party(things.payer), wallet_party(things.shop)
    its = {"wallet_id": things.payer.wallet_id.hex()}

    def stock() -> Mapping[str, Any]:
        keys = things.payer.keys
        made = sign_stock((secrets.token_bytes(32),), keys.domain, sign=keys.main.sign)
        return {"lock_ids": [lock.hex() for lock in made.lock_ids], "signature": base64_text(made.signature)}

    def order() -> Mapping[str, Any]:
        return {"amount_fen": 1250, "order_number": secrets.token_hex(8), "description": "two bowls of noodles"}

    opening = {"wallet_class": "IV", "holder_name": "Sun Hong", "locks": [], "locks_signature": ""}
    return {
        "open_wallet": Meaning(new_party(), body=lambda: opening),
        "wallet": Meaning(payer, path=its),
        "add_locks": Meaning(payer, path=its, body=stock),
        "exchange": Meaning(payer, path=its, body=lambda: {"amount_fen": 1}),
        "wallet_coins": Meaning(payer, path=its, query={"after": ""}),
        "wallet_events": Meaning(payer, path=its, query={"after": ""}),
        "wallet_history": Meaning(payer, path=its, query={"after": ""}),
        "wallet_data": Meaning(payer, path=its),
        **_watcher_meanings(things),
        "close_wallet": Meaning(
            wallet_party(things.leaver),
            path={"wallet_id": things.leaver.wallet_id.hex()},
            body=lambda: {"moved_to": ""},
        ),
        "wallet_statement": Meaning(payer, path=its, query={"after": "", "from_ms": 0, "until_ms": 2**62}),
        "open_merchant": Meaning(shop, body=lambda: {"name": SHOP_NAME, "category": "5999"}),
        "create_order": Meaning(shop, body=order),
        "merchant_orders": Meaning(shop, query={"after": ""}),
        **_shop_meanings(things),
        **_scan_meanings(things),
        **_money_request_meanings(things),
        **_refund_meanings(things),
        **pocket_meanings(things),
    }


def _watcher_meanings(things: Things) -> dict[str, Meaning]:
    payer, its = wallet_party(things.payer), {"wallet_id": things.payer.wallet_id.hex()}
    ended = watcher_party(things.watcher_to_end).key.public_key.hex()

    def watcher() -> Mapping[str, Any]:
        return {"name": secrets.token_hex(4), "public_key": secrets.token_hex(32)}

    return {
        "admit_watcher": Meaning(payer, path=its, body=watcher),
        "watchers": Meaning(payer, path=its),
        "end_watcher": Meaning(payer, path={**its, "public_key": ended}, body=dict),
    }


def _shop_meanings(things: Things) -> dict[str, Meaning]:
    shop = wallet_party(things.shop)
    its, other = {"till_id": things.till.till_id.hex()}, {"till_id": things.till_to_close.till_id.hex()}

    def till() -> Mapping[str, Any]:
        return {"name": secrets.token_hex(4), "public_key": secrets.token_hex(32)}

    def checkout() -> Mapping[str, Any]:
        order = {"amount_fen": 1250, "order_number": secrets.token_hex(8), "description": "a cart of noodles"}
        return {"order": order, "success_url": "https://shop.example/done", "cancel_url": "https://shop.example/cart"}

    return {
        "amend_order": Meaning(shop, path={"order_id": things.order_to_amend}, body=lambda: {"amount_fen": 1150}),
        "cancel_order": Meaning(shop, path={"order_id": things.order_to_cancel}, body=dict),
        "open_till": Meaning(shop, body=till),
        "merchant_tills": Meaning(shop, query={"after": ""}),
        "till": Meaning(shop, path=its),
        "close_till": Meaning(shop, path=other, body=dict),
        "create_checkout": Meaning(shop, body=checkout),
        "checkout": Meaning(new_party(), path={"order_id": things.checkout.order.order_id}),
        "settlement_report": Meaning(shop, query={"after": ""}),
    }


def _scan_meanings(things: Things) -> dict[str, Meaning]:
    its = {"wallet_id": things.shop.wallet_id.hex()}

    def asked() -> Mapping[str, Any]:
        return {"amount_fen": 1, "scan_id": secrets.token_hex(16)}

    def asked_by_home() -> Mapping[str, Any]:
        return {**asked(), "payer_home": 2, "payer_handle": secrets.token_hex(16)}

    return {
        "merchant": Meaning(new_party(), path=its),
        "scan": Meaning(wallet_party(things.payer), path={"home": 1, **its}, body=asked),
        "scanned": Meaning(home_party(things.data, 2), path=its, body=asked_by_home),
        "open_code_book": Meaning(
            wallet_party(things.payer),
            path={"wallet_id": things.payer.wallet_id.hex()},
            body=lambda: {"secret": secrets.token_hex(32)},
        ),
    }


def _money_request_meanings(things: Things) -> dict[str, Meaning]:
    payer, shop, bank = wallet_party(things.payer), wallet_party(things.shop), home_party(things.data, 2)
    requests = things.money_requests

    def asked() -> Mapping[str, Any]:
        return {
            "address": str(things.payer.address),
            "amount_fen": 1,
            "request_number": secrets.token_hex(8),
            "description": "your part of the taxi",
        }

    def brought() -> Mapping[str, Any]:
        return {
            "request_id": secrets.token_hex(16),
            "requester_home": 2,
            "requester_wallet_id": secrets.token_hex(16),
            "requester_name": "Zhou Min",
            "address": str(things.payer.address),
            "amount_fen": 1,
            "description": "concert ticket",
            "expires_at_ms": requests["open"].expires_at_ms,
        }

    def declined() -> Mapping[str, Any]:
        return {"teller_home": 2, "request_home": 1, "request_id": requests["abroad"].request_id, "state": "declined"}

    def path(which: str) -> Mapping[str, Any]:
        return {"home": 1, "request_id": requests[which].request_id}

    return {
        "ask_for_money": Meaning(shop, body=asked),
        "recall_payment": Meaning(
            payer, body=lambda: {"payment_id": things.mistaken.payment_id, "reason": "a digit was wrong"}
        ),
        "cancel_money_request": Meaning(shop, path={"request_id": requests["cancelled"].request_id}, body=dict),
        "money_requests": Meaning(payer, query={"after": ""}),
        "money_request": Meaning(payer, path=path("open")),
        "decline_money_request": Meaning(payer, path=path("declined"), body=lambda: {"reason": "paid in cash"}),
        "deliver_money_request": Meaning(bank, body=brought),
        "money_request_news": Meaning(bank, body=declined),
    }


def _refund_meanings(things: Things) -> dict[str, Meaning]:
    generous, payer, bank = wallet_party(things.generous), wallet_party(things.payer), home_party(things.data, 2)
    refunds = things.refunds

    def offered() -> Mapping[str, Any]:
        number = secrets.token_hex(8)
        return {"order_id": refunds["open"].order_id, "amount_fen": 1, "refund_number": number, "reason": "a late cake"}

    def brought() -> Mapping[str, Any]:
        return {
            "refund_id": secrets.token_hex(16),
            "shop_home": 2,
            "order_id": secrets.token_hex(16),
            "order_number": "cakes",
            "refund_number": "refund-1",
            "refund_handle": things.abroad.transaction_id.hex(),
            "merchant_wallet_id": things.guest.wallet_id.hex(),
            "merchant_name": "Cakes, or your money back",
            "amount_fen": 5,
            "reason": "one was stale",
            "state": "offered",
            "decided_by": "",
            "unanswered": "returns",
            "answer_by_ms": refunds["open"].answer_by_ms,
        }

    def answered() -> Mapping[str, Any]:
        return {"payer_home": 2, "refund_id": refunds["abroad"].refund_id, "accept": True}

    def path(which: str) -> Mapping[str, Any]:
        return {"refund_id": refunds[which].refund_id}

    return {
        "set_refund_policy": Meaning(generous, body=lambda: {"answer_within_s": 604_800, "unanswered": "returns"}),
        "refund_policy": Meaning(generous),
        "offer_refund": Meaning(generous, body=offered),
        "refunds": Meaning(payer, query={"after": ""}),
        "refund": Meaning(payer, path=path("open")),
        "withdraw_refund": Meaning(generous, path=path("withdrawn"), body=dict),
        "answer_refund": Meaning(payer, path={"home": 1, **path("answered")}, body=lambda: {"accept": True}),
        "deliver_refund": Meaning(bank, body=brought),
        "home_answers_refund": Meaning(bank, body=answered),
    }


def _payment_meanings(things: Things) -> dict[str, Meaning]:
    payer, paid = wallet_party(things.payer), things.paid
    asked = {
        "payee": {"order_id": things.order_id, "home": 1},
        "anchor": things.coin.held.coin_id.hex(),
    }
    paying = {"payment_id": paid.payment_id, "transaction": base64_text(paid.transaction)}

    def accepting() -> Mapping[str, Any]:
        return {
            "address": str(things.shop.address),
            "amount_fen": 1,
            "anchor": secrets.token_hex(32),
            "payer_home": 2,
            "payer_handle": secrets.token_hex(16),
        }

    return {
        "order_events": Meaning(payer, path={"order_id": things.order_id}, query={"wait_s": 0}),
        "order": Meaning(payer, path={"order_id": things.order_id}),
        "order_at": Meaning(payer, path={"home": 1, "order_id": things.order_id}),
        "prepare_payment": Meaning(payer, body=lambda: asked),
        "pay": Meaning(payer, body=lambda: paying),
        "payment": Meaning(payer, path={"payment_id": paid.payment_id}),
        "accept": Meaning(home_party(things.data, 2), body=accepting),
    }


def _payee_meanings(things: Things) -> dict[str, Meaning]:
    payer, shop, home = wallet_party(things.payer), wallet_party(things.shop), home_party(things.data, 2)
    address = {"address": str(things.payer.address), "name": "Wei Li"}
    proven = {"alias_id": alias_id(PHONE, things.data.genesis().domain()).hex()}

    def claiming() -> Mapping[str, Any]:
        return {"phone": f"+86139{secrets.randbelow(10**8):08d}"}

    return {
        "check_payee": Meaning(payer, body=lambda: address),
        "payee_name": Meaning(home, body=lambda: address),
        "find_alias": Meaning(shop, body=lambda: {**proven, "name": "Li Wei"}),
        "alias_holder": Meaning(home, body=lambda: {**proven, "name": ""}),
        "claim_alias": Meaning(payer, body=claiming),
        # Proven before, so that any code is a repetition.
        "confirm_alias": Meaning(payer, body=lambda: {**proven, "code": "000000"}),
        "own_aliases": Meaning(payer),
        "release_alias": Meaning(shop, body=lambda: proven),
        "sent_codes": Meaning(teller_party(things.data, 1)),
    }


def _teller_meanings(things: Things) -> dict[str, Meaning]:
    teller = teller_party(things.data, 1)
    wallet_id = things.payer.wallet_id.hex()
    item = {"wallet_id": wallet_id, "amount_fen": 1, "deposit_fen": 1}
    return {
        "deposit": Meaning(teller, body=lambda: {"wallet_id": wallet_id, "amount_fen": 5}),
        "pay_out": Meaning(teller, body=lambda: {"wallet_id": wallet_id, "amount_fen": 1}),
        "exchange_many": Meaning(teller, body=lambda: {"items": [item]}),
        "request_issuance": Meaning(teller, body=lambda: {"amount_fen": 7}),
        "request_redemption": Meaning(teller, body=lambda: {"amount_fen": 1}),
        "bank_operation": Meaning(teller, path={"operation_id": things.operation_id.hex()}),
        "bank_report": Meaning(teller),
        "reconciliation": Meaning(teller),
    }
