"""A customer portfolio as it was published: who was in which value tier, where they came from, and what they bought.

Source: B. Elinder, Dina nycklar till framgångsrikare CRM, 2018; whole kroner, or kronor as they are there. Two of its
prints are errors and not here: 21 % for those who went from middle to bottom, and a number of purchases of the lost
that repeats their revenue.

The one home of these figures: the planned sizes of categories, the oracle of the own figures and the simulated
customers of the benchmarks are made of them.
"""

from collections.abc import Iterable
from typing import Final

Cell = tuple[int, int, int]
"""Customers, orders and revenue in whole kroner of twelve months."""

TIERS: Final = ("super", "top", "middle", "bottom")
ORIGINS: Final = (*TIERS, "recovered", "new")

F12: Final[dict[str, Cell]] = {
    "super": (4_720, 35_239, 57_411_588),
    "top": (14_158, 62_949, 76_432_835),
    "middle": (47_194, 111_596, 88_757_383),
    "bottom": (28_315, 38_150, 10_566_154),
}
"""Of the year before, by tier."""

S12: Final[dict[str, tuple[Cell, ...]]] = {
    "super": (
        (1_050, 11_229, 14_743_845),
        (1_144, 9_776, 13_625_342),
        (1_240, 8_947, 14_357_412),
        (295, 1_895, 3_359_976),
        (402, 1_897, 4_463_065),
        (960, 4_882, 11_189_015),
    ),
    "top": (
        (1_297, 7_913, 7_541_385),
        (2_913, 16_423, 16_360_635),
        (4_753, 23_032, 25_918_292),
        (1_414, 6_097, 7_638_275),
        (1_607, 5_185, 8_660_955),
        (3_288, 10_182, 18_027_988),
    ),
    "middle": (
        (1_494, 4_488, 3_318_635),
        (5_529, 16_812, 11_879_925),
        (16_200, 44_062, 32_368_584),
        (7_129, 17_612, 13_364_190),
        (8_567, 15_856, 15_748_194),
        (11_987, 21_747, 23_038_893),
    ),
    "bottom": (
        (340, 519, 140_971),
        (1_847, 2_667, 767_805),
        (8_295, 11_481, 3_345_222),
        (5_877, 8_145, 2_236_881),
        (7_030, 8_514, 2_721_190),
        (7_153, 8_749, 2_878_719),
    ),
}
"""By tier, and in it by origin in the order of `ORIGINS`."""

LOST: Final[dict[str, tuple[int, int]]] = {
    "super": (539, 6_031_206),
    "top": (2_725, 14_053_033),
    "middle": (16_706, 29_162_765),
    "bottom": (13_600, 4_878_755),
}
"""By tier of the year before: customers who did not come back, and what they had spent in it."""


def summed(cells: Iterable[Cell]) -> Cell:
    """Several together."""
    customers, orders, revenue = (sum(each) for each in zip(*cells, strict=True))
    return customers, orders, revenue
