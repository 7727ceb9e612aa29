from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)


class MineControllerConfig(MarketMakingControllerConfigBase):
    controller_name: str = "mine"


class MineController(MarketMakingControllerBase):
    pass
