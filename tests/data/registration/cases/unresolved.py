from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)

from hummingbot.data_feed.candles_feed.data_types import CandlesConfig
from hummingbot.strategy_v2.controllers import Gone
from pandas import DataFrame


class MineConfig(MarketMakingControllerConfigBase):
    controller_name: str = "mine"


class MineController(MarketMakingControllerBase):
    pass
