"""Whom a request means: an institution of the sandbox, or nobody."""

from tongbao.errors import RequestError
from tongbao.service.data_directory import DataDirectory

__all__ = ["demand_home"]


def demand_home(data: DataDirectory, home: int) -> None:
    """Return if there is such an institution; raises `RequestError` with those that there are."""
    homes = [place.home for place in data.network.institutions]
    if home not in homes:
        raise RequestError(
            f"this network has no institution {home}",
            code="NOT_FOUND",
            field="home",
            cure=f"choose one of {', '.join(map(str, homes))}",
        )
