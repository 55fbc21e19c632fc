//! The inputs of each kind of model: bounds, generic values, and where these come from.
//!
//! The site file knows the same ids with the same bounds (`[economics]`; a test compares them), but `crews`, which it has
//! in `[operations]`. Money is in the currency of the site; the generic figures are euros.
//!
//! Sources: Carroll, McDonald, McMillan 2016, Failure rate, repair time and unscheduled O&M cost analysis of offshore
//! wind turbines, Wind Energy 19(6), table of gearbox repairs; WOMBAT (NREL, Apache-2.0), its default turbine on land.
//! What is marked \[E\] is an engineering assumption.

use super::Kind;

/// The input that the site file has in `[operations]`.
pub(super) const CREWS: &str = "crews";

/// An input before a site has changed it; `¤` in its unit is the currency.
#[derive(Debug)]
pub(super) struct Template {
    pub id: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub source: &'static str,
}

/// The inputs of a kind, in the order in which they are shown.
pub(super) fn templates(kind: Kind) -> impl Iterator<Item = &'static Template> {
    let (energy, own): (&[Template], &[Template]) = match kind {
        Kind::Gearbox => (&ENERGY, &GEARBOX),
        Kind::Battery => (&[], &BATTERY),
        Kind::Blade => (&ENERGY, &BLADE),
        Kind::Machine => (&[], &MACHINE),
    };
    energy.iter().chain(own).chain(&WORK)
}

const fn input(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    value: f64,
    [low, high]: [f64; 2],
    source: &'static str,
) -> Template {
    Template { id, title, unit, value, low, high, source }
}

/// What feeds into a grid.
static ENERGY: [Template; 1] =
    [input("energy_price", "Energy price", "¤/MWh", 70.0, [0.0, 2000.0], "[E] generic price at the exchange, EUR")];

/// Everything that people work on.
static WORK: [Template; 2] = [
    input("crew_cost", "Cost of a crew", "¤/h", 150.0, [0.0, 2000.0], "[E] two technicians with their van, EUR"),
    input("crews", "Crews at the same time", "", 1.0, [1.0, 50.0], "[E] one crew"),
];

/// The gearbox of a wind turbine.
static GEARBOX: [Template; 14] = [
    input("wind_rated_power", "Rated power", "kW", 3500.0, [1.0, 50000.0], "WOMBAT's generic turbine on land, 3.5 MW"),
    input("wind_capacity_factor", "Capacity factor", "", 0.35, [0.0, 1.0], "[E] a good site on land"),
    input(
        "bearing_work",
        "Work to replace the bearing",
        "h",
        22.0,
        [0.0, 2000.0],
        "Carroll 2016: major repair of a gearbox at sea, EUR",
    ),
    input(
        "bearing_parts",
        "Parts to replace the bearing",
        "¤",
        2500.0,
        [0.0, 1e6],
        "Carroll 2016: major repair of a gearbox at sea, EUR",
    ),
    input(
        "bearing_downtime",
        "Standstill to replace the bearing",
        "h",
        48.0,
        [0.0, 2000.0],
        "[E] the work, cooling down and test run",
    ),
    input(
        "bearing_failure_downtime",
        "Standstill after a failure",
        "h",
        231.0,
        [0.0, 10000.0],
        "Carroll 2016: replacement of a gearbox at sea",
    ),
    input(
        "bearing_failure_cost",
        "Damage and crane after a failure",
        "¤",
        46000.0,
        [0.0, 1e7],
        "[E] one failure in five takes the gearbox with it, EUR 230,000 (Carroll 2016)",
    ),
    input("bearing_life", "Mean life of a new bearing", "a", 15.0, [0.1, 100.0], "[E] below the 20 years of design"),
    input(
        "oil_change_work",
        "Work of an oil change",
        "h",
        8.0,
        [0.0, 2000.0],
        "Carroll 2016: minor repair of a gearbox at sea",
    ),
    input("oil_change_parts", "Oil and filters", "¤", 5000.0, [0.0, 1e6], "[E] 600 l of gear oil, EUR"),
    input(
        "realign_work",
        "Work to align the shaft",
        "h",
        8.0,
        [0.0, 2000.0],
        "Carroll 2016: minor repair of a gearbox at sea",
    ),
    input(
        "realign_parts",
        "Parts to align the shaft",
        "¤",
        125.0,
        [0.0, 1e6],
        "Carroll 2016: minor repair of a gearbox at sea, EUR",
    ),
    input(
        "cooler_work",
        "Work to clean the cooler",
        "h",
        8.0,
        [0.0, 2000.0],
        "Carroll 2016: minor repair of a gearbox at sea",
    ),
    input(
        "cooler_parts",
        "Parts to clean the cooler",
        "¤",
        125.0,
        [0.0, 1e6],
        "Carroll 2016: minor repair of a gearbox at sea, EUR",
    ),
];

