"""Dice: the machine's own, or on test networks those that fall the same way every time."""

import secrets
from hashlib import shake_256

__all__ = ["SeededEntropy", "SystemEntropy"]


class SystemEntropy:
    """The Entropy port of a real machine."""

    def bytes(self, count: int) -> bytes:
        """Bytes that nobody can foresee."""
        return secrets.token_bytes(count)


class SeededEntropy:
    """Dice of test networks and simulations: the same seed gives the same bytes in the same order.

    Whoever knows the seed knows every key drawn from it, so it must never reach a network of real money.
    """

    def __init__(self, seed: str) -> None:
        self._seed = len(seed.encode()).to_bytes(8) + seed.encode()
        self._drawn = 0

    def bytes(self, count: int) -> bytes:
        """The next bytes of the stream."""
        self._drawn += 1
        return shake_256(b"tongbao/seeded-entropy/1" + self._seed + self._drawn.to_bytes(8)).digest(count)

    def below(self, limit: int) -> int:
        """The next whole number from 0 to `limit` - 1, for choices and delays."""
        # 64 bits more than the limit needs leave a bias that nobody can measure.
        return int.from_bytes(self.bytes(limit.bit_length() // 8 + 9)) % limit

    def fraction(self) -> float:
        """The next number from 0 up to and without 1."""
        return self.below(1 << 53) / (1 << 53)
