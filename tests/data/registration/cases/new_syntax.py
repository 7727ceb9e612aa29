"""Python 3.12 in full dress: everything here is legal and none of it is a class that the loader sees first."""
import asyncio
from dataclasses import dataclass

from controllers.market_making import pmm_dynamic

words = {"a": 1}
nested = f"{words["a"]} {f"{words["a"]:>{3}}"!r} {{}}"
type Alias = list[int]


def generic[T: int](first: T, /, *rest: T, key: str = "k", **others) -> T:
    match first:
        case {"x": [1, *_]} | None if key:
            return first
        case _:
            return (found := first)


@dataclass(frozen=True, slots=True)
class AGeneric[T]:
    value: T


@(lambda class_: class_)
class ZConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"


class ZController(
    pmm_dynamic.PMMDynamicController,  # The trailing comma and this comment are part of it.
):
    async def wait(self):
        async with asyncio.timeout(1), asyncio.Lock() as lock:
            try:
                return [x async for x in lock], *words, lambda *a, **k: (yield)
            except* OSError as group:
                raise group from None
