"""`tongbao bank` asks the right institution, as its teller, for what the words say, and shows the answer."""

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import json_of, tongbao
from tests.desks import Desks
from tongbao.errors import BusyError, PeerError, RefusedError, RequestError
from tongbao.protocol.banking import AccountBalance, AccountKind, BankOperation, BankOperationState, BankReport
from tongbao.protocol.wallet import Deposit
from tongbao.protocol.wire import Message

WALLET = bytes(range(16))
OPERATION_ID = bytes(range(32))


def _operation(**changes: Any) -> BankOperation:  # noqa: ANN401 - whatever field a test is about
    fields: dict[str, Any] = {
        "operation_id": OPERATION_ID,
        "kind": "issuance",
        "amount_fen": 100_000,
        "state": BankOperationState.PROPOSED,
        "status": "",
        "proposal_id": "p1",
        "transaction_id": None,
        "receipt": None,
        "sequence": 0,
        "time_ms": 0,
    }
    return BankOperation(**{**fields, **changes})


def _line(account: str, kind: AccountKind, balance_fen: int) -> AccountBalance:
    normal_fen = -balance_fen if kind is AccountKind.ASSET else balance_fen
    return AccountBalance(account=account, kind=kind, balance_fen=balance_fen, normal_balance_fen=normal_fen)


def _report(*, balanced: bool = True) -> BankReport:
    return BankReport(
        home=2,
        name="Second Bank",
        policy="e-CNY",
        accounts=[
            _line("cash", AccountKind.ASSET, -100_000),
            _line("vault", AccountKind.ASSET, -930_200),
            _line("reserves", AccountKind.CONTRA_ASSET, 991_200),
            _line("exchange in transit", AccountKind.LIABILITY, 0),
            _line("deposits", AccountKind.LIABILITY, 39_000),
        ],
        balanced=balanced,
        deposits_fen=39_000,
        reserves_fen=991_200,
        vault_fen=930_200,
        vault_coins=3,
        circulating_fen=7,
        wallets=1,
        in_flight=0,
        feed_sequence=0,
        sequence=0,
        time_ms=0,
    )


def test_the_report_shows_books_vault_and_wallets(desks: Desks) -> None:
    desks.answers["GET", "/v1/bank/report"] = _report()

    ended = tongbao("bank", "report", "--home", 2, "--data", desks.root)

    assert ended.exit_code == 0
    assert (
        ended.stdout
        == """\
Second Bank (home 2), policy e-CNY

                                                          debit           credit
assets
  banknotes taken by tellers                          ¥1,000.00
  coins in the vault                                  ¥9,302.00
contra-assets
  reserves paid to the central bank for coins                          ¥9,912.00
liabilities
  taken from deposits for coins on their way                               ¥0.00
  deposits of customers                                                  ¥390.00
total                                                ¥10,302.00       ¥10,302.00
books balance

coins, counted one by one
  in the vault                                        ¥9,302.00  in 3 coins
  in wallets                                              ¥0.07  in 1 wallet
"""
    )
    assert (desks.asked[0].role, desks.asked[0].caller) == ("institution-2", "teller")


def test_large_amounts_keep_their_columns_and_an_account_stands_on_the_side_where_its_balance_is(desks: Desks) -> None:
    overdrawn = [
        _line("vault", AccountKind.ASSET, 5),
        _line("reserves", AccountKind.CONTRA_ASSET, -(10**14)),
        _line("cash", AccountKind.ASSET, 0),
        _line("gold", AccountKind.LIABILITY, 10**14 - 5),
    ]
    desks.answers["GET", "/v1/bank/report"] = _report().model_copy(update={"accounts": overdrawn})

    books = tongbao("bank", "report", "--home", 2, "--data", desks.root).stdout.splitlines()[2:11]

    assert [line.split() for line in books] == [
        ["debit", "credit"],
        ["assets"],
        ["coins", "in", "the", "vault", "¥0.05"],
        ["banknotes", "taken", "by", "tellers", "¥0.00"],
        ["contra-assets"],
        ["reserves", "paid", "to", "the", "central", "bank", "for", "coins", "¥1,000,000,000,000.00"],
        ["liabilities"],
        ["gold", "¥999,999,999,999.95"],
        ["total", "¥1,000,000,000,000.00", "¥1,000,000,000,000.00"],
    ]
    debit, credit = books[0].index("debit") + 5, books[0].index("credit") + 6
    assert [len(line) for line in books] == [credit, 6, credit, debit, 13, debit, 11, credit, credit]


def test_books_that_do_not_balance_cannot_be_overlooked(desks: Desks) -> None:
    desks.answers["GET", "/v1/bank/report"] = _report(balanced=False)

    ended = tongbao("bank", "report", "--data", desks.root)

    assert "BOOKS DO NOT BALANCE" in ended.stdout


