"""Submissions for the first stage: one lie away from what `judge` lets pass, or two, of which the earlier counts."""

from collections.abc import Iterator
from dataclasses import replace

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    EXPIRY_MS,
    Spend,
    acceptance,
    bytes32,
    coin,
    control,
    issue,
    key_lock,
    locked_coin,
    public_key,
    redeem,
    signed,
    spend,
    submission,
    timed_lock,
    transfer,
)
from tests.kernel_builders import TIGHT, endorsed, worthless
from tests.vectors.kernel_lies import JudgeCase, alices, alone, moving, under
from tongbao.coin import (
    Body,
    Kind,
    PublicKey,
    Suite,
)
from tongbao.coin.control import Quota
from tongbao.kernel import Status


def passed() -> Iterator[JudgeCase]:
    """What passes, at the bounds of what may."""
    settled, whole = Status.SETTLED, -1
    home2 = coin(5, owner=BOB, home=2)
    anchor, *_ = alices(5)
    late = timed_lock(ALICE, BOB)
    for_bob = timed_lock(ALICE, CAROL, locks=[key_lock(BOB).id(DOMAIN)])
    at_home_2 = timed_lock(ALICE, CAROL, homes=[2])
    frozen = alices(5)[0].input
    cases = {
        "a transfer with change": transfer(alices(5), [coin(2, owner=BOB), coin(3, owner=ALICE)]),
        "two coins under one key, one signature": transfer(alices(5, 6), [coin(11, owner=BOB)]),
        "two assets in one transfer": transfer(
            [*alices(5), spend(7, owner=ALICE, asset=9)], [coin(7, owner=BOB, asset=9), coin(5, owner=BOB)]
        ),
        "a transfer to another home with its acceptance": transfer(
            alices(5), [home2], acceptances=[acceptance(anchor.input, [home2])]
        ),
        "a timed lock by key A": transfer([under(late)], [coin(5, owner=BOB)]),
        "a timed lock by key B, whatever the time": transfer([under(late, signer=BOB, path=1)], [coin(5, owner=BOB)]),
        "a restricted coin to the lock that it names, change to its own": transfer(
            [under(for_bob)], [coin(3, owner=BOB), locked_coin(2, for_bob)]
        ),
        "a restricted coin to the home that it names": transfer([under(at_home_2)], [home2]),
        "a restricted coin by key B to the lock that it names": transfer(
            [under(for_bob, signer=CAROL, path=1)], [coin(5, owner=BOB)]
        ),
        "a redemption": redeem(alices(5)),
        "a redemption under an unrestricted timed lock": redeem([under(late)]),
        "a redemption without approvals: who must approve is for apply": redeem(alices(5), approvers=()),
    }
    for name, transaction in cases.items():
        yield JudgeCase(settled, name, alone(transaction), whole)
    for name, transaction in {
        "an issue": issue([coin(5, owner=BOB), coin(6, owner=BOB)]),
        "an ordered move": moving(frozen, [coin(5, owner=BOB)]),
        "a quota": control(Quota(0, 1, 5)),
    }.items():
        yield JudgeCase(settled, name, alone(transaction, home=0), whole)
    ordered = submission([control(Quota(0, 1, 5)), control(Quota(0, 1, 6)), issue([coin(5, owner=BOB)])], home=0)
    yield JudgeCase(settled, "control before money", ordered.encode(), whole)
    yield from _passed_narrowly()


def _passed_narrowly() -> Iterator[JudgeCase]:
    settled, whole = Status.SETTLED, -1
    tight = TIGHT.domain()
    two = [spend(value, owner=ALICE, domain=tight, index=value) for value in (1, 2)]
    largest = transfer(two, [coin(1, owner=BOB, salt=salt, domain=tight) for salt in range(3)], domain=tight)
    full = alone(largest, network="tight")
    yield JudgeCase(settled, "as many inputs and outputs as may be", full, whole, network="tight")
    four = endorsed(*[largest.encode()] * 4, domain=tight).encode()
    yield JudgeCase(settled, "as many transactions as fit into a batch", four, whole, network="tight")


