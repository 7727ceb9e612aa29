"""Passes where the Sharpe ratio of profits that do not deviate is a number.

Upstream's own backtester replays an hour of candles that do not move; candles, trading rules and rates are given instead of
asked for.
"""
import asyncio
import sys
from decimal import Decimal

import pandas

from hummingbot.connector.trading_rule import TradingRule
from hummingbot.data_feed.candles_feed.candles_factory import CandlesFactory
from hummingbot.strategy_v2.backtesting.backtesting_engine_base import BacktestingEngineBase
from hummingbot.strategy_v2.controllers.market_making_controller_base import (
    MarketMakingControllerBase,
    MarketMakingControllerConfigBase,
)
from hummingbot.strategy_v2.executors.position_executor.data_types import PositionExecutorConfig

VENUE, PAIR, START, MINUTES, PRICE = "binance_perpetual", "BTC-USDT", 1767225600, 60, 128.0


class Maker(MarketMakingControllerBase):
    def get_executor_config(self, level_id, price, amount):
        return PositionExecutorConfig(
            timestamp=self.market_data_provider.time(), level_id=level_id, connector_name=VENUE, trading_pair=PAIR,
            entry_price=price, amount=amount, side=self.get_trade_type_from_level_id(level_id),
            triple_barrier_config=self.config.triple_barrier_config, leverage=1)


class MakerConfig(MarketMakingControllerConfigBase):
    controller_name: str = "probe"

    def get_controller_class(self):
        return Maker


class Flat:
    async def get_historical_candles(self, config):
        columns = {"timestamp": [float(START + 60 * minute) for minute in range(MINUTES)]}
        columns.update({name: [PRICE] * MINUTES for name in ("open", "high", "low", "close", "volume")})
        return pandas.DataFrame(columns)


def results_of(spread, trade_cost):
    engine = BacktestingEngineBase()
    provider = engine.backtesting_data_provider
    CandlesFactory.get_candle = classmethod(lambda cls, config: Flat())
    provider.initialize_rate_sources = lambda pairs: None

    async def initialize_trading_rules(connector_name):
        provider.trading_rules[connector_name] = {PAIR: TradingRule(trading_pair=PAIR)}

    provider.initialize_trading_rules = initialize_trading_rules
    config = MakerConfig(
        id="probe", connector_name=VENUE, trading_pair=PAIR, total_amount_quote=Decimal(1024), buy_spreads=[spread],
        sell_spreads=[], buy_amounts_pct=[1], sell_amounts_pct=[], stop_loss=Decimal("0.5"), take_profit=Decimal("0.5"),
        time_limit=300)
    found = asyncio.run(engine.run_backtesting(config, START, START + 60 * MINUTES, "1m", trade_cost))
    return found["results"]


# Each order fills at once and loses its fee, a power of two, so that all have the same return to the last bit.
ratio = results_of(spread=0.0, trade_cost=1 / 1024)["sharpe_ratio"]
if not abs(ratio) < 1e9:
    sys.exit(f"the Sharpe ratio of equal returns is {ratio}")
