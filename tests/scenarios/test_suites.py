"""A network begins with Ed25519 alone; its officers then let keys of phones, passkeys and SM2 cards pay as well."""

from pathlib import Path

import pytest

from tests.builders import BOB, DOMAIN, EXPIRY_MS, bytes32, coin, control, issue, locked_coin
from tests.registration_world import CentreWorld, hand_in, proofs, statuses
from tests.vectors.kernel_suites import SIGNERS, Signer
from tongbao.coin import Body, Input, KeyLock, Kind, Suite, Transaction, Witness, spend_digest
from tongbao.coin import Path as LockPath
from tongbao.coin.control import ActivateRules
from tongbao.errors import RefusedError

OTHERS = [Suite.P256, Suite.PASSKEY, Suite.SM2]


def lock_of(suite: Suite) -> KeyLock:
    return KeyLock(SIGNERS[suite].key, bytes32(suite))


def paid(funds: Transaction, suite: Suite, by: Signer) -> Transaction:
    """The suite's coin, paid to Bob."""
    lock, place = lock_of(suite), OTHERS.index(suite)
    spent = Input(funds.id(DOMAIN), place, funds.body.outputs[place])
    out = coin(5, owner=BOB, salt=suite)
    body = Body(Kind.TRANSFER, EXPIRY_MS, bytes32(0), inputs=(spent,), outputs=(out,))
    return Transaction(body, (Witness(lock, LockPath.A, by.sign(spend_digest(body.transaction_id(DOMAIN), DOMAIN))),))


async def test_new_rules_let_other_keys_pay_and_outlast_a_restart(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    centre = await world.open()
    funds = issue([locked_coin(5, lock_of(suite)) for suite in OTHERS])
    await hand_in(centre, [funds], home=0)
    payments = [paid(funds, suite, SIGNERS[suite]) for suite in OTHERS]

    for payment in payments:
        with pytest.raises(RefusedError) as refused:
            await hand_in(centre, [payment])
        assert refused.value.code == "SUITE_NOT_ACTIVE"
    assert statuses(await hand_in(centre, [control(ActivateRules(2))], home=0)) == ["SETTLED"]
    forged = paid(funds, Suite.SM2, Signer(SIGNERS[Suite.SM2].key, lambda _: bytes(31) + b"\x01" + bytes(31) + b"\x01"))
    with pytest.raises(RefusedError) as refused:
        await hand_in(centre, [forged])
    assert refused.value.code == "SIGNATURE_INVALID"
    answer = await hand_in(centre, payments)

    assert statuses(answer) == ["SETTLED"] * 3
    assert [receipt.transaction_id for receipt in proofs(answer)] == [payment.id(DOMAIN) for payment in payments]
    before = await centre.status()
    await world.kill()
    centre = await world.open()
    after = await centre.status()
    assert (after.rules, before.rules) == (2, 2)
    assert after.sequence >= before.sequence
    assert statuses(await hand_in(centre, payments)) == ["SETTLED"] * 3
    await world.close()
