"""The answers of C2SP's tlog-witness over HTTP, status by status."""

import json
from collections.abc import Mapping

import pytest
from fastapi import FastAPI

from tests.log_histories import LOG, ORIGIN, LogHistory
from tongbao.adapters.network import Answer
from tongbao.adapters.witness_files import WitnessFiles
from tongbao.evidence import SignatureKind, SigningKey, verify
from tongbao.evidence.fork import Fork
from tongbao.protocol.log_witness import ADD_CHECKPOINT_BYTES_MAX, CheckpointSubmission, read_cosignatures
from tongbao.service.rate_limits import Allowance, RateLimitSettings
from tongbao.service.witness.app import create_witness_app
from tongbao.simulation.asgi import deliver
from tongbao.simulation.disk import Platter
from tongbao.witnesses.log_witness import LogWitness

KEY = SigningKey("witness.example/w1", SignatureKind.COSIGNATURE_ED25519, b"w" * 32)
HONEST = LogHistory()
FORGED = HONEST.rewritten_at(3)


class Noon:
    def now_ms(self) -> int:
        return 1_700_000_000_000


async def app_on(platter: Platter, rate_limits: RateLimitSettings | None = None) -> FastAPI:
    records = await WitnessFiles.open(platter.mount(), "witness")
    witness = LogWitness([KEY], [LOG.verifier_key], records=records, clock=Noon())
    await witness.open()
    return create_witness_app(witness, rate_limits=rate_limits)


async def hand_in(app: FastAPI, body: bytes) -> Answer:
    url = "http://witness.example/witness/add-checkpoint"
    return await deliver(app, "POST", url, headers={"content-type": "text/plain"}, body=body)


async def ask(app: FastAPI, path: str) -> Answer:
    return await deliver(app, "GET", f"http://witness.example{path}", headers={}, body=b"")


def stranger_of(name: str) -> LogHistory:
    return LogHistory(key=SigningKey(name, SignatureKind.ED25519, b"s" * 32))


async def test_200_gives_lines_that_verify() -> None:
    answer = await hand_in(await app_on(Platter(seed=0)), HONEST.submission(0, 7).encode())

    assert answer.status == 200
    cosigned = HONEST.checkpoint(7).with_signatures(*read_cosignatures(answer.body))
    assert [each.key for each in verify(cosigned, [KEY.verifier_key])] == [KEY.verifier_key]


BODIES: Mapping[str, tuple[int, bytes]] = {
    "nothing": (400, b""),
    "no checkpoint": (400, b"old 7\n\nnonsense\n\n\xe2\x80\x94 a AAAAAAA=\n"),
    "a log that has shrunk": (400, CheckpointSubmission.of(HONEST.checkpoint(5), old_size=7, proof=()).encode()),
    "a signature that does not hold": (403, stranger_of(ORIGIN).submission(7, 20).encode()),
    "a log that is not known": (404, stranger_of("tongbao/other").submission(0, 7).encode()),
    "another size": (409, HONEST.submission(5, 20).encode()),
    "another root": (409, FORGED.submission(7, 7).encode()),
    "more than is read": (413, b"old 7\n" + b"A" * ADD_CHECKPOINT_BYTES_MAX),
    "a proof of another history": (422, FORGED.submission(7, 20).encode()),
    "no proof": (422, CheckpointSubmission.of(HONEST.checkpoint(20), old_size=7, proof=()).encode()),
}


@pytest.mark.parametrize("case", BODIES)
async def test_each_refusal_has_its_status_and_changes_nothing(case: str) -> None:
    status, body = BODIES[case]
    app = await app_on(Platter(seed=0))
    await hand_in(app, HONEST.submission(0, 7).encode())

    answer = await hand_in(app, body)

    assert answer.status == status
    assert (await hand_in(app, HONEST.submission(7, 20).encode())).status == 200


async def test_409_says_the_size_and_nothing_else() -> None:
    app = await app_on(Platter(seed=0))
    await hand_in(app, HONEST.submission(0, 7).encode())

    answer = await hand_in(app, HONEST.submission(0, 20).encode())

    assert (answer.status, answer.body) == (409, b"7\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


async def test_a_disk_that_fails_is_a_503_and_nothing_is_signed() -> None:
    platter = Platter(seed=0)
    app = await app_on(platter)
    platter.faults.sync_fails = True

    answer = await hand_in(app, HONEST.submission(0, 7).encode())

    assert answer.status == 503


async def test_who_asks_without_end_is_told_to_wait() -> None:
    limits = RateLimitSettings(address=Allowance(per_s=0.001, burst=2))
    app = await app_on(Platter(seed=0), limits)

    statuses = [(await hand_in(app, b"")).status for _ in range(3)]

    assert statuses == [400, 400, 429]


async def test_what_the_witness_knows_is_public() -> None:
    app = await app_on(Platter(seed=0))
    await hand_in(app, HONEST.submission(0, 7).encode())

    answer = await ask(app, "/v1/witness")

    assert answer.status == 200
    assert KEY.verifier_key.encode().encode() in answer.body
    assert b'"size":7' in answer.body


async def test_a_fork_is_told_with_its_proof() -> None:
    app = await app_on(Platter(seed=0))
    await hand_in(app, HONEST.submission(0, 7).encode())
    await hand_in(app, FORGED.submission(7, 20).encode())

    (name,) = json.loads((await ask(app, "/v1/witness")).body)["forks"]
    told = json.loads((await ask(app, f"/v1/witness/forks/{name}")).body)

    Fork.decode(told["content"].encode()).demand([LOG.verifier_key])
    assert (await ask(app, "/v1/witness/forks/fork-1-00000000.json")).status == 404
