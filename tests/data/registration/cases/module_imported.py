import controllers.market_making.pmm_dynamic
from controllers.market_making import pmm_dynamic
import controllers.market_making.pmm_dynamic as parent


class ZConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"


class Middle(controllers.market_making.pmm_dynamic.PMMDynamicController, metaclass=type):
    pass


class Last(parent.PMMDynamicController):
    pass
