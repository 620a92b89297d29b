"""A folder of downloads of Central America: invented values under the real headings of each source.

Other files than those of East Africa: BACI in a zip with its list of countries, WDI as the API's
long table, WEO of 2025 by series code, TRAINS without preferences, and an own plain table.
"""

import zipfile
from pathlib import Path

YEAR = 2022
NUMBERS = {"GTM": 320, "HND": 340, "SLV": 222, "NIC": 558, "CRI": 188, "USA": 842, "MEX": 484,
           "DEU": 276}  # fmt: skip
GDP = {"GTM": 95e9, "HND": 31e9, "SLV": 32e9, "NIC": 15e9, "CRI": 69e9, "USA": 25e12, "MEX": 1.4e12,
       "DEU": 4.1e12}  # fmt: skip
SIZE = {"GTM": 1.0, "HND": 0.5, "SLV": 0.6, "NIC": 0.4, "CRI": 1.1, "USA": 40.0, "MEX": 6.0,
        "DEU": 9.0}  # fmt: skip
PRODUCTS = ("080390", "090111", "271019", "300490", "610910", "720839", "847130", "392690")
TRAINS = (
    "Selected Nomen,Native Nomen,Reporter,Reporter Name,Product,Product Name,Partner,Partner Name,"
    "Tariff Year,Trade Year,Trade Source,DutyType,Simple Average,Weighted Average,"
    "Standard Deviation,Minimum Rate,Maximum Rate,Nbr of Total Lines,Imports Value in 1000 USD"
)


def flow_kusd(exporter: str, importer: str, product: str) -> float:
    """Invented trade of a product [thousand USD]."""
    size = SIZE[exporter] * SIZE[importer]
    return round(900.0 * size * (1 + PRODUCTS.index(product)), 3)


def make(folder: Path) -> Path:
    """Write all downloads into a folder, which is made."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "BACI_HS17_V202401b.zip", "w") as packed:
        packed.writestr(f"BACI_HS17_Y{YEAR}_V202401b.csv", baci())
        codes = "".join(f"{n},{c},{c[:2]},{c}\n" for c, n in NUMBERS.items())
        packed.writestr(
            "country_codes_V202401b.csv",
            "country_code,country_name,country_iso2,country_iso3\n" + codes,
        )
    (folder / "wdi.csv").write_text(wdi(), encoding="utf-8")
    (folder / "WEOApr2025all.csv").write_text(weo(), encoding="utf-8")
    (folder / "DataJobID-1_trains.csv").write_text(trains(), encoding="utf-8")
    return folder


def baci() -> str:
    """One year, all pairs of the eight countries."""
    lines = ["t,i,j,k,v,q"]
    for a in NUMBERS:
        for b in NUMBERS:
            if a != b:
                lines += [
                    f"{YEAR},{NUMBERS[a]},{NUMBERS[b]},{k},{flow_kusd(a, b, k):11.3f},NA"
                    for k in PRODUCTS
                ]
    return "\n".join(lines) + "\n"


def wdi() -> str:
    """GDP and people in the API's long form."""
    lines = ["country,iso3c,date,indicator,value"]
    for code, value in GDP.items():
        lines.append(f"{code},{code},{YEAR},NY.GDP.MKTP.CD,{value:.0f}")
        lines.append(f"{code},{code},{YEAR},SP.POP.TOTL,{value / 6000:.0f}")
    return "\n".join(lines) + "\n"


def weo() -> str:
    """Real growth to 2029 in the layout of 2025."""
    years = range(2021, 2030)
    lines = ["COUNTRY,INDICATOR,SERIES_CODE,OBS_MEASURE," + ",".join(map(str, years))]
    for k, code in enumerate(("GTM", "HND", "SLV", "NIC", "CRI", "USA")):
        cells = ",".join(f"{3.0 + 0.2 * k + 0.01 * (year - YEAR):.2f}" for year in years)
        lines.append(f"{code},Gross domestic product,{code}.NGDP_RPCH.A,OBS_VALUE,{cells}")
    return "\n".join(lines) + "\n"


def trains() -> str:
    """MFN duties of two countries."""
    lines = [TRAINS]
    for code in ("HND", "SLV"):
        for product, rate in (("0803", 15), ("2710", 5), ("6109", 15), ("7208", 10), ("8471", 0)):
            lines.append(
                f"HS,H5,{NUMBERS[code]:03d},{code},{product},Goods,000,World,2022,2022,CTS,MFN,"
                f"{rate},{rate},1,0,100,10,5000"
            )
    return "\n".join(lines) + "\n"
