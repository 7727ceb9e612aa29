"""PMM Dynamic 2: pure market making whose quotes follow the MACD histogram.

One feature row is made of one candle and of what came before it, never of what comes after:

    reference_price   = close * (1 + histogram * price_adjustment_factor)
    spread_multiplier = clip(1 + |histogram| * spread_adjustment, min_spread_multiplier, max_spread_multiplier)

Rows inside the MACD's warm-up hold NaN, so a backtest opens nothing there. Candles are stamped at their open, and the
backtester shows a row from that moment on: as with every upstream controller, a backtest sees a candle of `interval`
up to one interval early.

Works on Hummingbot from 2.6.0 on. Up to 2.12 the candles a controller needs are declared in its configuration, from
2.13 on by `get_candles_config`; this file does both.
"""
from decimal import Decimal
from typing import List, Optional, Tuple

import pandas as pd
import pandas_ta as ta
from pydantic import Field, field_validator
from pydantic_core.core_schema import ValidationInfo

from hummingbot.core.data_type.common import PriceType
from hummingbot.data_feed.candles_feed.data_types import CandlesConfig
from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)
from hummingbot.strategy_v2.executors.position_executor.data_types import PositionExecutorConfig
from hummingbot.strategy_v2.models.executor_actions import CreateExecutorAction

# Candles kept beyond the MACD's warm-up, so that its exponential averages have forgotten where they started.
SETTLING_RECORDS = 100


class PMMDynamic2ControllerConfig(MarketMakingControllerConfigBase):
    controller_name: str = "pmm_dynamic_2"

    # Upstream does not validate its own defaults: omitted spreads stay a string, one level for each character, and
    # omitted amounts stay None. Declared again here with validation, so that they may be omitted.
    buy_spreads: List[float] = Field(
        default="0.01,0.02", validate_default=True,
        json_schema_extra={
            "prompt": "Enter a comma-separated list of buy spreads (e.g., '0.01, 0.02'): ",
            "prompt_on_new": True, "is_updatable": True})
    sell_spreads: List[float] = Field(
        default="0.01,0.02", validate_default=True,
        json_schema_extra={
            "prompt": "Enter a comma-separated list of sell spreads (e.g., '0.01, 0.02'): ",
            "prompt_on_new": True, "is_updatable": True})
    buy_amounts_pct: Optional[List[Decimal]] = Field(
        default=None, validate_default=True,
        json_schema_extra={
            "prompt": "Enter a comma-separated list of buy amounts as shares, or leave blank to distribute equally: ",
            "prompt_on_new": True, "is_updatable": True})
    sell_amounts_pct: Optional[List[Decimal]] = Field(
        default=None, validate_default=True,
        json_schema_extra={
            "prompt": "Enter a comma-separated list of sell amounts as shares, or leave blank to distribute equally: ",
            "prompt_on_new": True, "is_updatable": True})
    order_amount: Optional[Decimal] = Field(
        default=None, gt=0,
        json_schema_extra={
            "prompt": "Enter the amount of each order in base units, or leave blank to share total_amount_quote: ",
            "prompt_on_new": True, "is_updatable": True})
    # Upstream has this field since 2.6.1. On a spot market 2.6.0 cannot be backtested without it.
    skip_rebalance: bool = Field(default=False)

    candles_connector: str = Field(
        default=None, validate_default=True,
        json_schema_extra={
            "prompt": "Enter the connector for the candles data, leave empty to use the same exchange as the connector: ",
            "prompt_on_new": True})
    candles_trading_pair: str = Field(
        default=None, validate_default=True,
        json_schema_extra={
            "prompt": "Enter the trading pair for the candles data, leave empty to use the same pair as the connector: ",
            "prompt_on_new": True})
    interval: str = Field(
        default="3m",
        json_schema_extra={"prompt": "Enter the candle interval (e.g., 1m, 5m, 1h, 1d): ", "prompt_on_new": True})
    macd_fast: int = Field(
        default=12, gt=0,
        json_schema_extra={"prompt": "Enter the MACD fast period: ", "prompt_on_new": True})
    macd_slow: int = Field(
        default=26, gt=0,
        json_schema_extra={"prompt": "Enter the MACD slow period: ", "prompt_on_new": True})
    macd_signal: int = Field(
        default=9, gt=0,
        json_schema_extra={"prompt": "Enter the MACD signal period: ", "prompt_on_new": True})

    price_adjustment_factor: float = Field(
        default=0.0001,
        json_schema_extra={
            "prompt": "Enter the price shift for one unit of the MACD histogram (e.g., 0.0001 for 0.01%): ",
            "prompt_on_new": True, "is_updatable": True})
    spread_adjustment: float = Field(
        default=0.1, ge=0,
        json_schema_extra={
            "prompt": "Enter the widening of the spread for one unit of the MACD histogram (e.g., 0.1): ",
            "prompt_on_new": True, "is_updatable": True})
    min_spread_multiplier: float = Field(
        default=0.5, gt=0,
        json_schema_extra={
            "prompt": "Enter the smallest spread multiplier (e.g., 0.5): ",
            "prompt_on_new": True, "is_updatable": True})
    max_spread_multiplier: float = Field(
        default=2.0, gt=0,
        json_schema_extra={
            "prompt": "Enter the largest spread multiplier (e.g., 2.0): ",
            "prompt_on_new": True, "is_updatable": True})

    @field_validator("order_amount", mode="before")
    @classmethod
    def set_order_amount(cls, v):
        if isinstance(v, str):
            return Decimal(v) if v.strip() else None
        return v

    @field_validator("candles_connector", mode="before")
    @classmethod
    def set_candles_connector(cls, v, validation_info: ValidationInfo):
        return v or validation_info.data.get("connector_name")

    @field_validator("candles_trading_pair", mode="before")
    @classmethod
    def set_candles_trading_pair(cls, v, validation_info: ValidationInfo):
        return v or validation_info.data.get("trading_pair")

    @field_validator("macd_slow")
    @classmethod
    def check_macd_slow(cls, v: int, validation_info: ValidationInfo):
        # pandas_ta swaps the two silently and names its columns after the swapped ones.
        macd_fast = validation_info.data.get("macd_fast")
        if macd_fast is not None and v <= macd_fast:
            raise ValueError(f"macd_slow ({v}) must be greater than macd_fast ({macd_fast}).")
        return v

    @field_validator("max_spread_multiplier")
    @classmethod
    def check_max_spread_multiplier(cls, v: float, validation_info: ValidationInfo):
        smallest = validation_info.data.get("min_spread_multiplier")
        if smallest is not None and v < smallest:
            raise ValueError(f"max_spread_multiplier ({v}) must not be less than min_spread_multiplier ({smallest}).")
        return v


