"""Replays one scenario on Hummingbot's own backtester and writes what came of it as one JSON object.

Reads `scenario.json` and `candles.f64` beside itself. Standard output is the answer, standard error is talk, and lines of it
that begin with `hive-progress ` say how many rows are done of how many. What upstream takes from a venue is given instead:
candles, trading rules, the time; nothing else is changed but the ids of executors, which are counted instead of drawn, so
that two runs are one. Floats are written as Python's `repr`, decimals as their text, so that no digit is lost on the way.
"""
import asyncio
import json
import os
import sys
import time
import traceback
from array import array
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
# What a venue says beside these; no replay of upstream's looks at it, and a NaN would drop the row.
ABSENT = ("quote_asset_volume", "n_trades", "taker_buy_base_volume", "taker_buy_quote_volume")
FRAMES_MAX = 8


class Refusal(Exception):
    """Something that the scenario asks for and its candles cannot give."""


def read_candles():
    values = array("d")
    with open(os.path.join(HERE, "candles.f64"), "rb") as file:
        values.frombytes(file.read())
    if sys.byteorder == "big":
        values.byteswap()
    count = len(values) // len(COLUMNS)
    return {name: values[place * count:(place + 1) * count] for place, name in enumerate(COLUMNS)}


def joined(candles, base, step):
    """Returns the columns of longer candles: first, highest, lowest, last, sum."""
    if step == base:
        return candles
    if step < base or step % base:
        raise Refusal(f"candles of {step} s are asked for, and those of the scenario are {base} s long")
    columns = {name: array("d") for name in COLUMNS}
    for at, opened, high, low, close, volume in zip(*(candles[name] for name in COLUMNS)):
        start = at // step * step
        if columns["timestamp"] and columns["timestamp"][-1] == start:
            columns["high"][-1] = max(columns["high"][-1], high)
            columns["low"][-1] = min(columns["low"][-1], low)
            columns["close"][-1] = close
            columns["volume"][-1] += volume
        else:
            for name, value in zip(COLUMNS, (start, opened, high, low, close, volume)):
                columns[name].append(value)
    return columns


def feed_of(scenario, candles, pair, interval_seconds):
    """Returns a stand-in for the classes that ask a venue for its candles."""
    import numpy
    import pandas

    known = {}

    class Feed:
        def __init__(self, config):
            self.config = config

        async def get_historical_candles(self, config):
            if config.trading_pair != pair:
                raise Refusal(f"candles of {config.trading_pair} are asked for, and the scenario has those of {pair}")
            step = interval_seconds[config.interval]
            if step not in known:
                columns = joined(candles, scenario["interval"], step)
                frame = pandas.DataFrame({name: numpy.array(columns[name]) for name in COLUMNS})
                for name in ABSENT:
                    frame[name] = 0.0
                known[step] = frame
            frame = known[step]
            inside = (frame["timestamp"] >= config.start_time) & (frame["timestamp"] <= config.end_time)
            return frame[inside].reset_index(drop=True)

    return Feed


class Counting:
    """Stands in for `random` where executors get their ids: two of one tick must not get the same."""

    def __init__(self):
        self.count = 0

    def randint(self, first, last):
        self.count += 1
        return self.count


