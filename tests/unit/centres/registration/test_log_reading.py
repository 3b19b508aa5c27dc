"""What the centre gives of its log: receipts that prove themselves, and tiles that its checkpoint covers."""

from pathlib import Path

import pytest

from tests.builders import BOB, DOMAIN
from tests.log_world import ROUND_MS, log_keys
from tests.registration_world import CentreWorld, hand_in, issued, payment
from tongbao.coin import Receipt
from tongbao.errors import BusyError, RefusedError
from tongbao.evidence import Checkpoint, SignedText
from tongbao.evidence.log_proof import prove_logged
from tongbao.evidence.tiles import ENTRIES, Tile

KEYS = log_keys(DOMAIN.network_id)
VKEYS = [each.verifier_key for each in (KEYS.key, KEYS.cosigner) if each is not None]


async def test_a_settled_payment_is_proven_as_soon_as_a_checkpoint_covers_it(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, log_keys=KEYS)
    centre = await world.open()
    made = await issued(centre, 2)
    paid = payment(made, 0, to=BOB)
    await hand_in(centre, [paid])
    identity = paid.id(DOMAIN)

    with pytest.raises(BusyError, match="does not cover"):
        await centre.logged_receipt(identity)
    await world.clock.advance(ROUND_MS)
    proven = prove_logged(Receipt.decode((await centre.logged_receipt(identity)).receipt), VKEYS)

    await centre.stop()
    await world.close()
    assert (proven.receipt.transaction_id, proven.receipt.status) == (identity, 0)
    assert (proven.index, proven.checkpoint.size) == (1, 2)


async def test_what_never_settled_has_no_receipt_in_the_log(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, log_keys=KEYS)
    centre = await world.open()

    with pytest.raises(RefusedError, match="no settled transaction"):
        await centre.logged_receipt(bytes(32))

    await centre.stop()
    await world.close()


async def test_a_centre_without_a_log_says_so(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    centre = await world.open()
    made = await issued(centre, 1)

    with pytest.raises(RefusedError, match="no settled transaction"):
        await centre.logged_receipt(made.id(DOMAIN))

    assert centre.log is None
    await centre.stop()
    await world.close()


async def test_only_tiles_that_the_checkpoint_covers_are_given(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, log_keys=KEYS)
    centre = await world.open()
    log = centre.log
    assert log is not None
    await issued(centre, 1)

    before = await log.reading.tile(Tile(0, 0, 1))
    await world.clock.advance(ROUND_MS)
    after = await log.reading.tile(Tile(0, 0, 1))
    bundle = await log.reading.tile(Tile(ENTRIES, 0, 1))
    beyond = await log.reading.tile(Tile(0, 0, 2))
    signed = await log.reading.checkpoint()

    await centre.stop()
    await world.close()
    assert (before, beyond) == (None, None)
    assert (len(after or b""), len(bundle or b"")) == (32, 34)
    assert signed is not None
    assert Checkpoint.decode(SignedText.decode(signed).text).size == 1


async def test_the_log_ends_where_the_journal_ends(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, log_keys=KEYS)
    centre = await world.open()
    await issued(centre, 3)
    await centre.stop()

    centre = await world.open()
    made = await issued(centre, 3)
    proven = Receipt.decode((await centre.logged_receipt(made.id(DOMAIN))).receipt)

    await centre.stop()
    await world.close()
    assert prove_logged(proven, VKEYS).checkpoint.size == 1
