"""What the centre reads out of its transparency log: proofs for receipts, and files for whoever asks."""

from dataclasses import replace

from tongbao.centres.registration.log_book import LogBook
from tongbao.centres.registration.log_files import LogFiles
from tongbao.centres.registration.log_writer import LogWriter
from tongbao.centres.registration.waiting import Place
from tongbao.coin import Receipt
from tongbao.errors import BusyError, RefusedError
from tongbao.evidence import Checkpoint, SignedText
from tongbao.evidence.log_proof import LogProof
from tongbao.evidence.tiles import Tile, node_in, tiles_of
from tongbao.evidence.tree import consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof

__all__ = ["LogReading", "not_logged"]


def not_logged(transaction_id: bytes) -> RefusedError:
    """That the log has no settled transaction of this id."""
    return RefusedError(
        f"the log of this centre has no settled transaction {transaction_id.hex()}",
        code="NOT_FOUND",
        field="transaction_id",
        cure="ask /v1/outcomes whether it has settled",
    )


class LogReading:
    """Reads beside the writer; everything below a published checkpoint stays as it is."""

    def __init__(self, files: LogFiles, book: LogBook, writer: LogWriter) -> None:
        self._files = files
        self._book = book
        self._writer = writer

    async def proven(self, receipt: Receipt, place: Place) -> Receipt:
        """The receipt of the verdict at a place, with its proof."""
        return replace(receipt, log_proof=(await self.proof(place)).encode())

    async def proof(self, place: Place) -> LogProof:
        """The proof that the verdict at a place is in the log, under the latest published checkpoint.

        Raises:
            BusyError: the log does not cover it yet.
            WorldError: the log's files cannot be read.
        """
        first = await self._book.first_entry_of(place.sequence)
        published = await self._files.published()
        if first is None or published is None:
            raise BusyError("the transparency log does not cover the transaction yet")
        signed = SignedText.decode(published)
        size = Checkpoint.decode(signed.text).size
        index = first + place.index
        if index >= size:
            raise BusyError("the transparency log does not cover the transaction yet")
        tiles = await self._files.read_at_least(tiles_of(inclusion_nodes(index, size), size))
        return LogProof(index, inclusion_proof(index, size, node_in(tiles, size)), signed)

    async def checkpoint(self) -> bytes | None:
        """The published checkpoint; None before the first."""
        return await self._files.published()

    async def cosigned(self) -> bytes | None:
        """The latest checkpoint that enough witnesses cosigned; None before the first."""
        return await self._files.cosigned()

    async def publish_cosigned(self, checkpoint: bytes) -> None:
        """Durably put a checkpoint with its witnesses' cosignatures in the place of the one before."""
        await self._files.publish_cosigned(checkpoint)

    async def consistency(self, old_size: int, size: int) -> tuple[bytes, ...]:
        """The proof that the tree of `size` entries begins with the first `old_size`, of which there are some.

        Raises:
            WorldError: the log's files cannot be read.
        """
        tiles = await self._files.read_at_least(tiles_of(consistency_nodes(old_size, size), size))
        return consistency_proof(old_size, size, node_in(tiles, size))

    async def tile(self, tile: Tile) -> bytes | None:
        """What a tile holds; None where the published checkpoint does not cover all of it.

        What lies behind the checkpoint may still come out otherwise, and readers keep tiles for ever.
        """
        head = self._writer.standing.head()
        if head is None or tile.end > head.size:
            return None
        return await self._files.read(tile)

    def verifier_keys(self) -> list[str]:
        """The public keys of the log, as verifiers write them."""
        return self._writer.verifier_keys()