def refused_submissions() -> Iterator[JudgeCase]:
    """What is wrong with a submission as a whole."""
    good = transfer(alices(5), [coin(5, owner=BOB)])
    whole = submission([good]).encode()
    elsewhere = submission([good], domain=TIGHT.domain()).encode()
    forged = replace(submission([good]), signature=bytes(64))
    other_suite = replace(forged, key=PublicKey(Suite.SM2, public_key(11).key))
    tight = TIGHT.domain()
    small = transfer([spend(5, owner=ALICE, domain=tight)], [coin(5, owner=BOB, domain=tight)], domain=tight).encode()
    malformed, network, signature = (
        Status.SUBMISSION_MALFORMED,
        Status.WRONG_NETWORK,
        Status.SUBMISSION_SIGNATURE_INVALID,
    )
    yield JudgeCase(malformed, "nothing at all", b"", -1)
    yield JudgeCase(malformed, "the last byte is missing", whole[:-1], -1)
    yield JudgeCase(malformed, "one byte too many", whole + b"\x00", -1)
    yield JudgeCase(malformed, "no transactions", whole[:36] + bytes(2) + whole[-101:], -1)
    yield JudgeCase(
        malformed, "more than fit into a batch", endorsed(*[small] * 5, domain=tight).encode(), -1, network="tight"
    )
    yield JudgeCase(malformed, "before another network", elsewhere + b"\x00", -1, network)
    yield JudgeCase(network, "signed for another network", elsewhere, -1)
    yield JudgeCase(network, "before the signature", elsewhere[:-1] + bytes((elsewhere[-1] ^ 1,)), -1, signature)
    yield JudgeCase(signature, "a signature of zeros", forged.encode(), -1)
    yield JudgeCase(signature, "a signature of no bytes", replace(forged, signature=b"").encode(), -1)
    yield JudgeCase(signature, "a suite that is not active", other_suite.encode(), -1)
    yield JudgeCase(signature, "of another home, which the signature covers", replace(forged, home=2).encode(), -1)
    broken = replace(endorsed(b"\x00"), signature=bytes(64)).encode()
    yield JudgeCase(signature, "before what it endorses", broken, -1, Status.MALFORMED)


def refused_forms() -> Iterator[JudgeCase]:
    """What cannot be read, and what a transaction of its kind must and must not have."""
    good = transfer(alices(5), [coin(5, owner=BOB)])
    yield JudgeCase(Status.MALFORMED, "one byte too many", alone(good.encode() + b"\x00"))
    yield JudgeCase(Status.MALFORMED, "no bytes", alone(b""))
    second = endorsed(good.encode(), good.encode()[:-1])
    yield JudgeCase(Status.MALFORMED, "the second of two", second.encode(), 1)
    yield JudgeCase(
        Status.MALFORMED,
        "before a value, which lies in the body and is read after the rest",
        alone(worthless(good) + b"\x00"),
        beats=Status.VALUE_OUT_OF_RANGE,
    )
    out_of_range, kind = Status.VALUE_OUT_OF_RANGE, Status.KIND_NOT_FOR_HOME
    yield JudgeCase(out_of_range, "an output without value", alone(worthless(good)))
    yield JudgeCase(out_of_range, "before the kind", alone(worthless(issue([coin(5, owner=BOB)]))), beats=kind)
    yield JudgeCase(kind, "an issue endorsed by an institution", alone(issue([coin(5, owner=BOB)])))
    yield JudgeCase(kind, "control endorsed by an institution", alone(control(Quota(0, 1, 5)), home=2))
    yield JudgeCase(kind, "a transfer endorsed by the central bank", alone(good, home=0))
    yield JudgeCase(kind, "a redemption endorsed by the central bank", alone(redeem(alices(5)), home=0))
    yield from _refused_counts()
    yield from _refused_parts()


def _refused_counts() -> Iterator[JudgeCase]:
    domain = TIGHT.domain()

    def build(inputs: int, outputs: int, kind: Kind = Kind.TRANSFER) -> bytes:
        spends = [spend(4, owner=ALICE, index=index, domain=domain) for index in range(inputs)]
        coins = tuple(coin(3, owner=BOB, salt=salt, domain=domain) for salt in range(outputs))
        body = Body(kind, EXPIRY_MS, bytes32(0), tuple(each.input for each in spends), coins)
        return alone(signed(body, spends=spends, domain=domain), network="tight")

    inputs, outputs, tight = Status.TOO_MANY_INPUTS, Status.TOO_MANY_OUTPUTS, "tight"
    kind = Status.KIND_NOT_FOR_HOME
    yield JudgeCase(kind, "before the inputs", build(3, 3, Kind.ISSUE), beats=inputs, network=tight)
    yield JudgeCase(inputs, "one more than genesis allows", build(3, 3), network=tight)
    yield JudgeCase(inputs, "before the outputs", build(3, 4), beats=outputs, network=tight)
    yield JudgeCase(outputs, "one more than genesis allows", build(2, 4), network=tight)
    yield JudgeCase(outputs, "before missing inputs", build(0, 4), beats=Status.INPUTS_MISSING, network=tight)