def test_the_report_for_programs_is_the_answer_itself(desks: Desks) -> None:
    desks.answers["GET", "/v1/bank/report"] = _report()

    ended = tongbao("bank", "report", "--data", desks.root, "--json")

    assert json_of(ended) == _report().model_dump(mode="json")


def test_cash_is_taken_for_the_wallet_that_is_named(desks: Desks) -> None:
    desks.answers["POST", "/v1/deposits"] = Deposit(wallet_id=WALLET, deposit_fen=15_050)

    ended = tongbao("bank", "deposit", WALLET.hex(), "100.50", "--data", desks.root)

    key = desks.asked[0].idempotency_key
    assert key
    assert ended.stdout == f"¥100.50 taken; the deposit is now ¥150.50\nrequest {key}\n"
    assert desks.asked[0].message == {"wallet_id": WALLET.hex(), "amount_fen": 10_050}


ASKS = [
    (("deposit", WALLET.hex(), "1"), "/v1/deposits", Deposit(wallet_id=WALLET, deposit_fen=100)),
    (("issue", "1"), "/v1/bank/issuance", _operation()),
    (("redeem", "1"), "/v1/bank/redemption", _operation(kind="redemption")),
]
every_ask = pytest.mark.parametrize(("words", "path", "message"), ASKS, ids=[words[0] for words, _, _ in ASKS])


@every_ask
def test_a_request_id_that_is_repeated_is_the_same_request(
    desks: Desks, words: tuple[str, ...], path: str, message: Message
) -> None:
    desks.answers["POST", path] = message

    first = tongbao("bank", *words, "--data", desks.root, "--json")
    request_id = json_of(first)["request_id"]
    again = tongbao("bank", *words, "--request-id", request_id, "--data", desks.root)

    assert [asked.idempotency_key for asked in desks.asked] == [request_id, request_id]
    assert desks.asked[0].message == desks.asked[1].message
    assert request_id not in again.stdout, "whoever gave it knows it"


LOST = [
    (ASKS[0], RequestError("it runs", code="IDEMPOTENCY_KEY_IN_USE")),
    (ASKS[1], BusyError("the queue is full")),
    (ASKS[2], PeerError("nonsense")),
]


@pytest.mark.parametrize(("ask", "error"), LOST, ids=[type(error).__name__ for _, error in LOST])
def test_a_lost_answer_says_how_to_ask_again_without_doing_it_twice(
    desks: Desks, ask: tuple[tuple[str, ...], str, Message], error: Exception
) -> None:
    words, path, _ = ask
    desks.answers["POST", path] = error

    ended = tongbao("bank", *words, "--data", desks.root, "--json")

    told = json_of(ended)
    assert (ended.exit_code, told["error"], told["state"]) == (6, "IN_DOUBT", "in_doubt")
    assert told["request_id"] == desks.asked[0].idempotency_key
    assert f"--request-id {told['request_id']}" in told["cure"]


