"""What the example mall sells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tongbao.errors import RequestError
from tongbao.protocol.sandbox import MallGood, MallLanguage

__all__ = ["GOODS", "Purchase", "purchase_of"]

DESCRIPTION_MAX: Final = 256
"""Of an order; the protocol's own limit."""

GOODS: Final[Mapping[str, MallGood]] = {
    good: MallGood(good=good, price_fen=price_fen, name=name, name_zh=name_zh)
    for good, price_fen, name, name_zh in (
        ("bun", 3_50, "Steamed bun", "包子"),
        ("tea", 12_80, "Longjing tea", "龙井茶"),
        ("notebook", 19_90, "Notebook", "笔记本"),
        ("umbrella", 35_00, "Umbrella", "雨伞"),
        ("mooncake", 48_00, "Box of mooncakes", "月饼礼盒"),
        ("lantern", 66_00, "Paper lantern", "纸灯笼"),
    )
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What somebody buys at once.

    Attributes:
        amount_fen: all of it.
        description: in words, for the order.
    """

    amount_fen: int
    description: str


def purchase_of(goods: Sequence[str], language: MallLanguage) -> Purchase:
    """The purchase of these goods.

    Raises:
        RequestError: the mall does not sell one of them.
    """
    counted = Counter(goods)
    unknown = sorted(counted.keys() - GOODS.keys())
    if unknown:
        raise RequestError(
            f"the mall does not sell {unknown[0]}",
            code="NOT_FOUND",
            field="goods",
            cure=f"choose from {', '.join(GOODS)}",
        )
    lines = [_line(GOODS[good], count, language) for good, count in counted.items()]
    joined = ("、" if language is MallLanguage.CHINESE else ", ").join(lines)
    return Purchase(sum(GOODS[good].price_fen for good in goods), joined[:DESCRIPTION_MAX])


def _line(good: MallGood, count: int, language: MallLanguage) -> str:
    name = good.name_zh if language is MallLanguage.CHINESE else good.name
    return name if count == 1 else f"{name} × {count}"
