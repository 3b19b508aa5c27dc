"""A file by which somebody sees another's wallet: `tongbao wallet watch add` writes it, `watch show` reads it."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongbao.errors import ConfigurationError, DamageError
from tongbao.protocol.wire import Hash
from tongbao.service.whole_file import write_new

__all__ = ["WatchFile"]

VERSION: Final = 1


class WatchFile(BaseModel):
    """Where the wallet lives and the key that sees it; no password protects it, since it moves no money."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tongbao_watch_file: Annotated[int, Field(ge=1)] = VERSION
    name: str
    network_id: Hash
    address: str
    home_url: str
    centre_url: str
    watch_key: Hash

    def write(self, path: Path) -> None:
        """Write it where nothing is yet, readable by its owner alone."""
        write_new(path, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> "WatchFile":
        """The file as it was written.

        Raises:
            ConfigurationError: it cannot be read, or a later version of this program wrote it.
            DamageError: it is no such file, or not whole.
        """
        try:
            found = cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
        except ValidationError:
            raise DamageError(
                f"{path} is no watch file, or a damaged one: ask the wallet's holder for another"
            ) from None
        if found.tongbao_watch_file > VERSION:
            raise ConfigurationError(f"{path} is of version {found.tongbao_watch_file}: install a newer program")
        return found