def prepared(scenario, candles):
    """Returns the engine, with what a venue would give already there, and the controller's configuration."""
    import hummingbot

    if hasattr(hummingbot, "set_prefix_path"):
        hummingbot.set_prefix_path(HERE)
    from hummingbot.connector.trading_rule import TradingRule
    from hummingbot.data_feed.candles_feed.candles_base import CandlesBase
    from hummingbot.data_feed.candles_feed.candles_factory import CandlesFactory
    from hummingbot.strategy_v2.backtesting.backtesting_engine_base import BacktestingEngineBase
    from hummingbot.strategy_v2.executors import data_types

    # Nobody asks a venue for anything from here on, and the clock stands still.
    clock = float(scenario["wall_clock"])
    time.time = lambda: clock
    if hasattr(data_types, "random"):
        data_types.random = Counting()

    config = BacktestingEngineBase.get_controller_config_instance_from_dict(scenario["controller"])
    pair = getattr(config, "trading_pair", scenario["pair"])
    feed = feed_of(scenario, candles, pair, CandlesBase.interval_to_seconds)
    CandlesFactory.get_candle = classmethod(lambda cls, config: feed(config))

    engine = BacktestingEngineBase()
    provider = engine.backtesting_data_provider
    rules = {name: Decimal(text) for name, text in scenario["trading_rules"].items()}

    async def initialize_trading_rules(connector_name):
        provider.trading_rules[connector_name] = {pair: TradingRule(trading_pair=pair, **rules)}

    provider.initialize_trading_rules = initialize_trading_rules
    for name in ("initialize_rate_sources", "initialize_rate_source"):
        if hasattr(provider, name):
            setattr(provider, name, lambda *arguments, **keywords: None)
    names = [name for name, seconds in CandlesBase.interval_to_seconds.items() if seconds == scenario["resolution"]]
    if not names:
        raise Refusal(f"upstream knows no candles of {scenario['resolution']} s")
    return engine, config, names[0]


def watched(engine):
    """Has the engine say how far it is."""
    prepare, update = engine.prepare_market_data, engine.update_state
    # The clock of the process still goes; `time.time` does not.
    rows = {"done": 0, "all": 0, "told": time.monotonic()}

    def tell():
        print(f"hive-progress {rows['done']} {rows['all']}", file=sys.stderr, flush=True)

    def prepare_market_data():
        frame = prepare()
        rows["all"] = len(frame)
        tell()
        return frame

    async def update_state(row):
        await update(row)
        rows["done"] += 1
        if time.monotonic() - rows["told"] >= 0.2:
            rows["told"] = time.monotonic()
            tell()

    engine.prepare_market_data, engine.update_state = prepare_market_data, update_state


def number(value):
    return None if value is None else repr(float(value))


def text(value):
    return None if value is None else str(value)


def name_of(value):
    return None if value is None else getattr(value, "name", str(value))


def executor_of(info):
    config, own = info.config, info.custom_info
    written = {
        "type": info.type,
        "level_id": text(own.get("level_id", getattr(config, "level_id", None))),
        "side": name_of(own.get("side", getattr(config, "side", None))),
        "timestamp": number(info.timestamp),
        "close_timestamp": number(info.close_timestamp),
        "close_type": name_of(info.close_type),
        "status": name_of(info.status),
        "is_active": bool(info.is_active),
        "is_trading": bool(info.is_trading),
        "close_price": number(own.get("close_price")),
        "current_position_average_price": number(own.get("current_position_average_price")),
    }
    for name in ("net_pnl_pct", "net_pnl_quote", "cum_fees_quote", "filled_amount_quote"):
        written[name] = str(getattr(info, name))
        written[f"{name}_f"] = number(getattr(info, name))
    asked = {}
    for name in ("entry_price", "amount", "price", "start_price", "end_price", "limit_price", "total_amount_quote"):
        if getattr(config, name, None) is not None:
            asked[name] = str(getattr(config, name))
    for name in ("prices", "amounts_quote"):
        if getattr(config, name, None) is not None:
            asked[name] = [str(value) for value in getattr(config, name)]
    if getattr(config, "execution_strategy", None) is not None:
        asked["execution_strategy"] = name_of(config.execution_strategy)
    written["asked"] = asked
    if "grid_level_prices" in own or "grid_tp_prices" in own:
        written["grid"] = {
            "prices": [number(value) for value in own.get("grid_level_prices", [])],
            "take_profit_prices": [number(value) for value in own.get("grid_tp_prices", [])],
            "fill_event_count": len(own.get("grid_fill_events", [])),
        }
    return written