def test_a_refused_deposit_is_no_lost_one(desks: Desks) -> None:
    desks.answers["POST", "/v1/deposits"] = RequestError("another request had it", code="IDEMPOTENCY_KEY_REUSED")

    ended = tongbao("bank", "deposit", WALLET.hex(), "1", "--request-id", "r1", "--data", desks.root, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (1, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("request_id", ["", "two words", "字", "x" * 129])
def test_what_is_no_request_id_is_a_wrong_command_line(request_id: str) -> None:
    ended = tongbao("bank", "deposit", WALLET.hex(), "1", "--request-id", request_id, "--data", "no network")

    assert ended.exit_code == 2
    assert "1 to 128 visible ASCII characters" in ended.stderr


def test_two_deposits_are_two_and_no_repeat_of_one(desks: Desks) -> None:
    desks.answers["POST", "/v1/deposits"] = Deposit(wallet_id=WALLET, deposit_fen=1)

    for _ in range(2):
        tongbao("bank", "deposit", WALLET.hex(), "1", "--data", desks.root)

    assert desks.asked[0].idempotency_key != desks.asked[1].idempotency_key


@pytest.mark.parametrize("wallet", ["", "00", WALLET.hex() + "00", "wallet"])
def test_what_is_no_wallets_id_is_refused_before_the_network_is_looked_for(wallet: str) -> None:
    ended = tongbao("bank", "deposit", wallet, "1", "--data", "no network")

    assert ended.exit_code == 2
    assert "a wallet's id has 32 hexadecimal digits" in ended.stderr


@pytest.mark.parametrize("amount", ["0", "0.001", "much", "--", "-5"])
@pytest.mark.parametrize("command", [("deposit", WALLET.hex()), ("issue",), ("redeem",)])
def test_a_wrong_amount_is_refused_before_the_network_is_looked_for(command: tuple[str, ...], amount: str) -> None:
    ended = tongbao("bank", *command, amount, "--data", "no network")

    assert ended.exit_code == 2


def test_money_is_asked_of_the_central_bank_in_as_many_coins_as_wanted(desks: Desks) -> None:
    desks.answers["POST", "/v1/bank/issuance"] = _operation()

    ended = tongbao("bank", "issue", "1,000.00", "--coins", 4, "--data", desks.root)

    assert desks.asked[0].message == {"amount_fen": 100_000, "coins": 4}
    assert ended.stdout.splitlines() == [
        "issuance of ¥1,000.00: proposed",
        f"operation: {OPERATION_ID.hex()}",
        "proposal:  p1 (tongbao central-bank approve p1 --officer FILE)",
        f"request {desks.asked[0].idempotency_key}",
    ]


def test_money_is_given_back_to_the_central_bank(desks: Desks) -> None:
    desks.answers["POST", "/v1/bank/redemption"] = _operation(kind="redemption", state="requested", proposal_id="")

    ended = tongbao("bank", "redeem", "1000", "--home", 2, "--request-id", "r1", "--data", desks.root)

    assert (desks.asked[0].role, desks.asked[0].message) == ("institution-2", {"amount_fen": 100_000})
    assert ended.stdout == f"redemption of ¥1,000.00: requested\noperation: {OPERATION_ID.hex()}\n"


@pytest.mark.parametrize("coins", ["0", "65"])
def test_no_coin_and_too_many_coins_are_a_wrong_command_line(coins: str) -> None:
    ended = tongbao("bank", "issue", "1", "--coins", coins, "--data", "no network")

    assert ended.exit_code == 2


def test_an_operation_is_asked_for_by_its_id(desks: Desks) -> None:
    desks.answers["GET", f"/v1/bank/operations/{OPERATION_ID.hex()}"] = _operation(state="settled", status="SETTLED")

    ended = tongbao("bank", "operation", OPERATION_ID.hex(), "--data", desks.root, "--json")

    assert json_of(ended)["state"] == "settled"


def test_a_refused_operation_says_why(desks: Desks) -> None:
    refused = _operation(state="refused", status="QUOTA_EXCEEDED")
    desks.answers["GET", f"/v1/bank/operations/{OPERATION_ID.hex()}"] = refused

    ended = tongbao("bank", "operation", OPERATION_ID.hex(), "--data", desks.root)

    assert ended.stdout.splitlines()[0] == "issuance of ¥1,000.00: refused QUOTA_EXCEEDED"


@pytest.mark.parametrize(
    ("proposal_id", "words"),
    [
        ("p0", "proposal p0, which comes before it: serial 3"),
        ("", "serial 3, whose proposal ended without it: the next one about the same takes it"),
    ],
)
def test_an_operation_that_waits_for_another_says_for_which(desks: Desks, proposal_id: str, words: str) -> None:
    waiting = _operation(state="approved", waits_for={"serial": 3, "proposal_id": proposal_id})
    desks.answers["GET", f"/v1/bank/operations/{OPERATION_ID.hex()}"] = waiting

    shown = tongbao("bank", "operation", OPERATION_ID.hex(), "--data", desks.root)
    told = tongbao("bank", "operation", OPERATION_ID.hex(), "--data", desks.root, "--json")

    assert shown.stdout.splitlines()[-1] == f"waits for: {words}"
    assert json_of(told)["waits_for"] == {"serial": 3, "proposal_id": proposal_id}


def test_a_refusal_keeps_its_name_and_cure(desks: Desks) -> None:
    desks.answers["POST", "/v1/bank/issuance"] = RefusedError(
        "more than the quota", code="QUOTA_EXCEEDED", field="amount_fen", cure="ask for less"
    )

    ended = tongbao("bank", "issue", "5", "--data", desks.root)

    assert ended.exit_code == 1
    assert ended.stderr == "QUOTA_EXCEEDED (amount_fen): more than the quota\n  → ask for less\n"


def test_a_bank_that_stays_busy_is_an_error_of_the_world(desks: Desks) -> None:
    desks.answers["GET", "/v1/bank/report"] = BusyError("the queue is full")

    ended = tongbao("bank", "report", "--data", desks.root, "--json")

    assert ended.exit_code == 4
    assert json_of(ended) == {"error": "BusyError", "message": "the queue is full", "field": "", "cure": ""}
    assert len(desks.asked) > 1


def test_a_home_that_is_not_on_the_network_is_named_with_those_that_are(desks: Desks) -> None:
    ended = tongbao("bank", "report", "--home", 9, "--data", desks.root)

    assert ended.exit_code == 4
    assert "no institution 9; it has 1, 2" in ended.stderr


def test_a_directory_without_a_network_says_how_to_make_one(tmp_path: Path) -> None:
    ended = tongbao("bank", "report", "--data", tmp_path)

    assert ended.exit_code == 4
    assert "make one with tongbao up" in ended.stderr


def test_the_directory_may_be_named_by_the_environment(desks: Desks) -> None:
    desks.answers["GET", "/v1/bank/report"] = _report()

    ended = tongbao("bank", "report", TONGBAO_DATA=str(desks.root))

    assert ended.exit_code == 0
