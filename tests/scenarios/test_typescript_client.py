"""Wallets and shops of the TypeScript client live with the same currency as everybody else.

`make typescript` installs what it needs, and runs its own tests and this.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.running import started_network
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "typescript"
VITEST = CLIENT / "node_modules" / ".bin" / "vitest"

pytestmark = pytest.mark.node


@pytest.fixture
def network(tmp_path: Path) -> Iterator[DataDirectory]:
    with started_network(tmp_path / "data") as data:
        yield data


@pytest.mark.parametrize("life", ["wallet", "shop", "device"])
def test_wallets_of_the_typescript_client_live_beside_a_currency(
    network: DataDirectory, tmp_path: Path, life: str
) -> None:
    places = [
        {
            "home": place.home,
            "url": place.url,
            "teller": read_key(network.root / place.name / "teller.key").secret_seed.hex(),
        }
        for place in network.network.institutions
    ]
    live = {
        "genesis": network.genesis().encode().hex(),
        "centre_url": network.network.registration.url,
        "central_bank": read_key(network.root / "central-bank" / "operator.key").secret_seed.hex(),
        "institutions": places,
    }
    (tmp_path / "live.json").write_text(json.dumps(live))

    ended = subprocess.run(
        [VITEST, "run", f"test/live/{life}.test.ts"],
        cwd=CLIENT,
        env={**os.environ, "TONGBAO_LIVE": str(tmp_path / "live.json"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "passed" in ended.stdout
