"""Receipts that prove what they say by the log, and each way in which one may lie."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.builders import DOMAIN
from tests.logged_receipts import PLACE, REFUSED_PLACE, Sign, ids, logged
from tests.vectors.log_signing import SIGNERS, Cosignature, signed_by
from tongbao.coin import Domain, HashKind, Receipt
from tongbao.errors import RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.log_proof import PATH_MAX, prove_logged
from tongbao.evidence.signed_text import SignedText, base64_text

__all__ = ["lies", "valid"]

LOG = ("log",)
SIZE = 25
SM3 = Domain(DOMAIN.network_id, HashKind.SM3)
OTHER = Domain(bytes(31) + b"\x01", HashKind.SHA256)


def _plain(place: int = PLACE) -> Receipt:
    return logged(place, sign=signed_by("log"))


def valid(cosignature: Cosignature) -> list[dict[str, Any]]:
    """Cases with what each proves."""
    stamped, all_keys = ("log", "log, with its time"), ("log", "log, ML-DSA-44")
    later = signed_by("a witness", "log, with its time", "log")
    cases = {
        "settled, signed as a log signs": (logged(sign=cosignature.sign), all_keys),
        "the same for whoever knows the one key": (logged(sign=cosignature.sign), LOG),
        "the first key alone has signed": (_plain(), all_keys),
        "with the time of a cosignature": (logged(sign=signed_by(*stamped)), stamped),
        "between signatures of keys that nobody knows": (logged(sign=later), stamped),
        "the last entry, which stands alone": (_plain(4), LOG),
        "the first of the batch": (_plain(0), LOG),
        "a refused transaction, as what it is": (_plain(REFUSED_PLACE), LOG),
        "a ledger that hashes with SM3": (logged(domain=SM3, sign=signed_by("log")), LOG),
        "a checkpoint with a line more": (
            logged(sign=_as_another(lambda checkpoint: replace(checkpoint, extensions=("more",)))),
            LOG,
        ),
    }
    return [_proven(name, receipt, keys) for name, (receipt, keys) in cases.items()]


def _proven(name: str, receipt: Receipt, keys: tuple[str, ...]) -> dict[str, Any]:
    found = prove_logged(receipt, [SIGNERS[key].verifier_key for key in keys])
    classical = [SIGNERS[key].verifier_key for key in keys if "ML-DSA" not in key]
    proves = {
        "transaction_id": receipt.transaction_id.hex(),
        "status": receipt.status,
        "sequence": str(receipt.signed_head.head.sequence),
        "index": str(found.index),
        "origin": found.checkpoint.origin,
        "size": str(found.checkpoint.size),
        "root": found.checkpoint.root.hex(),
        "logged_by_s": prove_logged(receipt, classical).logged_by_s,
    }
    return {"name": name, "keys": keys, "receipt": receipt.encode().hex(), "proves": proves}


def _as_another(change: Callable[[Checkpoint], Checkpoint]) -> Sign:
    """The log's signature on a checkpoint that differs."""
    return lambda checkpoint: signed_by("log")(change(checkpoint))


def _with(old: bytes, new: bytes) -> Receipt:
    """The receipt whose proof reads otherwise at one place."""
    receipt = _plain()
    if receipt.log_proof.count(old) != 1:
        raise ValueError(f"{old!r} is not at just one place of the proof")
    return replace(receipt, log_proof=receipt.log_proof.replace(old, new))


def _hashes() -> list[bytes]:
    return _plain().log_proof.split(b"\n\n")[0].split(b"\n")[2:]


def _with_hash(encoded: bytes) -> Receipt:
    return _with(_hashes()[1], encoded)


def _stories() -> dict[str, Receipt]:
    """Receipts that say what did not happen."""
    receipt, head = _plain(), _plain().signed_head
    time = replace(head, head=replace(head.head, time_ms=5))
    return {
        "of another network": logged(domain=OTHER, sign=signed_by("log")),
        "a refused one shown as settled": replace(_plain(REFUSED_PLACE), status=0),
        "a settled one shown as refused": replace(receipt, status=17),
        "of another transaction": replace(receipt, transaction_id=ids()[0]),
        "of another place in its batch": replace(receipt, index=PLACE - 1),
        "a head with another time": replace(receipt, signed_head=time),
        "a head whose signature is bent": replace(receipt, signed_head=replace(head, signature=bytes(64))),
        "no proof": replace(receipt, log_proof=b""),
        "the proof of another": replace(receipt, log_proof=_plain(1).log_proof),
    }


