from hummingbot.strategy_v2.controllers.controller_base import ControllerBase, ControllerConfigBase


class DirectionalTradingControllerConfigBase(ControllerConfigBase):
    controller_type: str = "directional_trading"


class DirectionalTradingControllerBase(ControllerBase):
    pass
