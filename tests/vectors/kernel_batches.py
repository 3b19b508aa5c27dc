"""Batches that can and that cannot follow: place, link, time, rules, what the writer had applied, what is in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    batch,
    coin,
    control,
    issue,
    spend,
    submission,
    transfer,
)
from tests.kernel_builders import NETWORKS, STEP_MS, TIGHT, Ledger, reheaded, unsigned
from tests.vectors.kernel_story import funded, to_bob
from tongbao.coin import Batch, BatchKind, Submission
from tongbao.coin.control import Quota
from tongbao.kernel import ReferenceKernel

DAY_MS = 86_400_000
FOR_EVER_MS = 2**64 - 1 - GENESIS_TIME_MS - STEP_MS
LAG_MAX = 8
NOT_RECENT = "what it says was applied, 0, is not recent"
REFUSED = "a submission in it is refused: "
CONTROL_LATE = "control comes after money in it"


@dataclass(frozen=True)
class BatchCase:
    """A history and a batch that follows it or cannot.

    Attributes:
        name: what is special about it.
        ledger: the history.
        follows: the encoded batch.
        invalid: how the reason why it cannot follow begins; empty where it can.
        network: a name of `NETWORKS`.
    """

    name: str
    ledger: Ledger = field(repr=False)
    follows: bytes
    invalid: str = ""
    network: str = "sample"


def _ledger(count: int = 1, network: str = "sample") -> Ledger:
    """A history of so many heartbeats, a second apart."""
    ledger = Ledger(kernel=ReferenceKernel(NETWORKS[network]))
    for _ in range(count):
        ledger.heartbeat(time_ms=ledger.now_ms + STEP_MS)
    return ledger


def places() -> Iterator[BatchCase]:
    """Network, sequence, link, rules and body."""
    ledger = _ledger()
    good = ledger.next_batch()
    yield BatchCase("a heartbeat", ledger, good.encode())
    issued = submission([issue([coin(5, owner=ALICE)])], home=0)
    paid = ledger.next_batch([issued])
    yield BatchCase("money", ledger, paid.encode())
    for name, broken, reason in (
        ("bytes left over", good.encode() + b"\x00", "batch: 1 bytes too many"),
        ("nothing at all", b"", "batch: needs 2 bytes"),
        ("a heartbeat with money", _of_kind(paid, BatchKind.HEARTBEAT), "batch: a heartbeat has no submissions"),
        (
            "no heartbeat and no money",
            _of_kind(good, BatchKind.MONEY),
            "batch: a heartbeat has no submissions, and every other batch has some",
        ),
        (
            "of another network",
            reheaded(good, network_id=TIGHT.domain().network_id).encode(),
            "it is of another network",
        ),
        ("the same sequence again", reheaded(good, sequence=1).encode(), "sequence 1 does not follow 1"),
        ("a sequence left out", reheaded(good, sequence=3).encode(), "sequence 3 does not follow 1"),
        (
            "the link to the batch before that",
            reheaded(good, previous=DOMAIN.network_id).encode(),
            "it does not link to the batch before",
        ),
        ("other rules", reheaded(good, rules=2).encode(), "rules 2 are not in force"),
        ("another body hash", reheaded(paid, body_hash=good.header.body_hash).encode(), "its body is not the header's"),
        (
            "another body",
            Batch(paid.header, (*paid.submissions, issued.encode())).encode(),
            "its body is not the header's",
        ),
    ):
        yield BatchCase(name, ledger, broken, reason)


def _of_kind(original: Batch, kind: BatchKind) -> bytes:
    encoded = bytearray(original.encode())
    encoded[3] = kind  # after the header's length and version
    return bytes(encoded)


def lags() -> Iterator[BatchCase]:
    """What the writer says that it had applied."""
    ledger = _ledger(LAG_MAX + 2)
    good, last = ledger.next_batch(), ledger.kernel.sequence

    def naming(sequence: int, statuses: bytes) -> bytes:
        return reheaded(good, applied_sequence=sequence, applied_statuses=statuses).encode()

    oldest = last + 1 - LAG_MAX
    yield BatchCase("eight behind", ledger, naming(oldest, ledger.kernel.applied_statuses(oldest)))
    too_old = _ledger(oldest - 1).kernel.applied_statuses(oldest - 1)
    yield BatchCase("nine behind", ledger, naming(oldest - 1, too_old), "what it says was applied, 2, is not recent")
    yield BatchCase(
        "applied before it was written",
        ledger,
        naming(last + 1, bytes(32)),
        "what it says was applied, 11, is not recent",
    )
    yield BatchCase("genesis, long ago", ledger, naming(0, bytes(32)), NOT_RECENT)
    older = ledger.kernel.applied_statuses(last - 1)
    yield BatchCase("the statuses of another batch", ledger, naming(last, older), "its writer saw other statuses in 10")
    young = _ledger(LAG_MAX - 1)
    from_genesis = reheaded(young.next_batch(), applied_sequence=0, applied_statuses=bytes(32))
    yield BatchCase("genesis, eight behind", young, from_genesis.encode())
    late = _ledger(LAG_MAX)
    from_genesis = reheaded(late.next_batch(), applied_sequence=0, applied_statuses=bytes(32))
    yield BatchCase("genesis, nine behind", late, from_genesis.encode(), NOT_RECENT)


def times() -> Iterator[BatchCase]:
    """How far ledger time steps."""
    for network, money, step_ms, reason in (
        ("sample", False, 0, ""),
        ("sample", False, -1, "ledger time may not step by -1 ms"),
        ("sample", True, 60_000, ""),
        ("sample", True, 60_001, "ledger time may not step by 60001 ms"),
        ("sample", True, -1, "ledger time may not step by -1 ms"),
        ("sample", False, 30 * DAY_MS, ""),
        ("sample", False, FOR_EVER_MS, ""),
        ("real", False, DAY_MS, ""),
        ("real", False, DAY_MS + 1, "ledger time may not step by 86400001 ms"),
        ("real", True, 60_000, ""),
        ("real", True, 60_001, "ledger time may not step by 60001 ms"),
    ):
        ledger = _ledger(1, network)
        domain = ledger.domain
        issued = issue([coin(5, owner=ALICE, domain=domain)], expiry_ms=GENESIS_TIME_MS + DAY_MS, domain=domain)
        endorsed = [submission([issued], home=0, domain=domain)] if money else []
        following = ledger.next_batch(endorsed, time_ms=ledger.now_ms + step_ms)
        kind = "money" if money else "a heartbeat"
        network_name = "a test network" if network == "sample" else "a network that is no test"
        yield BatchCase(f"{kind} {step_ms} ms on, on {network_name}", ledger, following.encode(), reason, network)


def contents() -> Iterator[BatchCase]:
    """What submissions it may carry."""
    story, funds = funded()
    ledger, paid = story.ledger, to_bob(funds)
    quota, spare = control(Quota(0, 1, 5)), transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)])

    def following(*submissions: Submission) -> bytes:
        return ledger.next_batch(submissions).encode()

    by_bank, by_home = submission([quota], home=0), submission([paid])
    yield BatchCase("control before money", ledger, following(by_bank, by_home))
    yield BatchCase("control after money", ledger, following(by_home, by_bank), CONTROL_LATE)
    forged = submission([unsigned(paid)])
    yield BatchCase("a submission that judge refuses", ledger, following(forged), REFUSED + "SIGNATURE_INVALID, ")
    elsewhere = replace(submission([spare]), signature=bytes(64))
    reason = REFUSED + "SUBMISSION_SIGNATURE_INVALID, "
    yield BatchCase("the second of two is refused", ledger, following(by_home, elsewhere), reason)
    yield BatchCase("the same submission twice", ledger, following(by_home, by_home))
    domain = TIGHT.domain()
    narrow = Ledger(kernel=ReferenceKernel(TIGHT))
    small = transfer([spend(5, owner=ALICE, domain=domain)], [coin(5, owner=BOB, domain=domain)], domain=domain)
    three, two = (submission([small] * count, domain=domain) for count in (3, 2))
    full = narrow.next_batch([two, two])
    yield BatchCase("as many transactions as genesis allows", narrow, full.encode(), network="tight")
    over = narrow.next_batch([three, two])
    yield BatchCase(
        "one more than genesis allows",
        narrow,
        over.encode(),
        "it has 5 transactions, at most 4 are allowed",
        network="tight",
    )


def beginnings() -> Iterator[BatchCase]:
    """The first batch after genesis."""
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))
    yield BatchCase("the first", ledger, batch().encode())
    yield BatchCase(
        "the first, linked to nothing",
        ledger,
        batch(previous=bytes(32)).encode(),
        "it does not link to the batch before",
    )
    wrong = batch(applied_statuses=b"\x01" * 32)
    yield BatchCase("the first, with statuses of genesis", ledger, wrong.encode(), "its writer saw other statuses in 0")
    yield BatchCase(
        "the first as if it were the second", ledger, batch(sequence=2).encode(), "sequence 2 does not follow 0"
    )


def cases() -> list[BatchCase]:
    """All of them."""
    return [case for part in (beginnings, places, lags, times, contents) for case in part()]
