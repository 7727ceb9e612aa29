from hummingbot.strategy_v2.controllers import MarketMakingControllerBase, MarketMakingControllerConfigBase


class MineConfig(MarketMakingControllerConfigBase):
    controller_name: str = "mine"
