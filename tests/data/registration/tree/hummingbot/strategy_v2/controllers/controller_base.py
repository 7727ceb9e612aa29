"""A stand-in for upstream's bases: their names and ancestry, nothing of what they do."""
from pydantic import BaseModel


class ControllerConfigBase(BaseModel):
    controller_name: str
    controller_type: str = "generic"


class RunnableBase:
    pass


class ControllerBase(RunnableBase):
    pass
