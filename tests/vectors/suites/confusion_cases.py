"""Keys and signatures of one suite under the number of another, and numbers that no rules know."""

from collections.abc import Iterator

from tests.vectors.suites import passkey_cases
from tests.vectors.suites.cases import MESSAGE, Case
from tongbao.coin import ed25519, p256, sm2
from tongbao.coin.suites import Suite

SEED = bytes(range(32))


def cases() -> Iterator[Case]:
    """All of them; each key is usable where it stands under a suite that could have made it."""
    edwards = ed25519.SigningKey(SEED)
    made = {
        Suite.ED25519: (edwards.public_key, edwards.sign(MESSAGE)),
        Suite.P256: (p256.SigningKey(5).public_key, p256.SigningKey(5).sign(MESSAGE)),
        Suite.SM2: (sm2.SigningKey(5).public_key, sm2.SigningKey(5).sign(MESSAGE)),
    }
    for own, (key, signature) in made.items():
        yield Case(f"{own.name} by itself", own, key, signature, valid=True)
        for other in (0, *Suite, 6, 255):
            if other != own:
                yield Case(f"{own.name} as suite {int(other)}", other, key, signature, usable=False)
        for other in made:
            if other != own:
                name = f"{own.name} signature under a key of {other.name}"
                yield Case(name, other, made[other][0], signature)
    yield from passkey_cases.confused()
