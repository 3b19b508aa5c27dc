"""What the machine itself can do, measured in the same run: the ceilings that the stages are held against."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from pathlib import Path
from shutil import which

from nacl.bindings import crypto_sign_open

from tongbao.adapters.disk import flush, write_all
from tongbao.coin.batch import BATCH_BYTES_MAX
from tongbao.coin.ed25519 import SigningKey
from tongbao.service.bench.preparing import cores

__all__ = ["Limits", "openssl_rates", "read_limits"]

Limits = dict[str, float | None]

SECONDS = 1.0
BODY_BYTES = 250  # hashed for the id of a transfer with one input and two outputs
COIN_BYTES = 100  # hashed for the id of each of its three coins
TRANSFER_BYTES = 372  # its share of a batch, whose body is hashed as one message
LONG_BYTES = 16_384  # such messages are hashed as fast as any longer one
_RATES = {"p256": ("ecdsap256", "nistp256"), "ed25519": ("ed25519", "Ed25519"), "sm2": ("sm2", "CurveSM2")}


def read_limits(pool: ProcessPoolExecutor, directory: Path | None) -> Limits:
    """Every ceiling; None where this machine lacks what measures it."""
    return {
        "libsodium_verify_per_second": _together(pool, verify_with_libsodium),
        **_hashed_per_second(),
        "fdatasync_bytes_per_second": None if directory is None else write_durably(directory),
        **{f"openssl_{name}_verify_per_second": rate for name, rate in openssl_rates().items()},
    }


def _together(pool: ProcessPoolExecutor, work: Callable[[float], float]) -> float:
    """The rates of all cores at work at the same time, together."""
    return round(sum(pool.map(work, [SECONDS] * cores())), 1)


def verify_with_libsodium(seconds: float) -> float:
    """How many Ed25519 signatures one core verifies a second."""
    key = SigningKey(bytes(range(32)))
    messages = [bytes([number]) * 32 for number in range(64)]
    signed = [key.sign(message) + message for message in messages]
    done, until_s = 0, time.perf_counter() + seconds
    started_s = time.perf_counter()
    for each in cycle(signed):
        crypto_sign_open(each, key.public_key)
        done += 1
        if not done % 256 and time.perf_counter() >= until_s:
            break
    return done / (time.perf_counter() - started_s)


def write_durably(directory: Path) -> float:
    """Bytes a second that reach the medium in batches of the largest size, each with an fdatasync."""
    path, batch = directory / "fdatasync", os.urandom(BATCH_BYTES_MAX)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        written, started_s = 0, time.perf_counter()
        while time.perf_counter() - started_s < SECONDS:
            write_all(descriptor, written, [batch])
            flush(descriptor)
            written += len(batch)
        return round(written / (time.perf_counter() - started_s), 1)
    finally:
        os.close(descriptor)
        path.unlink()


def _openssl(*arguments: str) -> str:
    program = which("openssl")
    if program is None:
        return ""
    done = subprocess.run(  # noqa: S603 - a program of this machine, with arguments of ours
        [program, "speed", "-seconds", "1", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout


def _hashed_per_second() -> Limits:
    """How many transfers all cores can hash: their ids alone, and everything that settling them hashes.

    Ids are hashes of the body and of three coins. Settling also hashes the batch, so the second is the ceiling for the
    stages that settle.
    """
    body_s, coin_s, long_s = map(_hash_seconds, (BODY_BYTES, COIN_BYTES, LONG_BYTES))
    if body_s is None or coin_s is None or long_s is None:
        return {"sha256_ids_per_second": None, "sha256_settled_per_second": None}
    ids_s = body_s + 3 * coin_s
    settled_s = ids_s + TRANSFER_BYTES / LONG_BYTES * long_s
    return {"sha256_ids_per_second": round(1 / ids_s, 1), "sha256_settled_per_second": round(1 / settled_s, 1)}


def _hash_seconds(count: int) -> float | None:
    """What a message of so many bytes takes with all cores at work."""
    printed = _openssl("-bytes", str(count), "-multi", str(cores()), "sha256")
    found = re.search(r"^sha256\s+([\d.]+)k", printed, re.MULTILINE)
    return None if found is None else count / (1000 * float(found.group(1)))


def openssl_rates() -> dict[str, float | None]:
    """Verifications a second on one core, by suite."""
    return {name: _rate(_openssl(algorithm), mark) for name, (algorithm, mark) in _RATES.items()}


def _rate(printed: str, mark: str) -> float | None:
    lines = [line.split() for line in printed.splitlines() if mark in line]
    return float(lines[-1][-1]) if lines else None
