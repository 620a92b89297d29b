"""Levers that no scenario has because no size of theirs can be defended, each with the reason."""

LEVERS_LEFT_OUT = (
    "Investors who choose: costs, capacities and dates of projects are on record, but no rate "
    "asked for a risk, and no case in which an agreement or a guarantee moved it; costs of one "
    "line differ by four fifths between its sponsors, and no opening of a line is among the dates "
    "that have passed. A line or a pipe opens on its date or by its yearly chance, an assumption. "
    "What it needs to pay is told as an appraisal, with costs, returns and lives as ranges; "
    "capital crowds out nothing.",
    "Payment channels, insurance, visas and sanctions by size: no tariff or survey has one for "
    "this pair, and what they did in the base year is in its trade. A scenario states what they "
    "cost beyond that (`trade_costs`, with source); ranges published for other pairs ship in "
    "payments-insurance-visas.yaml.",
    "Offers of outside powers as such: what one of them finances or lifts is stated by its "
    "effect, a project with a date, a deal or a ban that ends. Attention alone diverts the "
    "effort of States and brings nothing, for nothing is measured.",
    "Summits of institutions: studies measure membership and state visits, and none tells a "
    "summit's calendar from either. Ties of institutions and visits with dates are what acts.",
    "Memoranda by kind: of one set of 500, 9 % or 82 % became projects, by definition, and no "
    "source splits trade from energy, transport or education. A scenario must name its rate; what "
    "a project adds to trade is on no record.",
    "Reforms of law and works as a gain to trade: the evidence ties them to how soon agreements "
    "enter into force, and that alone they move. Hours at borders are what reforms of customs act "
    "through.",
    "Diversification of partners as a goal moves the pace of negotiations alone, by an assumed "
    "weight; where agreements have dates it changes nothing.",
    "Single products as flows: no source has these pairs' trade by chapter of the Harmonized "
    "System. Duties by line and sales on record are told; goods in the runs are six groups.",
    "Jobs and output by sector: no input-output table of these States is in the world's tables.",
)
