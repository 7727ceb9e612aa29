"""Passes where a DCA and a TWAP executor can be started: both await their check of the balance.

The executors are upstream's own; what stands in for the venue has a price, rules, and money for everything.
"""
import asyncio
from decimal import Decimal
from types import SimpleNamespace

from hummingbot.connector.trading_rule import TradingRule
from hummingbot.core.data_type.common import TradeType
from hummingbot.strategy_v2.executors.dca_executor.data_types import DCAExecutorConfig, DCAMode
from hummingbot.strategy_v2.executors.dca_executor.dca_executor import DCAExecutor
from hummingbot.strategy_v2.executors.twap_executor.data_types import TWAPExecutorConfig, TWAPMode
from hummingbot.strategy_v2.executors.twap_executor.twap_executor import TWAPExecutor

VENUE, PAIR = "binance", "BTC-USDT"


def strategy():
    connector = SimpleNamespace(
        trading_rules={PAIR: TradingRule(trading_pair=PAIR, min_order_size=Decimal("0.001"))},
        get_price_by_type=lambda pair, price_type: Decimal(100),
        budget_checker=SimpleNamespace(adjust_candidates=lambda candidates: candidates),
    )
    return SimpleNamespace(connectors={VENUE: connector}, current_timestamp=0.0)


async def main():
    shared = {"timestamp": 0.0, "connector_name": VENUE, "trading_pair": PAIR, "side": TradeType.BUY}
    dca = DCAExecutor(strategy(), DCAExecutorConfig(
        amounts_quote=[Decimal(100), Decimal(100)], prices=[Decimal(99), Decimal(98)], mode=DCAMode.MAKER,
        take_profit=Decimal("0.01"), stop_loss=Decimal("0.02"), **shared))
    await dca.on_start()
    twap = TWAPExecutor(strategy(), TWAPExecutorConfig(
        total_amount_quote=Decimal(100), total_duration=60, order_interval=30, mode=TWAPMode.TAKER, **shared))
    await twap.on_start()


asyncio.run(main())
