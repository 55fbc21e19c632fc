//! The keys of `[economics]` and `[operations]`: what advice counts with.
//!
//! `twinscope-prognosis` knows the same inputs with the same bounds, their defaults, and where these come from; a test
//! there compares the two.

use super::rule::Rule;
use super::shape::{Default, Key, Kind, Shape};

const fn number(name: &'static str, min: f64, max: f64, doc: &'static str) -> Key {
    Key { name, kind: Kind::Number { min, max }, doc, required: false, default: None }
}

/// `[economics]`.
pub(crate) static ECONOMICS: Shape = Shape {
    name: "[economics]",
    definition: "economics",
    doc: "What advice counts with, in the currency of the site; generic figures for what is left out.",
    keys: &[
        number("energy_price", 0.0, 2e3, "Energy price, currency per MWh."),
        number("crew_cost", 0.0, 2e3, "Cost of a crew per hour of work."),
        number("wind_rated_power", 1.0, 5e4, "Rated power of a wind turbine, kW."),
        number("wind_capacity_factor", 0.0, 1.0, "Mean power of a wind turbine by its rated power."),
        number("bearing_work", 0.0, 2e3, "Work to replace a gearbox bearing as planned, crew hours."),
        number("bearing_parts", 0.0, 1e6, "Parts and tools to replace a gearbox bearing as planned."),
        number("bearing_downtime", 0.0, 2e3, "Standstill to replace a gearbox bearing as planned, hours."),
        number("bearing_failure_downtime", 0.0, 1e4, "Standstill after a gearbox bearing failed, hours."),
        number(
            "bearing_failure_cost",
            0.0,
            1e7,
            "Secondary damage and crane after a gearbox bearing failed, above the planned work.",
        ),
        number("bearing_life", 0.1, 100.0, "Mean life of a new gearbox bearing, years."),
        number("oil_change_work", 0.0, 2e3, "Work to change the gear oil, crew hours."),
        number("oil_change_parts", 0.0, 1e6, "Oil and filters of an oil change."),
        number("realign_work", 0.0, 2e3, "Work to align the high-speed shaft, crew hours."),
        number("realign_parts", 0.0, 1e6, "Parts and tools to align the high-speed shaft."),
        number("cooler_work", 0.0, 2e3, "Work to clean the oil cooler, crew hours."),
        number("cooler_parts", 0.0, 1e6, "Parts and tools to clean the oil cooler."),
        number("car_day_value", 0.0, 1e5, "What a day of a car in use is worth."),
        number("charge_limit_cost", 0.0, 1e4, "What a day with limited charging costs its driver."),
        number("pack_work", 0.0, 2e3, "Work to replace a battery pack, crew hours."),
        number("pack_parts", 0.0, 1e6, "A new battery pack."),
        number("pack_resale", 0.0, 1e6, "What a pack brings that is replaced before its end of life."),
        number("pack_downtime", 0.0, 2e3, "Standstill to replace a pack as planned, hours."),
        number("pack_failure_downtime", 0.0, 1e4, "Standstill after a pack reached its end of life, hours."),
        number("pack_failure_cost", 0.0, 1e6, "What follows from a pack at its end of life, above the planned work."),
        number("pack_life", 0.1, 100.0, "Mean life of a new pack, years."),
        number("plant_rated_power", 1.0, 2e6, "Rated power of a gas turbine, kW."),
        number("plant_capacity_factor", 0.0, 1.0, "Mean power of a gas turbine by its rated power."),
        number("blade_work", 0.0, 1e4, "Work to replace turbine blades as planned, crew hours."),
        number("blade_parts", 0.0, 1e8, "Blades and tools of a planned replacement."),
        number("blade_downtime", 0.0, 5e3, "Standstill to replace turbine blades as planned, hours."),
        number("blade_failure_downtime", 0.0, 2e4, "Standstill after a turbine blade failed, hours."),
        number(
            "blade_failure_cost",
            0.0,
            1e9,
            "Secondary damage after a turbine blade failed, above the planned work.",
        ),
        number("blade_life", 0.1, 100.0, "Mean life of new turbine blades, years."),
        number("inspection_work", 0.0, 2e3, "Work of a borescope inspection, crew hours."),
        number("inspection_parts", 0.0, 1e6, "Tools of a borescope inspection."),
        number("inspection_downtime", 0.0, 2e3, "Standstill of a borescope inspection, cooling down included, hours."),
        number("inspection_finds", 0.0, 1.0, "Probability that an inspection finds what will fail within its reach."),
        number("inspection_reach", 0.0, 5e4, "How long before a failure an inspection can find it, hours."),
        number("fewer_starts_cost", 0.0, 1e7, "Margin lost by a day of dispatch with fewer starts."),
        number("machine_hour_value", 0.0, 1e6, "What an hour of any other machine is worth."),
        number("machine_work", 0.0, 1e4, "Work of a planned service of any other machine, crew hours."),
        number("machine_parts", 0.0, 1e8, "Parts of a planned service of any other machine."),
        number("machine_downtime", 0.0, 5e3, "Standstill of a planned service of any other machine, hours."),
        number("machine_failure_downtime", 0.0, 2e4, "Standstill after any other machine failed, hours."),
        number(
            "machine_failure_cost",
            0.0,
            1e9,
            "Secondary damage after any other machine failed, above the planned work.",
        ),
        number("machine_life", 0.1, 100.0, "Mean time from a service of any other machine to a failure, years."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// `[operations]`.
pub(crate) static OPERATIONS: Shape = Shape {
    name: "[operations]",
    definition: "operations",
    doc: "Who can work on the machines, and when.",
    keys: &[
        Key {
            name: "crews",
            kind: Kind::Integer { min: 1, max: 50 },
            doc: "Crews that can work at the same time.",
            required: false,
            default: Some(Default::Integer(1)),
        },
        Key {
            name: "windows",
            kind: Kind::Texts { rule: Rule::Days, max: 21, most: 1_000 },
            doc: "When work is possible, in days (UTC, both included): [\"2026-12-03/2026-12-05\"]. Advice assumes working days if absent.",
            required: false,
            default: None,
        },
    ],
    exactly_one_of: &[],
    refused: &[],
};
