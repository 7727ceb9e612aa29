from hummingbot.strategy_v2.controllers.controller_base import ControllerBase as AController
from hummingbot.strategy_v2.controllers.controller_base import ControllerConfigBase as AConfig


class ZConfig(AConfig):
    controller_name: str = "mine"
    controller_type: str = "market_making"


class ZController(AController):
    pass


First = Second = ZConfig
Pair, Other = ZController, None
