from hummingbot.strategy_v2.controllers import *


class ZConfig(MarketMakingControllerConfigBase):
    controller_name: str = "mine"


class ZController(MarketMakingControllerBase):
    pass
