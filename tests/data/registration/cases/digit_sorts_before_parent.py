from controllers.market_making.pmm_dynamic import PMMDynamicController, PMMDynamicControllerConfig


class PMMDynamic2ControllerConfig(PMMDynamicControllerConfig):
    controller_name: str = "mine"


class PMMDynamic2Controller(PMMDynamicController):
    pass
