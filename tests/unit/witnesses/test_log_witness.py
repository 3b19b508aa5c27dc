"""A witness: what it cosigns, what it keeps before it does, and what it keeps of a log that signs two histories."""

import asyncio
from collections.abc import Callable

import pytest

from tests.log_histories import LOG, ORIGIN, LogHistory
from tongbao.adapters.witness_files import WitnessFiles
from tongbao.errors import BusyError, DamageError, DiskFullError, RefusedError, RequestError, StorageError
from tongbao.evidence import Checkpoint, SignatureKind, SignedText, SignedTextInvalidError, SigningKey, verify
from tongbao.protocol.log_witness import CheckpointSubmission
from tongbao.simulation.disk import CrashedError, Platter
from tongbao.witnesses.log_witness import LogWitness, OtherSizeError
from tongbao.witnesses.ports import History

HONEST = LogHistory()
FORGED = HONEST.rewritten_at(3)
NOW_MS = 1_700_000_000_999
DIRECTORY = "data/witness"
KEY = SigningKey("witness.example/w1", SignatureKind.COSIGNATURE_ED25519, b"w" * 32)
SECOND_KEY = SigningKey("witness.example/w1", SignatureKind.COSIGNATURE_ML_DSA_44, b"m" * 32)


class Noon:
    def now_ms(self) -> int:
        return NOW_MS


async def witness_on(platter: Platter, *, history: History | None = None) -> LogWitness:
    records = await WitnessFiles.open(platter.mount(), DIRECTORY)
    witness = LogWitness([KEY, SECOND_KEY], [LOG.verifier_key], records=records, clock=Noon(), history=history)
    await witness.open()
    return witness


async def size_of(witness: LogWitness) -> int:
    (log,) = await witness.logs()
    return log.checkpoint.size if log.checkpoint else 0


async def test_each_key_cosigns_with_the_time_of_the_clock() -> None:
    witness = await witness_on(Platter(seed=0))

    lines = await witness.add_checkpoint(HONEST.submission(0, 7))

    cosigned = SignedText(HONEST.checkpoint(7).text, lines)
    assert [each.time_s for each in verify(cosigned, witness.verifier_keys)] == [1_700_000_000, 1_700_000_000]


async def test_a_log_that_grows_is_followed() -> None:
    witness = await witness_on(Platter(seed=0))

    for old_size, size in [(0, 7), (7, 7), (7, 8), (8, 40)]:
        await witness.add_checkpoint(HONEST.submission(old_size, size))

    assert await size_of(witness) == 40
    assert witness.forks == []


async def test_a_log_that_is_not_known_is_refused() -> None:
    other = LogHistory(key=SigningKey("tongbao/other", SignatureKind.ED25519, b"o" * 32))

    with pytest.raises(RefusedError) as caught:
        await (await witness_on(Platter(seed=0))).add_checkpoint(other.submission(0, 7))

    assert caught.value.code == "LOG_UNKNOWN"


async def test_a_checkpoint_that_the_log_has_not_signed_is_refused() -> None:
    stranger = LogHistory(key=SigningKey(ORIGIN, SignatureKind.ED25519, b"s" * 32))

    with pytest.raises(SignedTextInvalidError):
        await (await witness_on(Platter(seed=0))).add_checkpoint(stranger.submission(0, 7))


async def test_a_log_that_thinks_of_another_checkpoint_is_told_the_size() -> None:
    witness = await witness_on(Platter(seed=0))
    await witness.add_checkpoint(HONEST.submission(0, 7))

    with pytest.raises(OtherSizeError) as caught:
        await witness.add_checkpoint(HONEST.submission(0, 20))

    assert caught.value.size == 7


async def test_of_two_submissions_at_once_the_slower_is_judged_by_what_the_faster_left() -> None:
    witness = await witness_on(Platter(seed=0))
    await witness.add_checkpoint(HONEST.submission(0, 7))

    answers = await asyncio.gather(
        witness.add_checkpoint(HONEST.submission(7, 40)),
        witness.add_checkpoint(HONEST.submission(7, 20)),
        return_exceptions=True,
    )

    assert isinstance(answers[1], OtherSizeError)
    assert await size_of(witness) == 40


async def test_what_was_cosigned_is_still_known_after_the_power_was_lost() -> None:
    platter = Platter(seed=0)
    await (await witness_on(platter)).add_checkpoint(HONEST.submission(0, 7))
    platter.lose_power()

    restarted = await witness_on(platter)

    assert await size_of(restarted) == 7
    with pytest.raises(OtherSizeError):
        await restarted.add_checkpoint(FORGED.submission(0, 7))


@pytest.mark.parametrize("keeps_power", [False, True])
@pytest.mark.parametrize("calls", range(1, 12))
async def test_wherever_it_crashes_nothing_is_cosigned_that_is_forgotten(calls: int, *, keeps_power: bool) -> None:
    platter = Platter(seed=calls)
    witness = await witness_on(platter)
    await witness.add_checkpoint(HONEST.submission(0, 7))
    platter.faults.crash_at_call, platter.faults.crash_keeps_power = platter.calls + calls, keeps_power

    try:
        await witness.add_checkpoint(HONEST.submission(7, 20))
        answered = True
    except CrashedError:
        answered = False
    platter.faults.crash_at_call = None
    platter.lose_power()

    assert await size_of(await witness_on(platter)) in ([20] if answered else [7, 20])


