from controllers.market_making.circle_a import *


class Harmless:
    pass
