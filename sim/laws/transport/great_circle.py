"""Distance of two places on the Earth as a sphere."""

import math

Point = tuple[float, float]
"""Latitude and longitude [degrees]."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG's R1, Moritz 2000) [km]."""


def great_circle_km(one: Point, other: Point) -> float:
    """Distance of two points of latitude and longitude [degrees] on the sphere [km].

    Examples
    --------
    >>> round(great_circle_km((0.0, 0.0), (0.0, 90.0)))
    10008
    """
    (lat, lon), (lat_other, lon_other) = one, other
    a, b = math.radians(lat), math.radians(lat_other)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(lon_other - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
