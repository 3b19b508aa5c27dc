"""Writes tests/vectors/wallet/*.json; with --check it writes nothing and fails where a file is not what it would write.

    python -m tests.vectors.generate_wallet [--check]

What a wallet derives from its phrase, and how it signs what it asks of its home.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.builders import DOMAIN
from tests.vectors import wallet_passkeys, wallet_pockets
from tests.vectors.files import write_or_check
from tongbao.coin import Domain, HashKind
from tongbao.coin.ed25519 import SigningKey
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.protocol.stock import sign_stock
from tongbao.wallets.keys import LockSource, WalletKeys
from tongbao.wallets.phrase import PhraseLanguage, new_phrase, read_phrase, seed_of

FOLDER = Path(__file__).parent / "wallet"
INDEXES = (0, 1, 63, 2**31 - 1)
STOCK_LOCKS = 3
CREATED_S = 1_767_225_600
SIGNER = SigningKey(bytes(range(32)))

REQUESTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("GET", "https://Bank.example/v1/wallets/2a34", "", "", "wallet:2a34dad4dc967945fb45ebeb0c59e432"),
    ("GET", "http://127.0.0.1:7302/v1/orders?after=&limit=20", "", "", "wallet:2a34dad4dc967945fb45ebeb0c59e432"),
    ("GET", "https://bank.example:443?", "", "", "teller"),
    ("POST", "http://bank.example:80/v1/payments", '{"payment_id":"1"}', "pay-1", "home:1"),
    ("POST", "https://bank.example:8443/v1/homes/2/orders/a%20b?x=?", '{"name":"茶"}', "!~", "key:00"),
)


def phrases() -> dict[str, str]:
    """Phrases of both lengths and languages."""
    return {
        "12 words": new_phrase(bytes(range(16))),
        "24 words": new_phrase(bytes(range(32))),
        "12 hanzi": new_phrase(bytes(range(16, 32)), PhraseLanguage.CHINESE),
    }


def _domains() -> dict[str, Domain]:
    return {"sample": DOMAIN, "sample-sm3": Domain(DOMAIN.network_id[::-1], HashKind.SM3)}


def _networks() -> dict[str, dict[str, int | str]]:
    return {
        name: {"hash": int(domain.hash_kind), "network_id": domain.network_id.hex()}
        for name, domain in _domains().items()
    }


def keys() -> dict[str, Any]:
    """What follows from phrases, by network."""
    domains = _domains()
    return {
        "networks": _networks(),
        "wallets": [
            {"name": name, "phrase": read_phrase(phrase), "network": network, **_wallet(phrase, domain)}
            for name, phrase in phrases().items()
            for network, domain in domains.items()
        ],
    }


def _wallet(phrase: str, domain: Domain) -> dict[str, Any]:
    seed = seed_of(read_phrase(phrase))
    wallet = WalletKeys(seed, domain)
    stock = sign_stock(tuple(wallet.lock_id(index) for index in range(STOCK_LOCKS)), domain, sign=wallet.main.sign)
    return {
        "seed": seed.hex(),
        "main_key": wallet.main_key.key.hex(),
        "wallet_id": wallet.wallet_id.hex(),
        "locks": [_lock(wallet, index) for index in INDEXES],
        "salted_lock_id": wallet.lock_key(LockSource(None, bytes(32))).lock.id(domain).hex(),
        "stock": {"lock_ids": [lock_id.hex() for lock_id in stock.lock_ids], "signature": stock.signature.hex()},
    }


def _lock(wallet: WalletKeys, index: int) -> dict[str, Any]:
    key = wallet.lock_key(LockSource(index))
    digest = bytes(range(32))
    return {
        "index": index,
        "lock_id": key.lock.id(wallet.domain).hex(),
        "lock": key.lock.encode().hex(),
        "signature_of_0_to_31": key.witness(digest).signature.hex(),
    }


def requests() -> dict[str, Any]:
    """Signed requests: `secret_seed` signs each, at `created_s`; `headers` are those to be added."""
    return {
        "secret_seed": SIGNER.secret_seed.hex(),
        "created_s": CREATED_S,
        "requests": [_request(*each) for each in REQUESTS],
    }


def _request(method: str, url: str, body: str, idempotency_key: str, key_id: str) -> dict[str, Any]:
    headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
    request = signable(method, url, headers=headers, body=body.encode())
    added = sign_request(request, key_id=key_id, created_s=CREATED_S, sign=SIGNER.sign)
    told = {"method": method, "url": url, "body": body, "idempotency_key": idempotency_key, "key_id": key_id}
    return {**told, "headers": added}


def pockets() -> dict[str, Any]:
    """What is sealed for a wallet, and pockets that the phrases open."""
    return {
        "networks": _networks(),
        "seals": wallet_pockets.seals(),
        "broken_seals": wallet_pockets.broken_seals(),
        "keys_without_seal": wallet_pockets.keys_without_seal(),
        "pockets": wallet_pockets.pockets(phrases()["12 words"], phrases()["12 hanzi"], _domains()),
    }


def passkeys() -> dict[str, Any]:
    """Locks of wallets that a passkey guards."""
    return {"networks": _networks(), **wallet_passkeys.passkeys(phrases()["12 words"], _domains())}


def files() -> dict[str, str]:
    """Each file's text by its name."""
    made = {
        "keys.json": keys(),
        "passkeys.json": passkeys(),
        "pockets.json": pockets(),
        "requests.json": requests(),
    }
    return {name: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for name, content in made.items()}


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; 1 where one differs."""
    return write_or_check(arguments, FOLDER, files, program="tests.vectors.generate_wallet", usage=__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
