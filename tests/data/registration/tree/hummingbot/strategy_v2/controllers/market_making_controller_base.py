from hummingbot.strategy_v2.controllers.controller_base import ControllerBase, ControllerConfigBase


class MarketMakingControllerConfigBase(ControllerConfigBase):
    controller_type: str = "market_making"


class MarketMakingControllerBase(ControllerBase):
    pass