/// The battery of a car.
static BATTERY: [Template; 9] = [
    input("car_day_value", "Value of a day in use", "¤/d", 40.0, [0.0, 1e5], "[E] a hired car, EUR"),
    input(
        "charge_limit_cost",
        "Cost of a day with limited charging",
        "¤/d",
        0.5,
        [0.0, 10000.0],
        "[E] one longer stop in three weeks, EUR",
    ),
    input("pack_work", "Work to replace the pack", "h", 8.0, [0.0, 2000.0], "[E] a day in the workshop"),
    input("pack_parts", "A new pack", "¤", 12000.0, [0.0, 1e6], "[E] 75 kWh at EUR 160 per kWh"),
    input("pack_resale", "Value of the pack taken out in time", "¤", 2000.0, [0.0, 1e6], "[E] second use, EUR"),
    input("pack_downtime", "Standstill to replace the pack", "h", 24.0, [0.0, 2000.0], "[E] a day in the workshop"),
    input(
        "pack_failure_downtime",
        "Standstill after the end of life",
        "h",
        240.0,
        [0.0, 10000.0],
        "[E] until pack and workshop are there",
    ),
    input("pack_failure_cost", "Towing and loss of value at the end of life", "¤", 1500.0, [0.0, 1e6], "[E] EUR"),
    input(
        "pack_life",
        "Mean life of a new pack",
        "a",
        12.0,
        [0.1, 100.0],
        "[E] 15 years of a car, with some that end before",
    ),
];

/// The blades of a gas turbine.
static BLADE: [Template; 14] = [
    input("plant_rated_power", "Rated power", "kW", 40000.0, [1.0, 2e6], "[E] an industrial gas turbine"),
    input("plant_capacity_factor", "Capacity factor", "", 0.5, [0.0, 1.0], "[E] half of the year at full load"),
    input("blade_work", "Work to replace the blades", "h", 320.0, [0.0, 10000.0], "[E] two weeks of two shifts"),
    input("blade_parts", "A new set of blades", "¤", 6e5, [0.0, 1e8], "[E] one stage, EUR"),
    input("blade_downtime", "Standstill to replace the blades", "h", 240.0, [0.0, 5000.0], "[E] ten days"),
    input("blade_failure_downtime", "Standstill after a failure", "h", 1440.0, [0.0, 20000.0], "[E] two months"),
    input(
        "blade_failure_cost",
        "Damage downstream after a failure",
        "¤",
        3e6,
        [0.0, 1e9],
        "[E] all stages behind it, EUR",
    ),
    input("blade_life", "Mean life of new blades", "a", 8.0, [0.1, 100.0], "[E] about 50,000 h in use"),
    input("inspection_work", "Work of an inspection", "h", 16.0, [0.0, 2000.0], "[E] borescope, one stage"),
    input("inspection_parts", "Tools of an inspection", "¤", 1000.0, [0.0, 1e6], "[E] EUR"),
    input(
        "inspection_downtime",
        "Standstill of an inspection",
        "h",
        36.0,
        [0.0, 2000.0],
        "[E] a day to cool down, and the inspection",
    ),
    input(
        "inspection_finds",
        "Found by an inspection",
        "",
        0.9,
        [0.0, 1.0],
        "[E] probability of detection of a crack of 2 mm",
    ),
    input(
        "inspection_reach",
        "Reach of an inspection",
        "h",
        2000.0,
        [0.0, 50000.0],
        "[E] a crack can be seen that long before the failure",
    ),
    input(
        "fewer_starts_cost",
        "Cost of a day with fewer starts",
        "¤/d",
        1500.0,
        [0.0, 1e7],
        "[E] margin lost at the exchange, EUR",
    ),
];

/// Any other machine.
static MACHINE: [Template; 7] = [
    input("machine_hour_value", "Value of an hour in use", "¤/h", 100.0, [0.0, 1e6], "[E] EUR"),
    input("machine_work", "Work of a service", "h", 8.0, [0.0, 10000.0], "[E] a shift"),
    input("machine_parts", "Parts of a service", "¤", 1000.0, [0.0, 1e8], "[E] EUR"),
    input("machine_downtime", "Standstill of a service", "h", 8.0, [0.0, 5000.0], "[E] a shift"),
    input("machine_failure_downtime", "Standstill after a failure", "h", 72.0, [0.0, 20000.0], "[E] three days"),
    input("machine_failure_cost", "Damage after a failure", "¤", 10000.0, [0.0, 1e9], "[E] EUR"),
    input("machine_life", "Mean time from a service to a failure", "a", 3.0, [0.1, 100.0], "[E]"),
];
