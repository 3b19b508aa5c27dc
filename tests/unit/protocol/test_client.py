"""Asking as a signed party: repeats with the same bytes, and errors that keep their meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import errors
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.message_signature import check_fresh, read_signature, signable
from tongbao.protocol.problem import problem_of
from tongbao.protocol.wire import Fen, Message

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


class Amount(Message):
    value_fen: Fen


class Payment(msgspec.Struct, frozen=True):
    value_fen: int


@dataclass
class Answer:
    status: int = 200
    body: bytes = b'{"value_fen":5}'
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def refusal(error: Exception) -> Answer:
    problem = problem_of(error)
    return Answer(problem.status, problem.encode(), {"content-type": "application/problem+json"})


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Counterpart:
    """A network whose answers are known beforehand, the last one for ever, and a clock that runs by sleeping."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.slept_s: list[float] = []

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        assert timeout_s > 0
        self.asked.append(Asked(method, url, headers, body))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def now_ms(self) -> int:
        return 1_700_000_000_000 + int(sum(self.slept_s) * 1000)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)


def client_of(counterpart: Counterpart, *, key_id: str = "home:1", patience: Patience | None = None) -> SignedClient:
    return SignedClient(
        network=counterpart,
        clock=counterpart,
        base_url="http://centre.example:8000/",
        key_id=key_id,
        sign=KEY.sign,
        patience=patience,
    )


async def post(client: SignedClient) -> Payment:
    return await client.post("/v1/payments", Payment(5), Payment, idempotency_key="order-7")


async def test_a_message_goes_out_signed_and_its_answer_comes_back_as_a_value() -> None:
    counterpart = Counterpart(Answer(201))

    payment = await post(client_of(counterpart))

    asked = counterpart.asked[0]
    claimed = read_signature(signable(asked.method, asked.url, headers=asked.headers, body=asked.body))
    check_fresh(claimed, now_s=1_700_000_000)
    KEY.public_key().verify(claimed.signature, claimed.signed)
    assert (asked.method, asked.url) == ("POST", "http://centre.example:8000/v1/payments")
    assert (asked.body, asked.headers["content-type"]) == (b'{"value_fen":5}', "application/json")
    assert asked.headers["idempotency-key"] == "order-7"
    assert (claimed.key_id, payment) == ("home:1", Payment(5))


async def test_a_question_carries_its_parameters_encoded() -> None:
    counterpart = Counterpart(Answer())

    await client_of(counterpart).get("/v1/coins", Payment, query={"after": 7, "of": "a b&c"})

    asked = counterpart.asked[0]
    assert (asked.method, asked.url) == ("GET", "http://centre.example:8000/v1/coins?after=7&of=a+b%26c")
    assert (asked.body, "idempotency-key" in asked.headers) == (b"", False)


async def test_a_message_of_the_protocol_is_sent_and_read_by_its_own_form() -> None:
    counterpart = Counterpart(Answer(body=b'{"value_fen":6}'))

    answer = await client_of(counterpart).post("/v1/amounts", Amount(value_fen=5), Amount, idempotency_key="1")

    assert (counterpart.asked[0].body, answer) == (b'{"value_fen":5}', Amount(value_fen=6))


async def test_an_answer_that_is_not_the_message_of_the_protocol_is_the_peers_fault() -> None:
    with pytest.raises(errors.PeerError, match="not a Amount"):
        await client_of(Counterpart(Answer(body=b'{"value_fen":0}'))).get("/v1/amounts", Amount)


async def test_what_a_wrong_answer_says_is_not_repeated() -> None:
    told = client_of(Counterpart(Answer(body=b'{"value_fen":"Zhang San"}')))

    with pytest.raises(errors.PeerError, match="value_fen") as refused:
        await told.get("/v1/amounts", Amount)

    assert "Zhang" not in str(refused.value)


async def test_an_answer_may_be_a_list() -> None:
    assert await client_of(Counterpart(Answer(body=b"[1,2]"))).get("/v1/numbers", list[int]) == [1, 2]


async def test_headers_of_the_callers_choice_travel_along() -> None:
    counterpart = Counterpart(Answer())

    await client_of(counterpart).get("/v1/coins", Payment, headers={"tongbao-minimum-sequence": "7"})

    assert counterpart.asked[0].headers["tongbao-minimum-sequence"] == "7"


