from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)


class MineConfig(MarketMakingControllerConfigBase):
    controller_name: str = Field(default="mine"


class MineController(MarketMakingControllerBase):
    pass
