from ..pmm_dynamic import PMMDynamicController, PMMDynamicControllerConfig


class AlphaConfig(PMMDynamicControllerConfig):
    controller_name: str = "alpha"


class AlphaController(PMMDynamicController):
    pass
