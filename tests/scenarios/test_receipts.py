"""Both sides get a receipt: who pays and who is paid, at one institution and at two, by the wallet and by command."""

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.command_line import json_of, tongbao
from tests.scenarios.running import Town
from tongbao.coin import Receipt
from tongbao.kernel import Status
from tongbao.protocol.wallet import HistoryEntry
from tongbao.service.data_directory import DataDirectory
from tongbao.wallets import Wallet

PASSWORD = "open sesame"


async def newest(town: Town, wallet: Wallet) -> HistoryEntry:
    """The newest entry of a wallet's history, once both institutions have heard of everything."""
    await town.let_time_pass(1)
    return (await wallet.history(limit=1)).entries[0]


def proves(town: Town, entry: HistoryEntry, transaction_id: bytes) -> bool:
    """Whether the entry's receipt proves with genesis alone that just this transaction settled."""
    if entry.receipt is None:
        return False
    genesis = town.connections.data.genesis()
    receipt = Receipt.decode(entry.receipt)
    receipt.verify(genesis.domain(), keys=genesis.receipt_keys)
    return (receipt.transaction_id, receipt.status) == (transaction_id, Status.SETTLED)


async def test_a_payee_has_the_receipt_of_what_was_paid_from_another_institution(town: Town) -> None:
    alice, bob, carol = await town.open("alice", 10_000), await town.open("bob", home=2), await town.open("carol")

    far = await alice.pay_person(str(bob.address), 3_000)
    near = await alice.pay_person(str(carol.address), 2_000)

    at_bob, at_carol = await newest(town, bob), await newest(town, carol)
    assert [(each.kind, each.amount_fen) for each in (at_bob, at_carol)] == [("received", 3_000), ("received", 2_000)]
    assert proves(town, at_bob, far.transaction_id)
    assert proves(town, at_carol, near.transaction_id)
    assert at_bob.receipt == far.receipt, "both sides have the same"


async def test_a_refund_across_institutions_leaves_both_sides_with_receipts(town: Town) -> None:
    shop, bob = await town.shop("tea"), await town.open("bob", 10_000, home=2)
    order = await shop.sales.create_order(4_000, "1")
    paid = await bob.pay_order(await bob.order(order.link))
    of_payment = await newest(town, shop)

    refund = await shop.refund(order.order_id, 1_000)

    of_refund = await newest(town, bob)
    assert (of_payment.kind, of_payment.amount_fen) == ("received", 4_000)
    assert proves(town, of_payment, paid.transaction_id)
    assert (of_refund.kind, of_refund.amount_fen) == ("refund", 1_000)
    assert proves(town, of_refund, refund.transaction_id)


def test_the_receipts_of_a_payee_are_listed_and_verified_by_anybody(network: DataDirectory, tmp_path: Path) -> None:
    def ask(*words: object) -> dict[str, object]:
        ended = tongbao(*words, "--data", network.root, "--json", TONGBAO_WALLET_PASSWORD=PASSWORD)
        assert ended.exit_code == 0, ended.output
        return json_of(ended)

    alice = ask("wallet", "open", "proving-alice", "--home", 1, "--class", "II")
    bob = ask("wallet", "open", "proving-bob", "--home", 2, "--class", "II")
    ask("bank", "deposit", alice["wallet_id"], 100, "--home", 1)
    ask("wallet", "exchange", "proving-alice", 100)
    paid = ask("wallet", "pay", "proving-alice", bob["address"], "88.08", "--yes")
    ask("bank", "report", "--home", 2)

    listed = ask("wallet", "receipts", "proving-bob", "--to", tmp_path)
    text = tongbao(
        *("wallet", "receipts", "proving-bob", "--data", network.root), TONGBAO_WALLET_PASSWORD=PASSWORD
    ).stdout

    file = tmp_path / f"{paid['transaction_id']}.receipt"
    verified = ask("wallet", "receipt", file)
    assert listed == {
        "receipts": [
            {
                "transaction_id": paid["transaction_id"],
                "kind": "received",
                "amount_fen": 8_808,
                "receipt": base64.b64encode(file.read_bytes()).decode(),
            }
        ],
        "missing": [],
    }
    assert text.split() == [paid["transaction_id"], "received", "¥88.08"]
    assert (verified["valid"], verified["transaction_id"]) == (True, paid["transaction_id"])


def test_a_payment_is_proven_to_a_third_party_who_has_nothing_but_the_logs_public_keys(
    network: DataDirectory, tmp_path: Path
) -> None:
    def ask(*words: object, data: Path | None = network.root) -> tuple[int, dict[str, Any]]:
        where = () if data is None else ("--data", data)
        ended = tongbao(*words, *where, "--json", TONGBAO_WALLET_PASSWORD=PASSWORD)
        return ended.exit_code, json_of(ended)

    _, alice = ask("wallet", "open", "logged-alice", "--home", 1, "--class", "II")
    _, bob = ask("wallet", "open", "logged-bob", "--home", 2, "--class", "II")
    ask("bank", "deposit", alice["wallet_id"], 100, "--home", 1)
    ask("wallet", "exchange", "logged-alice", 100)
    _, paid = ask("wallet", "pay", "logged-alice", bob["address"], "12.34", "--yes")
    file, keys = tmp_path / "lunch.receipt", tmp_path / "log.vkey"
    keys.write_bytes(network.log_vkey.read_bytes())

    code, fetched = _fetched(ask, paid["transaction_id"], file)
    proven_code, proven = ask("receipt", "verify", file, "--vkey", keys, data=None)
    timed_code, timed = ask("receipt", "verify", file, "--vkey", keys, "--genesis", network.genesis_file, data=None)

    assert (code, proven_code, timed_code) == (0, 0, 0)
    assert (proven["valid"], proven["status"], proven["time_proven"]) == (True, "SETTLED", False)
    assert proven["transaction_id"] == paid["transaction_id"] == fetched["transaction_id"]
    assert proven["log_index"] < proven["tree_size"]
    assert proven["logged_by"] is not None
    assert timed["time_proven"]
    for wrong in _wrong(file, tmp_path):
        wrong_code, told = ask("receipt", "verify", wrong, "--vkey", keys, data=None)
        assert (wrong_code, told["valid"]) == (3, False), wrong


def _fetched(
    ask: Callable[..., tuple[int, dict[str, Any]]], transaction_id: object, file: Path
) -> tuple[int, dict[str, Any]]:
    """A receipt with its proof, once the log has it."""
    until_s = time.monotonic() + 10
    while True:
        code, told = ask("receipt", "fetch", transaction_id, "--to", file)
        if code == 0 or time.monotonic() > until_s:
            return code, told
        time.sleep(0.2)


def _wrong(file: Path, directory: Path) -> Iterator[Path]:
    """Receipts that are like the one in the file and prove nothing."""
    right = Receipt.decode(file.read_bytes())
    lies = {
        "refused": replace(right, status=Status.EXPIRED),
        "another": replace(right, transaction_id=bytes(32)),
        "bare": replace(right, log_proof=b""),
        "elsewhere": replace(right, log_proof=right.log_proof.replace(b"index ", b"index 1")),
    }
    for name, lie in lies.items():
        path = directory / f"{name}.receipt"
        path.write_bytes(lie.encode())
        yield path