HOLD = (
    "net_amount_base", "avg_entry_price", "realized_pnl_quote", "cum_fees_quote", "volume_traded_quote", "buy_amount_base",
    "buy_amount_quote", "sell_amount_base", "sell_amount_quote",
)


def hold_of(hold):
    written = {"connector_name": hold.connector_name, "trading_pair": hold.trading_pair}
    written.update({name: text(getattr(hold, name, None)) for name in HOLD})
    return written


def columns_of(rows):
    """Returns a list of rows as columns; `None` where upstream keeps no such series."""
    if rows is None:
        return None
    names = list(rows[0]) if rows else []
    return {"count": len(rows), "columns": [[name, [number(row[name]) for row in rows]] for name in names]}


def result_of(value):
    if isinstance(value, dict):
        return {str(name): int(count) for name, count in value.items()}
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) or type(value).__module__ == "numpy" and value.dtype.kind in "iu":
        return int(value)
    return number(value)


def frames_of(error, root):
    """Returns the frames that say something: upstream's and the controllers', and the one that raised."""
    all_frames = traceback.extract_tb(error.__traceback__)
    written = []
    for place, frame in enumerate(all_frames):
        path = os.path.abspath(frame.filename)
        inside = os.path.relpath(path, root) if path.startswith(root + os.sep) else None
        ours = inside is not None and inside.split(os.sep)[0] in ("hummingbot", "controllers")
        if ours or place == len(all_frames) - 1:
            parts = path.split(os.sep + "site-packages" + os.sep)
            shown = inside or (parts[-1] if len(parts) > 1 else os.path.basename(path))
            written.append({"file": shown, "line": frame.lineno or 0, "function": frame.name, "text": frame.line or ""})
    return written[-FRAMES_MAX:]


def root_of():
    module = sys.modules.get("hummingbot")
    file = getattr(module, "__file__", None)
    return os.path.dirname(os.path.dirname(os.path.abspath(file))) if file else HERE


def versions():
    from importlib import metadata

    found = {}
    for package in ("hummingbot", "numpy", "pandas", "pandas-ta", "TA-Lib"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            pass
    return found


def run():
    with open(os.path.join(HERE, "scenario.json"), encoding="utf-8") as file:
        scenario = json.load(file)
    answer = {"stage": "import"}
    try:
        candles = read_candles()
        import hummingbot.strategy_v2.backtesting.backtesting_engine_base  # noqa: F401

        answer["stage"] = "configuration"
        answer["versions"] = versions()
        engine, config, resolution = prepared(scenario, candles)
        watched(engine)
        answer["stage"] = "replay"
        found = asyncio.run(engine.run_backtesting(
            controller_config=config,
            start=scenario["start"],
            end=scenario["end"],
            backtesting_resolution=resolution,
            trade_cost=scenario["trade_cost"],
        ))
        answer["executors"] = [executor_of(info) for info in found["executors"]]
        answer["results"] = [[name, result_of(value)] for name, value in found["results"].items()]
        answer["holds"] = [hold_of(hold) for hold in found.get("position_holds") or []]
        answer["held"] = columns_of(found.get("position_held_timeseries"))
        answer["series"] = columns_of(found.get("pnl_timeseries"))
        answer["stage"] = "done"
    except MemoryError:
        raise
    except BaseException as error:
        answer["error"] = {
            "type": type(error).__name__,
            "message": str(error),
            "is_refusal": isinstance(error, Refusal),
            "frames": frames_of(error, root_of()),
        }
    return answer


def main():
    # Whatever upstream prints is talk: the answer alone goes to standard output.
    answer_to = os.dup(1)
    os.dup2(2, 1)
    answer = run()
    with os.fdopen(answer_to, "w", encoding="utf-8") as file:
        json.dump(answer, file, allow_nan=False, separators=(",", ":"))
    sys.stderr.flush()
    # Threads and loops that upstream has started need not be waited for.
    os._exit(0)


main()
