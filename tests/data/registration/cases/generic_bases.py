from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

from typing import Generic, List, TypeVar

T = TypeVar("T")


class Mixin(Generic[T]):
    pass


class MineConfig(Mixin[int], MarketMakingControllerConfigBase):
    controller_name: str = "mine"


class MineController(Mixin[List[int]], MarketMakingControllerBase):
    pass


Aliases = List[MineConfig]
