from hummingbot.strategy_v2.controllers import MarketMakingControllerConfigBase, market_making_controller_base


class MineConfig(MarketMakingControllerConfigBase):
    controller_name: str = "mine"


class MarketMakingControllerBase(market_making_controller_base.MarketMakingControllerBase):
    pass
