from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

from pydantic import Field


class MineConfig(MarketMakingControllerConfigBase):
    controller_type: str = "generic"
    controller_name: str = Field(
        default="yours",
        description="not the name that the recipe gives")


class MineController(MarketMakingControllerBase):
    pass
