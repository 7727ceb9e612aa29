"""Buys below the lower Bollinger band and sells above the upper one, on upstream's directional base."""
from typing import List

import pandas_ta as ta
from pydantic import Field

from hummingbot.data_feed.candles_feed.data_types import CandlesConfig
from hummingbot.strategy_v2.controllers.directional_trading_controller_base import (
    DirectionalTradingControllerBase,
    DirectionalTradingControllerConfigBase,
)


class BandConfig(DirectionalTradingControllerConfigBase):
    controller_name: str = "bollinger_v1"
    candles_connector: str = ""
    candles_trading_pair: str = ""
    interval: str = "3m"
    bb_length: int = Field(default=100, gt=0)
    bb_std: float = 2.0
    bb_long_threshold: float = 0.0
    bb_short_threshold: float = 1.0


class Band(DirectionalTradingControllerBase):
    def __init__(self, config: BandConfig, *args, **kwargs):
        self.config = config
        # Until 2.12 the engine reads the candles from the configuration; later there is no such field.
        if hasattr(config, "candles_config"):
            config.candles_config = self.get_candles_config()
        super().__init__(config, *args, **kwargs)

    def feed(self):
        return {
            "connector_name": self.config.candles_connector or self.config.connector_name,
            "trading_pair": self.config.candles_trading_pair or self.config.trading_pair,
            "interval": self.config.interval,
            "max_records": self.config.bb_length,
        }

    def get_candles_config(self) -> List[CandlesConfig]:
        feed = self.feed()
        feed["connector"] = feed.pop("connector_name")
        return [CandlesConfig(**feed)]

    async def update_processed_data(self):
        frame = self.market_data_provider.get_candles_df(**self.feed()).copy()
        bands = ta.bbands(frame["close"], length=self.config.bb_length, lower_std=self.config.bb_std, upper_std=self.config.bb_std)
        for name in bands.columns:
            frame[name] = bands[name]
        # Where the close stands between the bands: 0 on the lower one, 1 on the upper one.
        place = frame[next(name for name in bands.columns if name.startswith("BBP_"))]
        frame["signal"] = 0
        frame.loc[place < self.config.bb_long_threshold, "signal"] = 1
        frame.loc[place > self.config.bb_short_threshold, "signal"] = -1
        self.processed_data = {"signal": frame["signal"].iloc[-1], "features": frame}
