"""Makes the archive: what the institution holds about a customer, with the meaning of each field."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.columns import metadata
from tongbao.institutions.customers.customers import Customers
from tongbao.institutions.disclosure.descriptions import DESCRIPTIONS
from tongbao.institutions.disclosure.selections import rows_of
from tongbao.institutions.premises import Premises, WalletFacts
from tongbao.protocol.disclosure import DisclosedTable, Disclosure

__all__ = ["Disclosing"]

README: Final = """\
Everything that this institution holds about you and this wallet.
data/NAME.json   a list of rows for each table
fields.json      what each table is for, and what each of its fields means
about.json       whose data it is, and as of when
Bytes stand in hexadecimal digits, amounts in fen, times in milliseconds since 1970 UTC.

本机构持有的、与您和此钱包有关的全部数据。
data/表名.json   每张表的各行
fields.json      每张表的用途和每个字段的含义
about.json       数据属于谁、截至何时
字节以十六进制书写，金额以分为单位，时间为自1970年（UTC）起的毫秒数。
"""

_ROWS_AT_ONCE: Final = 500
"""Read and written before the next: a merchant's million orders must not lie in memory."""


ARCHIVE_BYTES_MAX: Final = 11 * 1024 * 1024
"""In base64 within the 16 MiB that parties read of one answer: a person's lifetime, or a shop's 50,000 orders."""


@dataclass(slots=True)
class _Archive:
    """A ZIP archive in the making; its files bear no time, so that the same data are the same bytes."""

    content: io.BytesIO = field(default_factory=io.BytesIO)
    tables: list[DisclosedTable] = field(default_factory=list)

    def add(self, name: str, content: str) -> None:
        with ZipFile(self.content, "a", ZIP_DEFLATED) as archive:
            archive.writestr(_file(name), content)

    def add_rows(self, connection: sa.Connection, table: sa.Table, whose: Mapping[str, object]) -> None:
        count = 0
        with (
            ZipFile(self.content, "a", ZIP_DEFLATED) as archive,
            archive.open(_file(f"data/{table.name}.json"), "w") as file,
        ):
            file.write(b"[")
            names, withheld = [column.name for column in table.columns], DESCRIPTIONS[table.name].withheld
            for rows in connection.execute(rows_of(table), whose).partitions(_ROWS_AT_ONCE):
                lines = [_line(dict(zip(names, row, strict=True)), withheld) for row in rows]
                file.write(((",\n" if count else "\n") + ",\n".join(lines)).encode())
                count += len(lines)
            file.write(b"\n]\n")
        self.tables.append(DisclosedTable(name=table.name, rows=count))
        if self.content.tell() > ARCHIVE_BYTES_MAX:
            raise RefusedError(
                f"the archive would be larger than {ARCHIVE_BYTES_MAX} bytes",
                code="DISCLOSURE_TOO_LARGE",
                field="wallet_id",
                cure="ask the institution to hand it over in another way",
            )


def _file(name: str) -> ZipInfo:
    made = ZipInfo(name)
    made.compress_type = ZIP_DEFLATED
    return made


def _line(row: Mapping[str, object], withheld: frozenset[str]) -> str:
    told = {name: None if name in withheld else _plain(value) for name, value in row.items()}
    return json.dumps(told, ensure_ascii=False)


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes | memoryview) else value


class Disclosing:
    """Tells customers what is known of them."""

    def __init__(self, premises: Premises, customers: Customers) -> None:
        self._premises = premises
        self._customers = customers

    async def disclose(self, wallet_id: bytes) -> Disclosure:
        """The archive of a wallet's holder.

        Tables are read one after another, so that others have their turn; what happens meanwhile may stand in one table
        and not yet in another.
        """
        facts, ledger = await self._customers.facts(wallet_id), self._premises.ledger
        archive = _Archive()
        archive.add("README.txt", README)
        whose = {"wallet": wallet_id, "customer": facts.customer_id, "account": facts.account_id}
        for name in DESCRIPTIONS:
            await self._add(archive, metadata.tables[name], whose)
        archive.add("fields.json", _indented({name: _described(name) for name in DESCRIPTIONS}))
        archive.add("about.json", _indented(self._about(facts)))
        return Disclosure(
            wallet_id=wallet_id,
            tables=archive.tables,
            archive=archive.content.getvalue(),
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )

    async def _add(self, archive: _Archive, table: sa.Table, whose: Mapping[str, object]) -> None:
        await self._premises.ports.store.read(lambda connection: archive.add_rows(connection, table, whose))

    def _about(self, facts: WalletFacts) -> dict[str, object]:
        settings, ledger = self._premises.settings, self._premises.ledger
        return {
            "institution": settings.name,
            "home": settings.home,
            "wallet_id": facts.wallet_id.hex(),
            "holder_name": facts.holder_name,
            "sequence": ledger.sequence,
            "time_ms": ledger.time_ms,
        }


def _described(table: str) -> dict[str, object]:
    description = DESCRIPTIONS[table]
    return {"about": description.about, "fields": dict(description.fields)}


def _indented(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