def _bent_proofs() -> dict[str, Receipt]:
    """Proofs that do not lead to the root."""
    hashes = _hashes()
    return {
        "a bent hash": _with_hash(base64_text(bytes(32)).encode()),
        "a short hash": _with_hash(base64_text(bytes(31)).encode()),
        "hashes in another order": _with(b"\n".join(hashes[:2]), b"\n".join(hashes[1::-1])),
        "a hash too few": _with(b"\n" + hashes[-1], b""),
        "a hash too many": _with(hashes[-1], hashes[-1] + b"\n" + hashes[-1]),
        "another index": _with(b"index 23", b"index 22"),
        "an index beyond the tree": _with(b"index 23", b"index 25"),
        "a signed size that is wrong": logged(sign=_as_another(lambda checkpoint: replace(checkpoint, size=SIZE + 8))),
        "a signed tree of nothing": logged(sign=_as_another(lambda checkpoint: replace(checkpoint, size=0))),
        "a signed root of another tree": logged(
            sign=_as_another(lambda checkpoint: replace(checkpoint, root=bytes(32)))
        ),
    }


def _bent_signatures() -> dict[str, Receipt]:
    """Checkpoints that the log's key has not signed."""
    return {
        "another size than what was signed": _with(b"\n25\n", b"\n26\n"),
        "signed by a key of the log's name that is not its": logged(sign=signed_by("another key of the log's name")),
        "signed by another log": logged(sign=signed_by("another log")),
        "signed by a witness alone": logged(sign=signed_by("a witness")),
        "the checkpoint of another log under the log's key": logged(
            sign=_as_another(lambda checkpoint: replace(checkpoint, origin="tongbao/other"))
        ),
        "a line that is added to the checkpoint": _with(b"\n25\n", b"\n25\nAAAA\n"),
    }


def _malformed() -> dict[str, Receipt]:
    """Proofs that have not the one form."""
    receipt = _plain()
    first_hash, proof = _hashes()[0], receipt.log_proof
    many = b"\n".join([first_hash] * (PATH_MAX + 1))
    whole = {
        "a word": b"proof",
        "no signatures": proof[: proof.rindex(b"\n\n") + 1],
        "no end of the last line": proof[:-1],
        "an empty line at the end": proof + b"\n",
        "not UTF-8": proof.replace(b"\n25\n", b"\n\xff\n"),
    }
    return {
        **{reason: replace(receipt, log_proof=text) for reason, text in whole.items()},
        "another format": _with(b"tlog-proof@v1", b"tlog-proof@v2"),
        "an index with a leading zero": _with(b"index 23", b"index 023"),
        "an index below zero": _with(b"index 23", b"index -1"),
        "an index of 2^63": _with(b"index 23", b"index 9223372036854775808"),
        "hashes for a larger tree than there is": _with(first_hash, many),
        "a hash in base64 without padding": _with(first_hash, first_hash.rstrip(b"=")),
        "a hash in another form of base64": _with(first_hash, _other_form(first_hash)),
        "a size with a leading zero": logged(sign=lambda checkpoint: _signed_as(checkpoint, "25", "025")),
        "a checkpoint of two lines": logged(sign=lambda checkpoint: _signed_as(checkpoint, "25\n", "")),
        "a control character": _with(b"\n25\n", b"\n25\t\n"),
        "a signature without its dash": _with(b"\xe2\x80\x94 ", b"- "),
        "a signature without its name": _with(f"\N{EM DASH} {SIGNERS['log'].name}".encode(), b"\xe2\x80\x94"),
    }


def _other_form(encoded: bytes) -> bytes:
    """Base64 of the same bytes with bits set that count for nothing."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(encoded[-2])
    return encoded[:-2] + letters[last + 1 : last + 2] + b"="


def _signed_as(checkpoint: Checkpoint, old: str, new: str) -> SignedText:
    """The log's signature on a text that is no checkpoint."""
    text = checkpoint.encode().replace(f"\n{old}", f"\n{new}", 1)
    return SignedText(text, (SIGNERS["log"].sign(text),))


def lies() -> list[dict[str, Any]]:
    """Cases with the code of the error that each gives."""
    told = {**_stories(), **_bent_proofs(), **_bent_signatures(), **_malformed()}
    cases: list[tuple[str, Receipt, tuple[str, ...]]] = [(reason, receipt, LOG) for reason, receipt in told.items()]
    foreign = ("another key of the log's name",)
    cases += [
        ("a key that is not the log's", _plain(), foreign),
        ("the key of another log", _plain(), ("another log",)),
        ("a key of another log among them", _plain(), ("log", "another log")),
        ("no key", _plain(), ()),
    ]
    return [_refused(*case) for case in cases]


def _refused(reason: str, receipt: Receipt, keys: tuple[str, ...]) -> dict[str, Any]:
    try:
        prove_logged(receipt, [SIGNERS[key].verifier_key for key in keys])
    except RequestError as error:
        return {"reason": reason, "keys": keys, "receipt": receipt.encode().hex(), "code": error.code}
    raise ValueError(f"nobody refuses it: {reason}")
