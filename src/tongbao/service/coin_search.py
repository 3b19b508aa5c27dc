"""A coin's opening, found in the journal of a data directory by the coin's id."""

from tongbao.coin import Batch, Domain, Input, Submission, Transaction
from tongbao.errors import DamageError, RequestError
from tongbao.service.data_directory import DataDirectory
from tongbao.service.journal_place import journal_of, verify

__all__ = ["find_coin"]


async def find_coin(data: DataDirectory, coin_id: bytes) -> Input:
    """The coin with that id, opened, whether it is unspent or not; the roles may run meanwhile.

    Raises:
        RequestError: no transaction in the journal makes it.
        DamageError: the journal is damaged.
        ConfigurationError: there is no journal.
    """
    domain, found = data.genesis().domain(), list[Input]()

    def look(sequence: int, record: bytes) -> None:
        if sequence and not found:
            found.extend(each for each in _made(record, domain) if each.coin_id(domain) == coin_id)

    report = await verify(journal_of(data), look)
    if found:
        return found[0]
    if report.damage is not None:
        raise DamageError(f"the coin was not found: {report.damage}")
    raise RequestError(
        f"the journal of {data.root} has no coin {coin_id.hex()}",
        code="NOT_FOUND",
        field="coin",
        cure="check the id, or give the coin opened, as its home reads it from the registration centre",
    )


def _made(record: bytes, domain: Domain) -> list[Input]:
    """What the transactions of a batch make, or would make if they settle."""
    transactions = [
        Transaction.decode(encoded)
        for submission in Batch.decode(record).submissions
        for encoded in Submission.decode(submission).transactions
    ]
    return [
        Input(transaction.id(domain), index, coin)
        for transaction in transactions
        for index, coin in enumerate(transaction.body.outputs)
    ]
