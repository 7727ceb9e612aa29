from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)


class BaseConfigOfMine(MarketMakingControllerConfigBase):
    pass


class MineConfig(BaseConfigOfMine):
    controller_name: str = "mine"


class MineController(MarketMakingControllerBase):
    pass