async def test_a_witness_whose_disk_fails_to_sync_signs_nothing() -> None:
    platter = Platter(seed=0)
    witness = await witness_on(platter)
    platter.faults.sync_fails = True

    with pytest.raises(StorageError):
        await witness.add_checkpoint(HONEST.submission(0, 7))


async def test_nothing_is_cosigned_that_the_disk_has_no_room_for() -> None:
    platter = Platter(seed=0)
    witness = await witness_on(platter)
    platter.faults.capacity_bytes = platter.used_bytes()

    with pytest.raises(DiskFullError):
        await witness.add_checkpoint(HONEST.submission(0, 7))

    assert await size_of(witness) == 0


async def test_a_record_that_is_damaged_stops_the_witness_rather_than_let_it_forget() -> None:
    platter = Platter(seed=0)
    await (await witness_on(platter)).add_checkpoint(HONEST.submission(0, 7))
    platter.kill()
    (record,) = [path for path in platter.paths() if path.endswith(".checkpoint")]
    platter.flip_bit(record, offset=30, bit=0)

    with pytest.raises(DamageError):
        await witness_on(platter)


@pytest.mark.parametrize("old_size", [0, 20])
async def test_two_roots_of_one_size_raise_an_alarm_that_proves_it(old_size: int) -> None:
    platter = Platter(seed=0)
    witness = await witness_on(platter)
    await witness.add_checkpoint(HONEST.submission(0, 20))

    with pytest.raises(OtherSizeError):
        await witness.add_checkpoint(FORGED.submission(old_size, 20))

    (kept,) = witness.forks
    kept.fork.demand([LOG.verifier_key])
    assert f"{DIRECTORY}/{kept.name}" in platter.paths()


async def test_a_rewritten_history_raises_an_alarm_that_is_still_there_after_a_restart() -> None:
    platter = Platter(seed=0)
    witness = await witness_on(platter)
    await witness.add_checkpoint(HONEST.submission(0, 7))

    with pytest.raises(RequestError) as caught:
        await witness.add_checkpoint(FORGED.submission(7, 20))
    platter.lose_power()
    restarted = await witness_on(platter)

    assert caught.value.code == "PROOF_INVALID"
    (kept,) = restarted.forks
    kept.fork.demand([LOG.verifier_key])
    assert await size_of(restarted) == 7


async def test_a_fork_that_is_shown_again_is_kept_once() -> None:
    witness = await witness_on(Platter(seed=0))
    await witness.add_checkpoint(HONEST.submission(0, 20))

    for _ in range(3):
        with pytest.raises(OtherSizeError):
            await witness.add_checkpoint(FORGED.submission(20, 20))

    assert len(witness.forks) == 1


async def test_a_made_up_proof_raises_no_alarm() -> None:
    witness = await witness_on(Platter(seed=0))
    await witness.add_checkpoint(HONEST.submission(0, 7))
    submission = HONEST.submission(7, 20)

    with pytest.raises(RequestError):
        await witness.add_checkpoint(
            CheckpointSubmission.of(submission.signed, old_size=7, proof=[bytes(32)] * len(submission.proof))
        )

    assert witness.forks == []


class Replay:
    """A history that says what it was made to say."""

    def __init__(self, refuse: Callable[[Checkpoint], None]) -> None:
        self._refuse = refuse

    async def demand(self, checkpoint: Checkpoint) -> None:
        self._refuse(checkpoint)


async def test_a_witness_that_replays_does_not_cosign_what_its_replay_contradicts() -> None:
    def refuse(checkpoint: Checkpoint) -> None:
        if checkpoint.size > 7:
            raise RefusedError("other verdicts", code="LOG_DIVERGES")

    witness = await witness_on(Platter(seed=0), history=Replay(refuse))
    await witness.add_checkpoint(HONEST.submission(0, 7))

    with pytest.raises(RefusedError):
        await witness.add_checkpoint(HONEST.submission(7, 20))

    assert await size_of(witness) == 7


async def test_a_witness_that_has_not_replayed_so_far_asks_to_be_asked_again() -> None:
    def refuse(_checkpoint: Checkpoint) -> None:
        raise BusyError("not yet")

    witness = await witness_on(Platter(seed=0), history=Replay(refuse))

    with pytest.raises(BusyError):
        await witness.add_checkpoint(HONEST.submission(0, 7))

    assert await size_of(witness) == 0


async def test_cosignatures_of_others_are_not_kept_and_not_asked_about() -> None:
    platter = Platter(seed=0)
    witness = await witness_on(platter)
    plain = HONEST.submission(0, 7)
    by_others = plain.signed.with_signatures(KEY.sign(plain.signed.text, time_s=1))

    await witness.add_checkpoint(CheckpointSubmission.of(by_others, old_size=0, proof=()))

    (record,) = [path for path in platter.paths() if path.endswith(".checkpoint")]
    assert platter.content(record) == plain.signed.encode()
