"""A folder of downloads of East Africa: invented values under the real headings of each source."""

import csv
import zipfile
from pathlib import Path

YEAR = 2021
COMTRADE_NEW = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,"
    "classificationCode,cmdCode,cmdDesc,customsCode,motCode,primaryValue,isReported,"
)
COMTRADE_OLD = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,"
    "Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,"
    "Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Netweight (kg),Trade Value (US$),Flag"
)
TRAINS = (
    "Selected Nomen,Native Nomen,Reporter,Reporter Name,Product,Product Name,Partner,Partner Name,"
    "Tariff Year,Trade Year,Trade Source,DutyType,Simple Average,Weighted Average,"
    "Standard Deviation,Minimum Rate,Maximum Rate,Nbr of Total Lines,Imports Value in 1000 USD"
)
KENYA = {
    # flow, partner, chapter: million USD
    ("X", "UGA", "09"): 20.0,
    ("X", "UGA", "27"): 60.0,
    ("X", "UGA", "72"): 120.0,
    ("X", "UGA", "84"): 30.0,
    ("X", "DEU", "06"): 90.0,
    ("X", "NLD", "06"): 210.0,
    ("X", "W00", "06"): 700.0,
    ("X", "W00", "09"): 1400.0,
    ("X", "W00", "27"): 160.0,
    ("X", "W00", "61"): 400.0,
    ("X", "W00", "72"): 180.0,
    ("X", "W00", "84"): 90.0,
    ("M", "UGA", "10"): 53.0,
    ("M", "UGA", "04"): 106.0,
    ("M", "DEU", "84"): 424.0,
    ("M", "NLD", "30"): 106.0,
    ("M", "W00", "27"): 3180.0,
    ("M", "W00", "84"): 4240.0,
    ("M", "W00", "10"): 954.0,
    ("M", "W00", "04"): 212.0,
    ("M", "W00", "30"): 636.0,
    ("M", "W00", "72"): 1060.0,
}
UGANDA = {
    ("Export", "KEN", "10"): 48.0,
    ("Export", "KEN", "04"): 99.0,
    ("Export", "DEU", "09"): 70.0,
    ("Export", "WLD", "09"): 700.0,
    ("Export", "WLD", "10"): 120.0,
    ("Export", "WLD", "04"): 110.0,
    ("Export", "WLD", "71"): 900.0,
    ("Import", "KEN", "27"): 74.2,
    ("Import", "KEN", "72"): 127.2,
    ("Import", "KEN", "84"): 42.4,
    ("Import", "KEN", "09"): 21.2,
    ("Import", "DEU", "84"): 159.0,
    ("Import", "WLD", "27"): 1378.0,
    ("Import", "WLD", "84"): 2650.0,
    ("Import", "WLD", "72"): 424.0,
    ("Import", "WLD", "09"): 42.4,
    ("Import", "WLD", "30"): 318.0,
}
NAMES = {"KEN": "Kenya", "UGA": "Uganda", "DEU": "Germany", "NLD": "Netherlands",
         "W00": "World", "WLD": "World"}  # fmt: skip
NUMBERS = {"KEN": 404, "UGA": 800, "DEU": 276, "NLD": 528, "W00": 0, "WLD": 0}


def make(folder: Path) -> Path:
    """Write all downloads into a folder, which is made."""
    folder.mkdir(parents=True)
    (folder / "TradeData_kenya.csv").write_bytes(comtrade_new().encode("latin-1"))
    (folder / "comtrade_uganda.csv").write_text(comtrade_old(), encoding="utf-8")
    (folder / "trains.csv").write_text(trains(), encoding="utf-8")
    with zipfile.ZipFile(folder / "API_download_DS2_en_csv_v2.zip", "w") as packed:
        packed.writestr("API_DS2_en_csv_v2.csv", wdi_wide())
        packed.writestr(
            "Metadata_Country_API_DS2.csv", "Country Code,Region,IncomeGroup,x\nKEN,,,\n"
        )
    (folder / "WEOOct2022all.xls").write_bytes(weo().encode("utf-16"))
    (folder / "dist_cepii.csv").write_text(geodist(), encoding="utf-8")
    (folder / "notes.pdf").write_bytes(b"%PDF-1.4 not a table")
    return folder


def comtrade_new() -> str:
    """Kenya's report, with totals, breakdowns by transport, finer products and areas nes."""
    lines = [COMTRADE_NEW]

    def row(flow: str, partner: str, code: str, value: float, mot: int = 0) -> None:
        desc = {"X": "Export", "M": "Import", "RX": "Re-export"}[flow]
        name = NAMES.get(partner, "Areas, nes")
        number = NUMBERS.get(partner, 899)
        lines.append(
            f"C,A,{YEAR}0101,{YEAR},52,{YEAR},404,KEN,Kenya,{flow},{desc},{number},{partner},"
            f'"{name}",0,W00,HS,{code},"Goods, {code}",C00,{mot},{1e6 * value:.0f},true,'
        )

    for (flow, partner, chapter), value in KENYA.items():
        row(flow, partner, chapter, value)
        row(flow, partner, chapter, 0.4 * value, mot=2100)
        row(flow, partner, f"{chapter}0190", 0.7 * value)
    for flow in ("X", "M"):
        total = sum(v for (f, p, _), v in KENYA.items() if (f, p) == (flow, "W00"))
        row(flow, "W00", "TOTAL", total)
    row("X", "_X ", "27", 12.0)
    row("RX", "W00", "TOTAL", 55.0)
    return "\n".join(lines) + "\n"


