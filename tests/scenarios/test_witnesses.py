"""A network whose institutions and supervisor cosign its log, over HTTP and across processes."""

import asyncio
import json
from pathlib import Path

from tests.command_line import json_of, tongbao
from tests.scenarios.running import Town
from tongbao.evidence import Checkpoint, Policy, SignedText, SigningKey
from tongbao.protocol.log_witness import CheckpointSubmission
from tongbao.service.data_directory import DataDirectory
from tongbao.service.log_keys import read_log_keys

WITHIN_S = 30.0
POLL_S = 0.2


async def get(town: Town, url: str) -> bytes | None:
    answer = await town.connections.network.request("GET", url, headers={}, body=b"", timeout_s=5)
    return answer.body if answer.status == 200 else None


async def cosigned_beyond(town: Town, network: DataDirectory, size: int) -> SignedText:
    """A checkpoint of more entries than that, once a quorum has cosigned it."""
    url = f"{network.network.registration.url}/log/checkpoint.cosigned"
    async with asyncio.timeout(WITHIN_S):
        while True:
            content = await get(town, url)
            if content is not None and Checkpoint.decode(SignedText.decode(content).text).size > size:
                return SignedText.decode(content)
            await asyncio.sleep(POLL_S)


async def pay(town: Town) -> None:
    alice, shop = await town.open("alice", 5_00), await town.shop("shop")
    order = await shop.sales.create_order(1_00, "1")
    await alice.pay_order(await alice.order(order.link))


async def test_supervisor_and_institutions_cosign_what_was_settled(town: Town, network: DataDirectory) -> None:
    policy = Policy.decode((network.root / "log.policy").read_bytes())
    before = Checkpoint.decode((await cosigned_beyond(town, network, 0)).text).size

    await pay(town)
    standing = policy.judge(await cosigned_beyond(town, network, before))

    standing.demand()
    assert "supervisor" in standing.cosigned
    told = json_of(await asyncio.to_thread(tongbao, "log", "status", "--data", str(network.root), "--json"))
    assert told["cosigned"]["is_quorum"]
    assert told["cosigned"]["size"] >= standing.checkpoint.size


def log_key(network: DataDirectory) -> SigningKey:
    folder = network.root / "registration"
    network_id = bytes.fromhex(network.network.network_id)
    return read_log_keys(folder / "log.key", folder / "log-cosigner.key", network_id=network_id).key


async def hand_in(town: Town, url: str, submission: CheckpointSubmission) -> int:
    """The size that the witness answers with, which refuses."""
    answer = await town.connections.network.request(
        "POST",
        f"{url}/witness/add-checkpoint",
        headers={"content-type": "text/plain"},
        body=submission.encode(),
        timeout_s=5,
    )
    assert answer.status == 409
    return int(answer.body)


async def test_a_second_history_under_the_logs_own_key_is_caught_with_proof(
    town: Town, network: DataDirectory, tmp_path: Path
) -> None:
    bank, key = network.institution(2), log_key(network)
    known = Checkpoint.decode((await cosigned_beyond(town, network, 0)).text)
    forks, size = list[str](), known.size

    for _ in range(50):  # the witness may have gone on meanwhile: a forger would ask how far, and so it is told
        forged = Checkpoint(known.origin, size, bytes(32)).encode()
        signed = SignedText(forged, (key.sign(forged),))
        size = await hand_in(town, bank.url, CheckpointSubmission.of(signed, old_size=size, proof=()))
        forks = json.loads(await get(town, f"{bank.url}/v1/witness") or b"")["forks"]
        if forks:
            break

    (name, *_) = forks
    fork = json.loads(await get(town, f"{bank.url}/v1/witness/forks/{name}") or b"")
    (tmp_path / name).write_text(fork["content"], encoding="utf-8")
    (tmp_path / "log.vkey").write_bytes((network.root / "log.vkey").read_bytes())

    words = ("log", "check-fork", str(tmp_path / name), "--vkey", str(tmp_path / "log.vkey"), "--json")
    ended = await asyncio.to_thread(tongbao, *words)

    assert (ended.exit_code, json_of(ended)["forked"]) == (0, True)
    assert (network.root / bank.name / "witness" / name).exists()
