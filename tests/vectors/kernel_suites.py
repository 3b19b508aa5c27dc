"""Submissions with keys of every suite, for the first stage, where rules 2 are in force."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.builders import ALICE, BOB, OFFICERS, acceptance, bytes32, coin, issue, public_key, signer
from tests.kernel_builders import NETWORKS
from tests.vectors.kernel_lies import JudgeCase, alone
from tests.vectors.suites import passkey_cases
from tongbao.coin import (
    Acceptance,
    Approval,
    Body,
    Coin,
    Input,
    KeyLock,
    Kind,
    Path,
    PublicKey,
    Submission,
    Suite,
    TimedLock,
    Transaction,
    Witness,
    approve_digest,
    p256,
    passkey,
    sm2,
    spend_digest,
)
from tongbao.coin.control import AuthorityKind
from tongbao.coin.transaction import Authorisation
from tongbao.kernel import Status

NETWORK = "suites"
DOMAIN = NETWORKS[NETWORK].domain()
EXPIRY_MS = NETWORKS[NETWORK].time_ms + 120_000


@dataclass(frozen=True)
class Signer:
    """A key of some suite and how it signs."""

    key: PublicKey
    sign: Callable[[bytes], bytes]


def _assert_by_passkey(message: bytes) -> bytes:
    text = passkey.client_data(message, passkey_cases.ORIGIN) + b"}"
    return passkey_cases.assertion(passkey_cases.authenticator(), text)


P256_KEY, SM2_KEY = p256.SigningKey(0x5032_3536), sm2.SigningKey(0x534D_32)
SIGNERS = {
    Suite.ED25519: Signer(public_key(ALICE), signer(ALICE).sign),
    Suite.P256: Signer(PublicKey(Suite.P256, P256_KEY.public_key), P256_KEY.sign),
    Suite.PASSKEY: Signer(PublicKey(Suite.PASSKEY, passkey_cases.key()), _assert_by_passkey),
    Suite.SM2: Signer(PublicKey(Suite.SM2, SM2_KEY.public_key), SM2_KEY.sign),
}


def _paid(*signers: Signer, accepted: Acceptance | None = None) -> Transaction:
    """A transfer of one coin of 5 under each signer's key to Bob, at home 2 where that accepts it."""
    locks = [KeyLock(each.key, bytes32(place)) for place, each in enumerate(signers)]
    inputs = tuple(Input(bytes32(9), place, Coin(0, 5, 1, lock.id(DOMAIN))) for place, lock in enumerate(locks))
    home = 1 if accepted is None else 2
    out = coin(5 * len(signers), owner=BOB, home=home, domain=DOMAIN)
    words = () if accepted is None else (Authorisation.of(accepted),)
    body = Body(Kind.TRANSFER, EXPIRY_MS, bytes32(0), inputs=inputs, outputs=(out,), authorisations=words)
    digest = spend_digest(body.transaction_id(DOMAIN), DOMAIN)
    pairs = zip(locks, signers, strict=True)
    return Transaction(body, tuple(Witness(lock, Path.A, each.sign(digest)) for lock, each in pairs))


def _forging(by: Signer) -> Signer:
    """One who signs something else."""
    return Signer(by.key, lambda message: by.sign(bytes(len(message))))


def _spoilt(paid: Transaction, place: int = 0) -> Transaction:
    """The transaction with one bit of a signature's last byte turned."""
    witnesses = list(paid.witnesses)
    signature = witnesses[place].signature
    witnesses[place] = replace(witnesses[place], signature=signature[:-1] + bytes((signature[-1] ^ 1,)))
    return replace(paid, witnesses=tuple(witnesses))


def _endorsed(paid: Transaction, by: Signer) -> bytes:
    """The transaction alone in a submission endorsed by a key of any suite; whose it is, is for apply."""
    return Submission.sign(DOMAIN, (paid.encode(),), home=1, key=by.key, sign=by.sign).encode()


def _approved(by: Signer) -> Transaction:
    """An issue that an officer with a key of any suite approves beside another."""
    made = issue([coin(5, owner=BOB, domain=DOMAIN)], approvers=OFFICERS[AuthorityKind.ISSUANCE][:1], domain=DOMAIN)
    digest = approve_digest(made.id(DOMAIN), DOMAIN)
    return replace(made, approvals=(*made.approvals, Approval(by.key, by.sign(digest))))


