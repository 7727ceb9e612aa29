from controllers.market_making.shared import *


class MineConfig(AlphaConfig):
    controller_name: str = "mine"


class MineController(AlphaController):
    pass
