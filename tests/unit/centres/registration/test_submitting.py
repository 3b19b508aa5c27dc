"""Submissions, from the home's hand to verdict and receipt."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    CENTRE,
    DOMAIN,
    coin,
    control,
    genesis,
    issue,
    public_key,
    signer,
    spend_of,
    submission,
    transfer,
)
from tests.kernel_builders import only_reference
from tests.registration_world import (
    CentreWorld,
    hand_in,
    issued,
    payment,
    proofs,
    statuses,
)
from tongbao.centres.registration import waiting
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Limits, Submission, Transaction
from tongbao.coin.control import Quota
from tongbao.coin.verdicts import Verdicts
from tongbao.errors import BusyError, DecodingError, DiskFullError, RefusedError, RequestError
from tongbao.kernel import Status
from tongbao.protocol.registration import SubmissionRequest

KEYS = [public_key(CENTRE)]


def badly_signed(transaction: Transaction) -> Transaction:
    """The same transaction with a signature that does not hold."""
    witnesses = tuple(replace(each, signature=bytes(64)) for each in transaction.witnesses)
    return Transaction(transaction.body, witnesses)


async def test_a_payment_settles_and_its_receipt_proves_it_offline(centre: RegistrationCentre) -> None:
    made = await issued(centre, 3)
    pays = [payment(made, index, to=BOB) for index in range(3)]

    answer = await hand_in(centre, pays)

    assert statuses(answer) == ["SETTLED"] * 3
    for pay, receipt in zip(pays, proofs(answer), strict=True):
        receipt.verify(DOMAIN, keys=KEYS)
        assert receipt.transaction_id == pay.id(DOMAIN)
    assert answer.sequence == (await centre.status()).sequence


async def test_a_refusal_by_the_ledger_has_a_receipt_too(centre: RegistrationCentre) -> None:
    made = await issued(centre, 1)
    await hand_in(centre, [payment(made, 0, to=BOB)])

    answer = await hand_in(centre, [payment(made, 0, to=CAROL, reference=1)])

    assert statuses(answer) == ["INPUT_NOT_UNSPENT"]
    proofs(answer)[0].verify(DOMAIN, keys=KEYS)


async def test_a_late_retry_gets_the_first_receipt_and_is_not_batched_again(
    centre: RegistrationCentre, world: CentreWorld
) -> None:
    made = await issued(centre, 1)
    pay = payment(made, 0, to=BOB)
    first = await hand_in(centre, [pay])
    before = (await centre.status()).sequence
    await world.clock.advance(3_600_000)

    again = await hand_in(centre, [pay])

    assert again.verdicts == first.verdicts
    assert (await centre.status()).sequence in {before, before + 1}  # a heartbeat of the quiet hour at most
    assert world.outcomes() == 2


async def test_a_repeat_beside_a_new_transaction_gets_its_first_receipt(centre: RegistrationCentre) -> None:
    made = await issued(centre, 2)
    old, new = payment(made, 0, to=BOB), payment(made, 1, to=BOB)
    first = await hand_in(centre, [old])

    both = await hand_in(centre, [new, old])

    assert statuses(both) == ["SETTLED", "SETTLED"]
    assert both.verdicts[1] == first.verdicts[0]


async def test_a_transaction_twice_in_one_submission_has_one_receipt(centre: RegistrationCentre) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)

    answer = await hand_in(centre, [pay, pay])

    assert statuses(answer) == ["SETTLED", "SETTLED"]
    assert answer.verdicts[0] == answer.verdicts[1]


async def test_copies_in_flight_share_one_verdict(centre: RegistrationCentre, world: CentreWorld) -> None:
    made = await issued(centre, 2)
    pays = [payment(made, 0, to=BOB), payment(made, 1, to=BOB)]

    answers = await asyncio.gather(*[hand_in(centre, pays) for _ in range(5)])

    assert all(answer.verdicts == answers[0].verdicts for answer in answers)
    assert statuses(answers[0]) == ["SETTLED", "SETTLED"]
    assert world.count("batches WHERE length(verdicts) = 68") == 1


async def test_a_copy_with_a_bad_signature_consumes_nothing(centre: RegistrationCentre) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)

    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, [badly_signed(pay)])
    answer = await hand_in(centre, [pay])

    assert (refused.value.code, refused.value.field) == ("SIGNATURE_INVALID", "submission.transactions[0]")
    assert statuses(answer) == ["SETTLED"]


async def test_a_submission_with_one_bad_transaction_is_refused_whole(
    centre: RegistrationCentre, world: CentreWorld
) -> None:
    made = await issued(centre, 6)
    pays = [payment(made, index, to=BOB) for index in range(6)]
    before = (await centre.status()).sequence

    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, [*pays[:5], badly_signed(pays[5])])

    assert refused.value.field == "submission.transactions[5]"
    assert (await centre.status()).sequence == before
    assert statuses(await hand_in(centre, pays)) == ["SETTLED"] * 6
    assert (
        world.registry.get_sample_value("tongbao_registration_submissions_refused_total", {"code": "SIGNATURE_INVALID"})
        == 1
    )


async def test_a_home_hands_in_nothing_but_its_own(centre: RegistrationCentre) -> None:
    endorsed = submission([payment(await issued(centre, 1), 0, to=BOB)], home=1)

    with pytest.raises(RequestError) as refused:
        await centre.submit(SubmissionRequest(submission=endorsed.encode()), caller=2)

    assert (refused.value.code, refused.value.field) == ("FORBIDDEN", "submission.home")


async def test_a_submission_of_another_network_is_refused(centre: RegistrationCentre) -> None:
    other = genesis(name="another").domain()
    foreign = submission([issue([coin(1, owner=ALICE, domain=other)], domain=other)], home=0, domain=other)

    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, foreign, home=0)

    assert (refused.value.code, refused.value.field) == ("WRONG_NETWORK", "submission.network_id")


async def test_what_is_no_submission_is_refused(centre: RegistrationCentre) -> None:
    with pytest.raises(DecodingError):
        await centre.submit(SubmissionRequest(submission=b"money"), caller=1)


async def test_a_transaction_that_is_none_is_refused_with_its_place(centre: RegistrationCentre) -> None:
    good = payment(await issued(centre, 1), 0, to=BOB).encode()
    endorsed = Submission.sign(DOMAIN, (good, b"\xff\xff\xff\xff"), home=1, key=public_key(11), sign=signer(11).sign)

    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, endorsed)

    assert (refused.value.code, refused.value.field) == ("MALFORMED", "submission.transactions[1]")


async def test_a_home_whose_key_is_not_current_settles_nothing(centre: RegistrationCentre) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)

    answer = await hand_in(centre, submission([pay], home=1, key=99))

    assert statuses(answer) == ["ENDORSER_KEY_NOT_CURRENT"]


async def test_control_and_issue_repeat_as_safely_as_payments(centre: RegistrationCentre) -> None:
    both = [control(Quota(0, 1, 77)), issue([coin(5, owner=ALICE)])]

    first = await hand_in(centre, both, home=0)
    again = await hand_in(centre, both, home=0)

    assert statuses(first) == ["SETTLED", "SETTLED"]
    assert again.verdicts == first.verdicts


async def test_control_after_money_fits_into_no_batch(centre: RegistrationCentre) -> None:
    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, [issue([coin(5, owner=ALICE)]), control(Quota(0, 1, 77))], home=0)

    assert refused.value.code == "CONTROL_AFTER_MONEY"


async def test_a_full_queue_says_so_and_has_room_again_afterwards(
    centre: RegistrationCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await issued(centre, 3)
    monkeypatch.setattr(waiting, "WAITING_HOME_TRANSACTIONS_MAX", 2)
    first = asyncio.create_task(hand_in(centre, [payment(made, 0, to=BOB), payment(made, 1, to=BOB)]))
    while centre._parts is not None and centre._parts.submitting._room.taken() == 0:  # noqa: ASYNC110
        await asyncio.sleep(0)

    with pytest.raises(BusyError) as busy:
        await hand_in(centre, [payment(made, 2, to=BOB)])

    assert busy.value.retry_after_s >= 1
    assert statuses(await first) == ["SETTLED", "SETTLED"]
    assert statuses(await hand_in(centre, [payment(made, 2, to=BOB)])) == ["SETTLED"]


async def test_a_caller_who_hangs_up_does_not_undo_what_he_asked_for(centre: RegistrationCentre) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)
    asking = asyncio.create_task(hand_in(centre, [pay]))
    waiting_too = asyncio.create_task(hand_in(centre, [pay]))
    while centre._parts is not None and not centre._parts.submitting._in_flight:  # noqa: ASYNC110
        await asyncio.sleep(0)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert statuses(await waiting_too) == ["SETTLED"]
    assert statuses(await hand_in(centre, [pay])) == ["SETTLED"]


async def test_a_full_disk_refuses_new_work_loses_nothing_and_goes_on_with_room(
    centre: RegistrationCentre, world: CentreWorld
) -> None:
    made = await issued(centre, 2)
    settled, refused = payment(made, 0, to=BOB), payment(made, 1, to=BOB)
    first = await hand_in(centre, [settled])
    world.platter.faults.capacity_bytes = world.platter.used_bytes() + 100

    with pytest.raises(DiskFullError):
        await hand_in(centre, [refused])
    absent = await centre.outcome(refused.id(DOMAIN))
    known = await hand_in(centre, [settled])
    world.platter.faults.capacity_bytes = 2**40

    assert absent.receipt is None
    assert known.verdicts == first.verdicts
    assert statuses(await hand_in(centre, [refused])) == ["SETTLED"]


@only_reference
async def test_a_slow_home_waits_while_others_go_on(centre: RegistrationCentre, world: CentreWorld) -> None:
    made = await issued(centre, 2)
    pays = [payment(made, index, to=BOB) for index in range(2)]
    codes = []
    for _ in range(70):
        with pytest.raises(RequestError) as refused:
            await hand_in(centre, [badly_signed(pays[0])])
        codes.append(refused.value.code)

    assert (codes[0], codes[-1]) == ("SIGNATURE_INVALID", "RATE_LIMITED")
    # Canonical signatures need no share, and time brings the share back.
    assert statuses(await hand_in(centre, [pays[0]])) == ["SETTLED"]
    await world.clock.advance(10_000)
    with pytest.raises(RequestError) as later:
        await hand_in(centre, [badly_signed(pays[1])])
    assert later.value.code == "SIGNATURE_INVALID"


async def test_a_batch_holds_what_came_together(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    centre = await world.open()
    made = await issued(centre, 40)
    before = (await centre.status()).sequence

    answers = await asyncio.gather(*[hand_in(centre, [payment(made, index, to=BOB)]) for index in range(40)])

    assert {status for answer in answers for status in statuses(answer)} == {"SETTLED"}
    assert (await centre.status()).sequence - before <= 3
    await centre.stop()
    await world.close()


async def test_more_than_one_batch_holds_is_cut_into_several(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=genesis(limits=Limits(batch_transactions_max=4)))
    domain = world.domain
    centre = await world.open()
    made = issue([coin(1, owner=ALICE, salt=salt, domain=domain) for salt in range(17)], domain=domain)
    await hand_in(centre, submission([made], home=0, domain=domain), home=0)
    pays = [
        transfer(
            [spend_of(made, index, owner=ALICE, salt=index, domain=domain)],
            [coin(1, owner=BOB, salt=index, domain=domain)],
            domain=domain,
        )
        for index in range(17)
    ]

    answers = await asyncio.gather(
        *[hand_in(centre, submission(pays[at : at + 3], home=1, domain=domain)) for at in range(0, 12, 3)]
    )
    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, submission(pays[12:], home=1, domain=domain))

    assert [statuses(answer) for answer in answers] == [["SETTLED"] * 3] * 4
    assert refused.value.code == "SUBMISSION_MALFORMED"
    await centre.stop()
    await world.close()


async def test_an_encoded_submission_gets_the_verdicts_of_the_same_one_in_json(centre: RegistrationCentre) -> None:
    made = await issued(centre, 7)
    pays = [payment(made, index, to=BOB) for index in range(7)]
    endorsed = submission(pays, home=1)

    verdicts = Verdicts.decode(await centre.submit_encoded(endorsed.encode(), caller=1))
    again = await hand_in(centre, endorsed)

    ids = [each.id(DOMAIN) for each in pays]
    verdicts.verify(ids, DOMAIN, keys=KEYS)
    assert len(verdicts.stretches) == 1
    assert verdicts.receipts(ids, DOMAIN) == proofs(again)
    assert verdicts.sequence == again.sequence


async def test_encoded_verdicts_hold_first_receipts_beside_new_ones(centre: RegistrationCentre) -> None:
    made = await issued(centre, 3)
    old, new, spent = payment(made, 0, to=BOB), payment(made, 1, to=BOB), payment(made, 0, to=CAROL, reference=1)
    first = await hand_in(centre, [old])
    together = [new, old, spent, payment(made, 2, to=BOB)]

    answer = await centre.submit_encoded(submission(together, home=1).encode(), caller=1)

    verdicts, ids = Verdicts.decode(answer), [each.id(DOMAIN) for each in together]
    verdicts.verify(ids, DOMAIN, keys=KEYS)
    found = verdicts.receipts(ids, DOMAIN)
    assert [Status(each.status).name for each in found] == ["SETTLED", "SETTLED", "INPUT_NOT_UNSPENT", "SETTLED"]
    assert found[1] == proofs(first)[0]


async def test_a_short_submission_is_refused_before_anything_is_read_of_it(centre: RegistrationCentre) -> None:
    for data in (b"", DOMAIN.network_id + b"\x00\x00\x00\x01"):
        with pytest.raises(DecodingError):
            await centre.submit_encoded(data, caller=1)
