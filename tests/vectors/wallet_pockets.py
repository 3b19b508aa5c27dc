"""What is sealed for a wallet, and what opens a pocket: the parts of tests/vectors/wallet/pockets.json."""

from typing import Any, Final

from tongbao.coin import Domain, Path, PublicKey, TimedLock
from tongbao.coin.ed25519 import SigningKey
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.phrase import read_phrase, seed_of
from tongbao.wallets.pocket_words import PocketWords
from tongbao.wallets.sealing import EPHEMERAL_BYTES, seal

SEED: Final = bytes(range(32))
CONTEXT: Final = b"which pocket"
NUMBERS: Final = (0, 7, 2**31 - 1)
LATER_FROM_MS: Final = 1_800_000_000_000


def seals() -> list[dict[str, str]]:
    """Texts, and what they are once they are sealed with these dice."""
    cases = {
        "a short text": (SEED, b"for you", CONTEXT, b"\x07" * EPHEMERAL_BYTES),
        "nothing, in no context": (SEED, b"", b"", b"\x08" * EPHEMERAL_BYTES),
        "another key, many bytes": (SEED[::-1], bytes(range(256)) * 3, bytes(32), b"\xff" * EPHEMERAL_BYTES),
    }
    return [{"name": name, **_sealed(*each)} for name, each in cases.items()]


def _sealed(seed: bytes, text: bytes, context: bytes, entropy: bytes) -> dict[str, str]:
    main_key = SigningKey(seed).public_key
    return {
        "secret_seed": seed.hex(),
        "main_key": main_key.hex(),
        "text": text.hex(),
        "context": context.hex(),
        "entropy": entropy.hex(),
        "sealed": seal(text, main_key=main_key, context=context, entropy=entropy).hex(),
    }


def broken_seals() -> list[dict[str, str]]:
    """What nobody opens; each has the one thing wrong that its reason names."""
    fine = bytes.fromhex(_sealed(SEED, b"for you", CONTEXT, b"\x07" * EPHEMERAL_BYTES)["sealed"])
    cases = {
        "for another key": (SEED[::-1], CONTEXT, fine),
        "of another pocket": (SEED, b"another pocket", fine),
        "first byte of the ephemeral key changed": (SEED, CONTEXT, bytes((fine[0] ^ 1,)) + fine[1:]),
        "first byte of the text changed": (SEED, CONTEXT, fine[:32] + bytes((fine[32] ^ 1,)) + fine[33:]),
        "last byte of the tag changed": (SEED, CONTEXT, fine[:-1] + bytes((fine[-1] ^ 1,))),
        "cut short": (SEED, CONTEXT, fine[:40]),
        "empty": (SEED, CONTEXT, b""),
        "an ephemeral key that shares with nobody": (SEED, CONTEXT, bytes(64)),
    }
    return [
        {"reason": reason, "secret_seed": seed.hex(), "context": context.hex(), "sealed": sealed.hex()}
        for reason, (seed, context, sealed) in cases.items()
    ]


def keys_without_seal() -> list[str]:
    """Keys for which nothing can be sealed."""
    return [bytes(32).hex(), (b"\x01" + bytes(31)).hex(), (b"\xff" * 32).hex()]


def pockets(maker_phrase: str, other_phrase: str, domains: dict[str, Domain]) -> list[dict[str, Any]]:
    """Gifts and savings, as the maker's home keeps them and as each of the two reads them."""
    return [
        {"network": network, **_pocket(maker_phrase, other_phrase, domain, number, savings=savings)}
        for network, domain in domains.items()
        for number, savings in zip(NUMBERS, (False, True, True), strict=True)
    ]


def _pocket(maker_phrase: str, other_phrase: str, domain: Domain, number: int, *, savings: bool) -> dict[str, Any]:
    maker, other = (WalletKeys(seed_of(read_phrase(each)), domain) for each in (maker_phrase, other_phrase))
    own = maker.pocket_key(number)
    mine = PublicKey.ed25519(own.signer.public_key)
    first, later = (mine, other.main_key) if savings else (other.main_key, mine)
    homes = () if savings else (1, 2)
    lock = TimedLock(first, later, LATER_FROM_MS + number, homes, (), own.salt)
    purpose = "学费, 2027" if savings else ""
    mine_is_first = Path.A if savings else Path.B
    return {
        "maker_phrase": read_phrase(maker_phrase),
        "other_phrase": read_phrase(other_phrase),
        "savings": savings,
        "key": mine.key.hex(),
        "salt": own.salt.hex(),
        "lock": lock.encode().hex(),
        "pocket_id": lock.id(domain).hex(),
        "maker": _read_by(maker, PocketWords(lock, mine_is_first, number, purpose)),
        "other": _read_by(other, PocketWords(lock, Path(1 - mine_is_first), None, purpose)),
    }


def _read_by(reader: WalletKeys, words: PocketWords) -> dict[str, Any]:
    text = words.encode()
    pocket_id, dice = words.lock.id(reader.domain), bytes((words.path + 1,)) * EPHEMERAL_BYTES
    return {
        "path": int(words.path),
        "number": words.number,
        "purpose": words.purpose,
        "opens_at_ms": str(words.lock.opens_at_ms(words.path)),
        "words": text.hex(),
        "entropy": dice.hex(),
        "sealed": seal(text, main_key=reader.main_key.key, context=pocket_id, entropy=dice).hex(),
    }