def comtrade_old() -> str:
    """Uganda's report in the layout of before 2023."""
    lines = [COMTRADE_OLD]
    for (flow, partner, chapter), value in UGANDA.items():
        code = 2 if flow == "Export" else 1
        lines.append(
            f"HS,{YEAR},{YEAR},{YEAR},2,0,{code},{flow},800,Uganda,UGA,{NUMBERS[partner]},"
            f'{NAMES[partner]},{partner},{chapter},"Goods, {chapter}",1,No Quantity,,,'
            f"{1e6 * value:.0f},0"
        )
    return "\n".join(lines) + "\n"


def trains() -> str:
    """Duties of both, MFN and preferential."""
    lines = [TRAINS]

    def row(
        reporter: str, product: str, partner: str, kind: str, simple: float, mean: float
    ) -> None:
        lines.append(
            f"HS,H5,{NUMBERS[reporter]:03d},{NAMES[reporter]},{product},Goods,{partner},x,2020,2020,"
            f"CTS,{kind},{simple},{mean},1,0,100,10,5000"
        )

    for reporter, extra in (("KEN", 0.0), ("UGA", 1.0)):
        for product, rate in (("0402", 60), ("1001", 10), ("300490", 0), ("720711", 15),
                              ("847130", 5), ("610910", 25)):  # fmt: skip
            row(reporter, product, "000", "MFN", rate + 2 * extra, rate + extra)
    row("UGA", "720711", "404", "PRF", 0, 0)
    row("KEN", "0402", "800", "PRF", 0, 0)
    return "\n".join(lines) + "\n"


def wdi_wide() -> str:
    """GDP, people, growth and shares as the World Bank's zip has them."""
    years = range(2018, 2023)
    heading = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years]
    lines = [
        '"Data Source","World Development Indicators",',
        "",
        '"Last Updated Date","2024-03-28",',
        "",
        ",".join(f'"{cell}"' for cell in heading) + ",",
    ]
    series = {
        "NY.GDP.MKTP.CD": {"KEN": 110e9, "UGA": 40e9, "DEU": 4200e9, "NLD": 1000e9, "USA": 23e12,
                           "CHN": 17e12, "WLD": 96e12},
        "SP.POP.TOTL": {"KEN": 53e6, "UGA": 46e6, "DEU": 83e6, "NLD": 17.5e6, "USA": 332e6,
                        "CHN": 1412e6},
        "NV.AGR.TOTL.ZS": {"KEN": 21.5, "UGA": 23.9, "DEU": 0.8},
        "NV.IND.MANF.ZS": {"KEN": 7.3, "UGA": 15.6, "DEU": 18.2},
    }  # fmt: skip
    for code, values in series.items():
        for country, value in values.items():
            cells = ",".join(
                f'"{value * (1 + 0.01 * (y - YEAR))}"' if y < 2022 else "" for y in years
            )
            lines.append(f'"{NAMES.get(country, country)}","{country}","{code}","{code}",{cells},')
    return "\n".join(lines) + "\n"


def weo() -> str:
    """Growth as the Fund's sheet has it: text with tabs under the ending .xls."""
    years = range(2020, 2028)
    head = ["WEO Country Code", "ISO", "WEO Subject Code", "Country", "Subject Descriptor", "Units",
            "Scale", *map(str, years), "Estimates Start After"]  # fmt: skip
    lines = ["\t".join(head)]
    for number, iso, rate in ((664, "KEN", 5.3), (746, "UGA", 5.9), (134, "DEU", 1.2)):
        cells = [f"{rate + 0.1 * k:.3f}" if k else "n/a" for k, _ in enumerate(years)]
        row = [str(number), iso, "NGDP_RPCH", NAMES[iso], "Gross domestic product", "Percent", "",
               *cells, "2021"]  # fmt: skip
        lines.append("\t".join(row))
    return "\n".join(lines) + "\n"


def geodist() -> str:
    """Distances of some pairs."""
    lines = ["iso_o,iso_d,contig,comlang_off,dist,distcap,distw,distwces"]
    for a, b, near, km in (
        ("KEN", "UGA", 1, 506),
        ("KEN", "DEU", 0, 6350),
        ("UGA", "DEU", 0, 6100),
    ):
        lines += [f"{o},{d},{near},1,{km},{km},{km + 4},." for o, d in ((a, b), (b, a))]
    return "\n".join(lines) + "\n"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a table."""
    with path.open(encoding="utf-8", newline="") as table:
        return [*csv.DictReader(table)]
