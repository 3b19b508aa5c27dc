"""What the machine can do."""

from pathlib import Path

import pytest

from tongbao.service.bench import limits
from tongbao.service.bench.preparing import processes


def test_every_ceiling_is_measured_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.05)

    with processes() as pool:
        found = limits.read_limits(pool, tmp_path)

    assert list(found) == [
        "libsodium_verify_per_second",
        "sha256_ids_per_second",
        "sha256_settled_per_second",
        "fdatasync_bytes_per_second",
        "openssl_p256_verify_per_second",
        "openssl_ed25519_verify_per_second",
        "openssl_sm2_verify_per_second",
    ]
    assert all(rate is None or rate > 0 for rate in found.values())
    assert found["libsodium_verify_per_second"]
    ids, settled = found["sha256_ids_per_second"], found["sha256_settled_per_second"]
    assert (ids is None) == (settled is None)
    assert ids is None or settled is None or settled < ids
    assert list(tmp_path.iterdir()) == []


def test_without_openssl_and_a_disk_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.05)
    monkeypatch.setattr("tongbao.service.bench.limits.which", lambda _: None)

    with processes() as pool:
        found = limits.read_limits(pool, None)

    assert [name for name, rate in found.items() if rate is not None] == ["libsodium_verify_per_second"]