async def test_bytes_travel_as_they_are() -> None:
    counterpart = Counterpart(Answer(body=b"\x00receipt"))

    answer = await client_of(counterpart).post_bytes("/v1/submissions", b"\xff", idempotency_key="1")

    assert answer == b"\x00receipt"
    assert counterpart.asked[0].headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "failure",
    [
        errors.NetworkError("silence"),
        refusal(errors.BusyError("queue full")),
        refusal(errors.RequestError("slowly", code="RATE_LIMITED")),
        refusal(errors.RequestError("running", code="IDEMPOTENCY_KEY_IN_USE")),
        Answer(502, b"<html>", {}),
        Answer(503, b"", {}),
        Answer(504, b"", {"content-type": "text/html"}),
    ],
)
async def test_the_same_bytes_and_key_are_sent_again_until_somebody_answers(failure: Answer | Exception) -> None:
    counterpart = Counterpart(failure, failure, Answer())

    payment = await post(client_of(counterpart))

    assert payment == Payment(5)
    assert len(counterpart.asked) == 3
    assert (
        len({(asked.method, asked.url, asked.body, asked.headers["idempotency-key"]) for asked in counterpart.asked})
        == 1
    )


async def test_a_repeat_after_a_long_pause_is_signed_with_the_time_of_the_repeat() -> None:
    counterpart = Counterpart(errors.NetworkError("silence"), Answer())
    patience = Patience(pause_s_first=1000, pause_s_max=1000)

    await post(client_of(counterpart, patience=patience))

    created = [
        read_signature(signable(asked.method, asked.url, headers=asked.headers, body=asked.body)).created_s
        for asked in counterpart.asked
    ]
    assert created[1] - created[0] >= 500


@pytest.mark.parametrize(
    ("failure", "family"),
    [
        (refusal(errors.RefusedError("day limit", code="LIMIT_DAY")), errors.RefusedError),
        (refusal(errors.RequestError("who", code="UNAUTHENTICATED")), errors.RequestError),
        (refusal(errors.InvariantError("impossible")), errors.PeerError),
        (refusal(errors.NetworkError("the centre is silent")), errors.NetworkError),
        (refusal(errors.DiskFullError("no room")), errors.BusyError),
        (Answer(500, b"Traceback", {}), errors.PeerError),
        (Answer(404, b"Not Found", {"content-type": "text/plain"}), errors.PeerError),
        (Answer(302, b"", {"location": "http://elsewhere.example"}), errors.PeerError),
        (replace(refusal(errors.RequestError("x")), body=b"{}"), errors.PeerError),
    ],
)
async def test_an_answer_that_is_final_is_raised_at_once(failure: Answer, family: type[Exception]) -> None:
    counterpart = Counterpart(failure)

    with pytest.raises(family) as raised:
        await post(client_of(counterpart))

    assert type(raised.value) is family
    assert len(counterpart.asked) == 1


async def test_patience_ends() -> None:
    counterpart = Counterpart(errors.NetworkError("silence"))
    patience = Patience(attempts_max=4, pause_s_first=1, pause_s_max=3)

    with pytest.raises(errors.NetworkError, match="silence"):
        await post(client_of(counterpart, patience=patience))

    assert len(counterpart.asked) == 4
    assert [low <= slept <= 2 * low for low, slept in zip((0.5, 1, 1.5), counterpart.slept_s, strict=True)] == [
        True
    ] * 3


async def test_a_server_that_names_a_time_is_given_it_up_to_a_limit() -> None:
    counterpart = Counterpart(
        refusal(errors.BusyError("busy", retry_after_s=2)),
        refusal(errors.BusyError("busy", retry_after_s=9999)),
        Answer(),
    )

    await post(client_of(counterpart, patience=Patience(pause_s_max=4)))

    assert 1 <= counterpart.slept_s[0] <= 2
    assert 2 <= counterpart.slept_s[1] <= 4


async def test_clients_that_failed_together_do_not_return_together() -> None:
    pauses = set()
    for number in range(20):
        counterpart = Counterpart(errors.NetworkError("silence"), Answer())
        await post(client_of(counterpart, key_id=f"wallet:{number}"))
        pauses.add(counterpart.slept_s[0])

    assert len(pauses) > 10


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"value_fen":"5"}', b"{", b'{"value_fen":5.5}', b"\xff", b'{"x":' + b"[" * 10_000]
)
async def test_an_answer_of_another_form_is_the_peers_fault(body: bytes) -> None:
    with pytest.raises(errors.PeerError, match="not a Payment"):
        await post(client_of(Counterpart(Answer(body=body))))


async def test_a_change_without_an_idempotency_key_is_never_sent() -> None:
    counterpart = Counterpart(Answer())

    with pytest.raises(errors.RequestError, match="Idempotency-Key"):
        await client_of(counterpart).post("/v1/payments", Payment(5), Payment, idempotency_key="")

    assert counterpart.asked == []
