from controllers.market_making.pmm_dynamic import PMMDynamicController as _Parent
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as Base


class PMMDynamicTwoConfig(Base):
    controller_name: str = "mine"


class PMMDynamicTwoController(_Parent):
    pass
