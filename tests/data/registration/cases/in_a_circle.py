from controllers.market_making.circle_a import *


class AConfig(CircleConfig):
    controller_name: str = "mine"


class AController(CircleController):
    pass
