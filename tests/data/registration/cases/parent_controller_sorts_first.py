from controllers.market_making import pmm_dynamic
from controllers.market_making.pmm_dynamic import PMMDynamicController


class PMMDynamicTwoConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"


class PMMDynamicTwoController(PMMDynamicController):
    pass