def _refused_parts() -> Iterator[JudgeCase]:
    paid, spends = coin(5, owner=BOB), alices(5)
    move = moving(spends[0].input, [paid])
    no_inputs, extra_inputs = Status.INPUTS_MISSING, Status.INPUTS_NOT_ALLOWED
    no_outputs, extra_outputs = Status.OUTPUTS_MISSING, Status.OUTPUTS_NOT_ALLOWED

    def issued(**parts: object) -> bytes:
        return alone(signed(Body(Kind.ISSUE, EXPIRY_MS, bytes32(0), serial=1, **parts)), home=0)  # type: ignore[arg-type]

    def redeemed(*spent: Spend) -> bytes:
        body = Body(Kind.REDEEM, EXPIRY_MS, bytes32(0), tuple(each.input for each in spent), (paid,))
        return alone(signed(body, spends=spent))

    yield JudgeCase(no_inputs, "a transfer of nothing", alone(transfer([], [paid])))
    yield JudgeCase(no_inputs, "a redemption of nothing", alone(redeem([])))
    yield JudgeCase(no_inputs, "an ordered move of nothing", alone(moving(spends[0].input, [paid], inputs=()), home=0))
    yield JudgeCase(no_inputs, "before missing outputs", alone(transfer([], [])), beats=no_outputs)
    opened = (spends[0].input,)
    yield JudgeCase(extra_inputs, "an issue out of coins", issued(inputs=opened, outputs=(paid,)))
    quota = Quota(0, 1, 5)
    yield JudgeCase(extra_inputs, "a quota with a coin", alone(control(quota, inputs=opened), home=0))
    yield JudgeCase(extra_inputs, "before missing outputs", issued(inputs=opened), beats=no_outputs)
    both = control(quota, inputs=opened, outputs=[paid])
    yield JudgeCase(extra_inputs, "before outputs not allowed", alone(both, home=0), beats=extra_outputs)
    repeated = [*spends, *spends]
    yield JudgeCase(no_outputs, "a transfer to nobody", alone(transfer(spends, [])))
    yield JudgeCase(no_outputs, "an issue to nobody", issued())
    yield JudgeCase(no_outputs, "an ordered move to nobody", alone(replace(move, body=_moved_nowhere()), home=0))
    yield JudgeCase(no_outputs, "before a repeated input", alone(transfer(repeated, [])), beats=Status.INPUT_REPEATED)
    yield JudgeCase(extra_outputs, "a redemption with change", redeemed(*spends))
    yield JudgeCase(extra_outputs, "a quota that makes a coin", alone(control(quota, outputs=[paid]), home=0))
    yield JudgeCase(extra_outputs, "before a repeated input", redeemed(*repeated), beats=Status.INPUT_REPEATED)


def _moved_nowhere() -> Body:
    return replace(moving(alices(5)[0].input, [coin(5, owner=BOB)]).body, outputs=())


def refused_values() -> Iterator[JudgeCase]:
    """Inputs and outputs that do not fit together."""
    one, paid = alices(5), coin(10, owner=BOB)
    elsewhere = [spend(5, owner=ALICE, home=2)]
    repeated, homes = Status.INPUT_REPEATED, Status.HOMES_DIFFER
    targets, conserved, count = Status.ISSUE_TARGETS_DIFFER, Status.VALUE_NOT_CONSERVED, Status.WITNESS_COUNT_WRONG
    yield JudgeCase(repeated, "one coin twice", alone(transfer([*one, *one], [paid])))
    yield JudgeCase(repeated, "one coin twice in a redemption", alone(redeem([*one, *one])))
    three = transfer([*one, *one, *elsewhere], [coin(15, owner=BOB)])
    yield JudgeCase(repeated, "before different homes", alone(three), beats=homes)
    yield JudgeCase(homes, "coins of two homes", alone(transfer([*one, *elsewhere], [paid])))
    yield JudgeCase(homes, "coins of two homes in a redemption", alone(redeem([*one, *elsewhere])))
    short = transfer([*one, *elsewhere], [coin(9, owner=BOB)])
    yield JudgeCase(homes, "before value", alone(short), beats=conserved)
    two_homes = [coin(5, owner=BOB), coin(5, owner=BOB, home=2)]
    yield JudgeCase(targets, "an issue into two homes", alone(issue(two_homes), home=0))
    two_assets = issue([coin(5, owner=BOB), coin(5, owner=BOB, asset=1)])
    yield JudgeCase(targets, "an issue of two assets", alone(two_assets, home=0))
    witnessed = replace(issue(two_homes), witnesses=transfer(one, [paid]).witnesses)
    yield JudgeCase(targets, "before the witnesses", alone(witnessed, home=0), beats=count)
    yield JudgeCase(conserved, "one fen more than was there", alone(transfer(one, [coin(6, owner=BOB)])))
    yield JudgeCase(conserved, "one fen less than was there", alone(transfer(one, [coin(4, owner=BOB)])))
    swapped = transfer(one, [coin(5, owner=BOB, asset=1)])
    yield JudgeCase(conserved, "the same value of another asset", alone(swapped))
    moved = moving(one[0].input, [coin(6, owner=BOB)])
    yield JudgeCase(conserved, "an ordered move that makes money", alone(moved, home=0))
    largest = [2**63 - 1] * 2
    wrapped = transfer(alices(*largest, 3), [coin(1, owner=BOB)])
    yield JudgeCase(conserved, "a sum that is 1 only modulo 2^64", alone(wrapped))
    naked = replace(transfer(one, [coin(6, owner=BOB)]), witnesses=())
    yield JudgeCase(conserved, "before the witnesses", alone(naked), beats=count)


def cases() -> list[JudgeCase]:
    """All of them."""
    parts = (passed, refused_submissions, refused_forms, refused_values)
    return [case for part in parts for case in part()]
