from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig
from hummingbot.strategy_v2.controllers import MarketMakingControllerBase


class MineController(MarketMakingControllerBase):
    pass
