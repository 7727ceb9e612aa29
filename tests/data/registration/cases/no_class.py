from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)


def MineConfig():
    return MarketMakingControllerConfigBase


class MineController(MarketMakingControllerBase):
    pass
