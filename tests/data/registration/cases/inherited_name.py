from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

from controllers.market_making import pmm_dynamic


class MineConfig(pmm_dynamic.PMMDynamicControllerConfig):
    spread: float = 0.01


class MineController(MarketMakingControllerBase):
    pass
