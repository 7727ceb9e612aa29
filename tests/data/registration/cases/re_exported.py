from controllers.market_making import shared


class MineConfig(shared.parts.AlphaConfig):
    controller_name: str = "mine"


class MineController(shared.AlphaController):
    pass
