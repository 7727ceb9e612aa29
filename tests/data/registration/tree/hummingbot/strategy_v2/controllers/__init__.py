from hummingbot.strategy_v2.controllers.controller_base import ControllerBase, ControllerConfigBase
from hummingbot.strategy_v2.controllers.directional_trading_controller_base import (
    DirectionalTradingControllerBase,
    DirectionalTradingControllerConfigBase,
)
from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

__all__ = [
    "ControllerBase",
    "ControllerConfigBase",
    "DirectionalTradingControllerBase",
    "DirectionalTradingControllerConfigBase",
    "MarketMakingControllerBase",
    "MarketMakingControllerConfigBase",
]
