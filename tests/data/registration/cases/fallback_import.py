try:
    from hummingbot.strategy_v2.controllers.elsewhere import Base as ConfigBase
except ImportError:
    from hummingbot.strategy_v2.controllers import MarketMakingControllerConfigBase as ConfigBase
finally:
    from hummingbot.strategy_v2.controllers import MarketMakingControllerBase


class ZConfig(ConfigBase):
    controller_name: str = "mine"


class ZController(MarketMakingControllerBase):
    pass
