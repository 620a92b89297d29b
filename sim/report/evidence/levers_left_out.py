"""Levers that no scenario has because no size of theirs can be defended, each with the reason."""

LEVERS_LEFT_OUT = (
    "Investors who choose: announced costs, capacities and dates of projects are on record, but "
    "no return, no rate asked for a risk, and no case in which an agreement or a guarantee moved "
    "it. Costs of one line differ by four fifths between its sponsors. A line or a pipe opens on "
    "its date or by its yearly chance, an assumption: the few dates of works on record that have "
    "passed are of starts and sections, none of a line's opening. Capital is a cost in `sim reach` "
    "and crowds out nothing.",
    "Payment channels, insurance, visas, and sanctions as a cost: no tariff or survey gives a "
    "price for any of these pairs. What they did in the base year is in its trade; a stop, a "
    "closure or a duty can be stated in their place.",
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
