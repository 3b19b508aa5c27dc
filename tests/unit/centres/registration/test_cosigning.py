"""Handing checkpoints to witnesses: who is asked, what of, how often, and when it is published."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI

from tests.log_histories import LOG, LogHistory
from tongbao.adapters.network import Answer
from tongbao.adapters.witness_files import WitnessFiles
from tongbao.centres.registration.cosigning import AGAIN_S, BACK_OFF_S_MAX, Cosigning
from tongbao.errors import NetworkError
from tongbao.evidence import Checkpoint, Policy, SignatureKind, SignedText, SigningKey
from tongbao.service.witness.app import create_witness_app
from tongbao.simulation.asgi import deliver
from tongbao.simulation.disk import Platter
from tongbao.witnesses.log_witness import LogWitness

T = TypeVar("T")
HONEST = LogHistory()
KEYS = {name: SigningKey(f"{name}.example", SignatureKind.COSIGNATURE_ED25519, name.encode() * 32) for name in "ab"}
START_MS = 1_700_000_000_000
POLICY = Policy.decode(
    "\n".join(
        [
            f"log {LOG.verifier_key.encode()}",
            *[f"witness {name} {KEYS[name].verifier_key.encode()} http://{name}.example/witness" for name in "ab"],
            "group both all a b",
            "quorum both",
            "",
        ]
    ).encode()
)


class World:
    """A log, two witnesses, and a clock that moves when it is told to; the network counts what is asked."""

    def __init__(self) -> None:
        self.history = HONEST
        self.size = 0
        self.now = START_MS
        self.apps: dict[str, FastAPI] = {}
        self.asked: list[str] = []
        self.cosigned: list[bytes] = []
        self.workers = 0

    def now_ms(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)

    def task(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        return asyncio.get_running_loop().create_task(coroutine, name=name)

    async def checkpoint(self) -> bytes | None:
        return self.history.checkpoint(self.size).encode() if self.size else None

    async def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        return self.history.proof(old_size, size)

    async def publish_cosigned(self, checkpoint: bytes) -> None:
        self.cosigned.append(checkpoint)

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        name = url.removeprefix("http://")[0]
        self.asked.append(name)
        assert timeout_s > 0
        if name not in self.apps:
            raise NetworkError(f"no answer from {name}")
        return await deliver(self.apps[name], method, url, headers=headers, body=body)

    async def call(self, function: Any, /, *args: object) -> Any:  # noqa: ANN401 - as the port has it
        return function(*args)

    call_on_thread = call

    async def start(self, name: str, platter: Platter) -> None:
        records = await WitnessFiles.open(platter.mount(), "witness")
        witness = LogWitness([KEYS[name]], [LOG.verifier_key], records=records, clock=self)
        await witness.open()
        self.apps[name] = create_witness_app(witness)

    def sizes(self) -> list[int]:
        return [Checkpoint.decode(SignedText.decode(each).text).size for each in self.cosigned]


@pytest.fixture
async def world() -> World:
    made = World()
    for name in "ab":
        await made.start(name, Platter(seed=0))
    return made


def cosigning_of(world: World) -> Cosigning:
    return Cosigning(POLICY, world, network=world, clock=world, spawn=world)


async def test_each_new_checkpoint_is_published_once_a_quorum_has_cosigned_it(world: World) -> None:
    cosigning = cosigning_of(world)

    for size in (7, 8, 20, 20, 40):
        world.size = size
        await cosigning.round()

    assert world.sizes() == [7, 8, 20, 40]
    for each in world.cosigned:
        POLICY.judge(SignedText.decode(each)).demand()


async def test_before_the_first_checkpoint_nobody_is_asked(world: World) -> None:
    await cosigning_of(world).round()

    assert world.asked == []


async def test_what_too_few_cosigned_is_not_published_until_the_others_come(world: World) -> None:
    missing, cosigning = world.apps.pop("b"), cosigning_of(world)
    world.size = 7
    await cosigning.round()
    assert world.cosigned == []

    world.apps["b"] = missing
    world.now += int(BACK_OFF_S_MAX * 1000)
    await cosigning.round()

    assert world.sizes() == [7]


async def test_a_witness_that_is_gone_is_asked_less_and_less(world: World) -> None:
    del world.apps["b"]
    cosigning = cosigning_of(world)
    world.size = 7

    for _ in range(50):
        await cosigning.round()
        await world.sleep(1)

    assert world.asked.count("a") == 1
    assert world.asked.count("b") == 6


async def test_a_centre_that_starts_again_learns_from_each_witness_how_far_it_is(world: World) -> None:
    world.size = 7
    await cosigning_of(world).round()
    world.size, world.asked = 20, []

    await cosigning_of(world).round()

    assert world.sizes() == [7, 20]
    assert sorted(world.asked) == ["a", "a", "b", "b"]


async def test_an_idle_log_is_cosigned_again_so_that_its_cosignatures_are_fresh(world: World) -> None:
    cosigning = cosigning_of(world)
    world.size = 7
    await cosigning.round()
    world.now += int(AGAIN_S * 1000)

    await cosigning.round()

    times = [POLICY.judge(SignedText.decode(each)).cosigned["a"] for each in world.cosigned]
    assert times == [START_MS // 1000, START_MS // 1000 + AGAIN_S]


async def test_a_log_that_rewrote_its_history_finds_no_quorum_again(world: World) -> None:
    cosigning = cosigning_of(world)
    world.size = 7
    await cosigning.round()
    world.history, world.size = HONEST.rewritten_at(3), 20

    for _ in range(5):
        await cosigning.round()
        await world.sleep(60)

    assert world.sizes() == [7]


async def test_an_answer_that_is_no_cosignature_counts_for_nothing(world: World) -> None:
    world.apps["b"] = world.apps["a"]
    world.size = 7

    await cosigning_of(world).round()

    assert world.cosigned == []
