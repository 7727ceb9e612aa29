from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

from controllers.market_making.pmm_dynamic import PMMDynamicController, PMMDynamicControllerConfig


class ZConfig(PMMDynamicControllerConfig):
    controller_name: str = "mine"


class ZController(PMMDynamicController):
    pass


del PMMDynamicController, (PMMDynamicControllerConfig)
