from controllers.market_making.pmm_dynamic import PMMDynamicController as _Controller
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as _Config


class ZConfig(_Config):
    controller_name: str = "mine"


class ZController(_Controller):
    pass