def _accepting(by: Signer) -> Acceptance:
    """The word of home 2, signed by a key of any suite, for Alice's only coin."""
    alice = SIGNERS[Suite.ED25519]
    anchor = _paid(alice).body.inputs[0]
    plain = acceptance(anchor, [coin(5, owner=BOB, home=2, domain=DOMAIN)], domain=DOMAIN)
    bare = replace(plain, key=by.key, signature=b"")
    return replace(bare, signature=by.sign(bare.signing_digest(DOMAIN)))


def _by_key_b(by: Signer) -> Transaction:
    """A transfer by the second key of a timed lock."""
    lock = TimedLock(public_key(ALICE), by.key, 1, homes=(), locks=(), salt=bytes32(0))
    body = replace(_paid(by).body, inputs=(Input(bytes32(9), 0, Coin(0, 5, 1, lock.id(DOMAIN))),))
    digest = spend_digest(body.transaction_id(DOMAIN), DOMAIN)
    return Transaction(body, (Witness(lock, Path.B, by.sign(digest)),))


def passed() -> Iterator[JudgeCase]:
    """Every suite everywhere."""
    alice = SIGNERS[Suite.ED25519]
    rows: list[tuple[str, bytes]] = []
    for suite, by in SIGNERS.items():
        rows += [
            (f"{suite.name} opens a lock", alone(_paid(by), network=NETWORK)),
            (f"{suite.name} opens a timed lock", alone(_by_key_b(by), network=NETWORK)),
            (f"{suite.name} endorses", _endorsed(_paid(alice), by)),
            (f"{suite.name} approves", alone(_approved(by), home=0, network=NETWORK)),
            (f"{suite.name} accepts", alone(_paid(alice, accepted=_accepting(by)), network=NETWORK)),
        ]
    rows.append(("all suites open one transfer", alone(_paid(*SIGNERS.values()), network=NETWORK)))
    for name, submission in rows:
        yield JudgeCase(Status.SETTLED, name, submission, -1, network=NETWORK)


def refused() -> Iterator[JudgeCase]:
    """Signatures that do not hold, and suites that rules 2 do not know either."""
    alice = SIGNERS[Suite.ED25519]
    invalid, inactive, accepted = Status.SIGNATURE_INVALID, Status.SUITE_NOT_ACTIVE, Status.ACCEPTANCE_INVALID
    endorsement = Status.SUBMISSION_SIGNATURE_INVALID
    for suite, by in SIGNERS.items():
        forged = _forging(by)
        yield _refusal(invalid, f"{suite.name}, altered", alone(_spoilt(_paid(by)), network=NETWORK))
        yield _refusal(invalid, f"{suite.name}, over another body", alone(_paid(forged), network=NETWORK))
        yield _refusal(invalid, f"{suite.name} of an officer", alone(_approved(forged), home=0, network=NETWORK))
        yield _refusal(accepted, f"by {suite.name}", alone(_paid(alice, accepted=_accepting(forged)), network=NETWORK))
        yield _refusal(endorsement, f"by {suite.name}", _endorsed(_paid(alice), forged), -1)
    mixed = _spoilt(_paid(*SIGNERS.values()), 3)
    yield _refusal(invalid, "the last of all suites", alone(mixed, network=NETWORK))
    strange = {number: Signer(PublicKey(number, SM2_KEY.public_key), SM2_KEY.sign) for number in (0, 5, 6, 255)}
    for number, by in strange.items():
        yield _refusal(inactive, f"suite {number}", alone(_paid(by), network=NETWORK))
    both = alone(_spoilt(_paid(alice, strange[5])), network=NETWORK)
    yield replace(_refusal(inactive, "before a signature", both), beats=invalid)
    under_p256 = Signer(PublicKey(Suite.P256, SM2_KEY.public_key), SM2_KEY.sign)
    yield _refusal(invalid, "SM2 under the number of P-256", alone(_paid(under_p256), network=NETWORK))


def _refusal(status: Status, name: str, submission: bytes, index: int = 0) -> JudgeCase:
    return JudgeCase(status, name, submission, index, network=NETWORK)


def cases() -> list[JudgeCase]:
    """All of them."""
    return [*passed(), *refused()]
