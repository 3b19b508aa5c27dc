"""A wallet takes from its home's word on the past only such receipts as the registration centre has signed."""

import pytest

from tests.builders import CENTRE, batch, bytes32, receipts
from tests.wallet_people import People
from tongbao.errors import NetworkError, PeerError
from tongbao.kernel import Status
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.protocol.wire import Message

IDENTITY = bytes32(7)


def proof(identity: bytes = IDENTITY, *, status: Status = Status.SETTLED, key: int = CENTRE) -> bytes:
    return receipts(batch(), [(identity, status)], key=key)[0].encode()


def received(receipt: bytes | None, *, state: str = "settled", identity: bytes | None = IDENTITY) -> HistoryEntry:
    return HistoryEntry(
        entry_id="1",
        kind="received",
        amount_fen=300,
        counterparty="",
        state=state,
        transaction_id=identity,
        time_ms=0,
        receipt=receipt,
    )


async def told(people: People, entry: HistoryEntry) -> bytes | None:
    """What counts as the entry's receipt."""
    alice = await people.open("alice")

    def bend(path: str, answer: Message) -> Message:
        return HistoryPage(entries=[entry], next="") if path.endswith("/history") else answer

    people.world.bend = bend
    [shown] = (await alice.history()).entries
    assert (shown.entry_id, shown.amount_fen) == ("1", 300)
    return shown.receipt


async def test_a_receipt_of_money_received_counts_once_it_is_verified(people: People) -> None:
    assert await told(people, received(proof())) == proof()


async def test_an_entry_without_a_receipt_is_told_without(people: People) -> None:
    assert await told(people, received(None)) is None


@pytest.mark.parametrize(
    ("receipt", "message"),
    [
        (proof(bytes32(8)), "something else"),
        (proof(status=Status.EXPIRED), "something else"),
        (b"receipt", "proves nothing"),
        (proof()[:-3] + bytes([proof()[-3] ^ 1]) + proof()[-2:], "proves nothing"),
    ],
)
async def test_a_receipt_that_proves_something_else_is_the_homes_fault(
    people: People, receipt: bytes, message: str
) -> None:
    with pytest.raises(PeerError, match=message):
        await told(people, received(receipt))


@pytest.mark.parametrize(
    "entry", [received(proof(), state="absent"), received(proof(), identity=None), received(proof(key=CENTRE + 1))]
)
async def test_what_cannot_be_a_proof_of_the_entry_does_not_count(people: People, entry: HistoryEntry) -> None:
    assert await told(people, entry) is None


@pytest.mark.usefixtures("centre")
async def test_a_receipt_under_a_key_that_control_admitted_later_counts_once_the_centre_names_the_key(
    people: People,
) -> None:
    newer, stranger = proof(key=CENTRE + 1), proof(key=CENTRE + 2)

    assert await told(people, received(newer)) == newer
    assert await told(people, received(stranger)) is None


@pytest.mark.usefixtures("centre")
async def test_the_past_is_told_though_the_centre_cannot_be_asked_for_its_keys(people: People) -> None:
    def before(path: str) -> None:
        if path == "/v1/institutions":
            raise NetworkError("nobody answers")

    people.world.before = before

    assert await told(people, received(proof(key=CENTRE + 1))) is None
    assert "GET /v1/institutions" in people.world.asked
