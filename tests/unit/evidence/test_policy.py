"""Which checkpoints to believe: C2SP's tlog-policy, its example and what it forbids."""

from collections.abc import Sequence

import pytest

from tongbao.errors import DecodingError
from tongbao.evidence import Checkpoint, Policy, SignatureKind, SignedText, SignedTextInvalidError, SigningKey
from tongbao.evidence.policy import QuorumMissingError

NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {name: SigningKey(f"{name}.example/w", SignatureKind.COSIGNATURE_ED25519, name.encode() * 16) for name in NAMES}
LOG = SigningKey("example.com/log", SignatureKind.ED25519, b"l" * 32)
OTHER_LOG = SigningKey("example.com/other", SignatureKind.ED25519, b"o" * 32)
CHECKPOINT = Checkpoint("example.com/log", 7, bytes(32))


def vkey(name: str) -> str:
    return KEYS[name].verifier_key.encode()


EXAMPLE = f"""# two operators
log {LOG.verifier_key.encode()} https://example.com/log

{"".join(f"witness {name} {vkey(name)}{chr(10)}" for name in NAMES)}
group X-witnesses 2 X1 X2 X3
  group\tY-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
POLICY = Policy.decode(EXAMPLE.encode())


def cosigned(names: Sequence[str], *, log: SigningKey = LOG, checkpoint: Checkpoint = CHECKPOINT) -> SignedText:
    text = checkpoint.encode()
    return SignedText(text, (log.sign(text), *(KEYS[name].sign(text, time_s=at) for at, name in enumerate(names, 1))))


@pytest.mark.parametrize(
    ("names", "is_quorum"),
    [
        (["X1", "X2", "Y1"], True),
        (["X1", "X3", "Y3", "Y1"], True),
        (["X1", "X2", "X3"], False),
        (["X1", "Y1", "Y2", "Y3"], False),
        ([], False),
    ],
)
def test_two_of_three_and_one_of_three_make_the_quorum_of_the_example(names: list[str], *, is_quorum: bool) -> None:
    standing = POLICY.judge(cosigned(names))

    assert standing.is_quorum is is_quorum
    assert dict(standing.cosigned) == {name: at for at, name in enumerate(names, 1)}
    assert standing.checkpoint == CHECKPOINT


def test_a_checkpoint_without_its_quorum_is_refused_where_one_is_demanded() -> None:
    with pytest.raises(QuorumMissingError, match="X1"):
        POLICY.judge(cosigned(["X1"])).demand()
    POLICY.judge(cosigned(["X1", "X2", "Y1"])).demand()


def test_a_checkpoint_that_no_known_log_signed_is_refused_whoever_cosigned() -> None:
    with pytest.raises(SignedTextInvalidError):
        POLICY.judge(cosigned(NAMES, log=OTHER_LOG))


def test_a_known_log_signs_for_its_own_origin_only() -> None:
    checkpoint = Checkpoint("example.com/other", 7, bytes(32))

    with pytest.raises(SignedTextInvalidError):
        POLICY.judge(cosigned(NAMES, checkpoint=checkpoint))


def test_one_false_cosignature_spoils_a_checkpoint_that_others_cosigned() -> None:
    honest = cosigned(["X1", "X2", "Y1"])
    elsewhere = Checkpoint("example.com/log", 8, bytes(32)).encode()

    with pytest.raises(SignedTextInvalidError, match="X3"):
        POLICY.judge(honest.with_signatures(KEYS["X3"].sign(elsewhere, time_s=1)))


def test_a_policy_without_witnesses_asks_for_nobody() -> None:
    policy = Policy.decode(f"log {LOG.verifier_key.encode()}\nquorum none\n".encode())

    policy.judge(cosigned([])).demand()


def test_a_single_witness_can_be_the_quorum() -> None:
    policy = Policy.decode(f"log {LOG.verifier_key.encode()}\nwitness X1 {vkey('X1')}\nquorum X1\n".encode())

    assert policy.judge(cosigned(["X1"])).is_quorum
    assert not policy.judge(cosigned(["X2"])).is_quorum


def test_a_policy_is_read_as_it_was_written() -> None:
    assert Policy.decode(POLICY.encode().encode()) == POLICY
    assert POLICY.logs[0].url == "https://example.com/log"


def test_names_are_octets_so_those_of_other_alphabets_stay_as_they_are() -> None:
    policy = Policy.decode(f"witness 见证人 {vkey('X1')}\nquorum 见证人\n".encode())

    assert policy.is_quorum(["见证人"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none",
        "quorum none\nquorum none\n",
        "quorum X1\n",
        "quorum\n",
        "something else\nquorum none\n",
        "quorum none\r\n",
        f"log {vkey('X1')} a b\nquorum none\n",
        f"log {LOG.verifier_key.encode()}\nlog {LOG.verifier_key.encode()}\nquorum none\n",
        f"witness X1 {LOG.verifier_key.encode()}\nquorum X1\n",
        f"witness none {vkey('X1')}\nquorum none\n",
        f"witness X1 {vkey('X1')}\nwitness X2 {vkey('X1')}\nquorum X1\n",
        f"witness X1 {vkey('X1')}\nwitness X1 {vkey('X2')}\nquorum X1\n",
        f"witness X1 {vkey('X1')}\ngroup g 2 X1\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g 0 X1\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g 01 X1\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g some X1\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g any\nquorum X1\n",
        f"witness X1 {vkey('X1')}\ngroup X1 any X1\nquorum X1\n",
        f"witness X1 {vkey('X1')}\ngroup g any none\nquorum X1\n",
        f"witness X1 {vkey('X1')}\ngroup g any X1 X1\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g any X1\ngroup h any X1\nquorum g\n",
        f"group g any X1\nwitness X1 {vkey('X1')}\nquorum g\n",
        f"witness X1 {vkey('X1')}\ngroup g any g\nquorum g\n",
        "witness X1 nonsense\nquorum X1\n",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(DecodingError):
        Policy.decode(text.encode())


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(DecodingError, match="line 2"):
        Policy.decode(b"# fine\nnonsense\n")


def test_a_policy_larger_than_any_real_one_is_refused() -> None:
    with pytest.raises(DecodingError, match="at most"):
        Policy.decode(b"#" * 1_000_000 + b"\n")
