from controllers.market_making.circle_b import *
from hummingbot.strategy_v2.controllers import MarketMakingControllerBase, MarketMakingControllerConfigBase


class CircleConfig(MarketMakingControllerConfigBase):
    pass


class CircleController(MarketMakingControllerBase):
    pass
