from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)


class MineConfig(MarketMakingControllerConfigBase):
    print "python 2"