class PMMDynamic2Controller(MarketMakingControllerBase):
    """Shifts the reference price along the MACD histogram, and widens the spreads with its size."""

    def __init__(self, config: PMMDynamic2ControllerConfig, *args, **kwargs):
        self.config = config
        self.max_records = config.macd_slow + config.macd_signal + SETTLING_RECORDS
        # Up to 2.12 the engine and the live bot read the candles from the configuration; later it has no such field.
        if hasattr(config, "candles_config") and not config.candles_config:
            config.candles_config = self.get_candles_config()
        super().__init__(config, *args, **kwargs)

    def get_candles_config(self) -> List[CandlesConfig]:
        return [CandlesConfig(
            connector=self.config.candles_connector,
            trading_pair=self.config.candles_trading_pair,
            interval=self.config.interval,
            max_records=self.max_records,
        )]

    async def update_processed_data(self):
        candles = self.market_data_provider.get_candles_df(
            connector_name=self.config.candles_connector,
            trading_pair=self.config.candles_trading_pair,
            interval=self.config.interval,
            max_records=self.max_records,
        )
        features = self.features_of(candles)
        reference_price, spread_multiplier = self.latest_of(features)
        self.processed_data = {
            "reference_price": reference_price,
            "spread_multiplier": spread_multiplier,
            "features": features,
        }

    def features_of(self, candles: pd.DataFrame) -> pd.DataFrame:
        """Returns one row for each candle: its timestamp, reference price and spread multiplier."""
        config = self.config
        histogram = self.macd_histogram_of(candles["close"])
        return pd.DataFrame({
            "timestamp": candles["timestamp"],
            "reference_price": candles["close"] * (1 + histogram * config.price_adjustment_factor),
            "spread_multiplier": (1 + histogram.abs() * config.spread_adjustment).clip(
                lower=config.min_spread_multiplier, upper=config.max_spread_multiplier),
        })

    def macd_histogram_of(self, closes: pd.Series) -> pd.Series:
        """Returns the MACD histogram of each close, NaN inside the warm-up."""
        fast, slow, signal = self.config.macd_fast, self.config.macd_slow, self.config.macd_signal
        macd = ta.macd(closes, fast=fast, slow=slow, signal=signal)
        if macd is None:  # Fewer closes than the warm-up needs.
            return pd.Series(float("nan"), index=closes.index)
        return macd[f"MACDh_{fast}_{slow}_{signal}"]

    def latest_of(self, features: pd.DataFrame) -> Tuple[Decimal, Decimal]:
        """Returns what live trading quotes by: the last row or, while it is still warming up, the plain mid price."""
        if not features.empty and not features.iloc[-1].isna().any():
            last = features.iloc[-1]
            return Decimal(last["reference_price"]), Decimal(last["spread_multiplier"])
        mid_price = self.market_data_provider.get_price_by_type(
            self.config.connector_name, self.config.trading_pair, PriceType.MidPrice)
        return Decimal(mid_price), Decimal("1")

    def get_price_and_amount(self, level_id: str) -> Tuple[Decimal, Decimal]:
        price, amount = super().get_price_and_amount(level_id)
        if self.config.order_amount is not None:
            amount = self.config.order_amount
        return price, amount

    def check_position_rebalance(self) -> Optional[CreateExecutorAction]:
        if self.config.skip_rebalance:
            return None
        return super().check_position_rebalance()

    def get_executor_config(self, level_id: str, price: Decimal, amount: Decimal):
        return PositionExecutorConfig(
            timestamp=self.market_data_provider.time(),
            level_id=level_id,
            connector_name=self.config.connector_name,
            trading_pair=self.config.trading_pair,
            entry_price=price,
            amount=amount,
            triple_barrier_config=self.config.triple_barrier_config,
            leverage=self.config.leverage,
            side=self.get_trade_type_from_level_id(level_id),
        )
