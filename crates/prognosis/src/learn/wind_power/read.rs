//! Ten-minute rows from tables in the form of the La Haute Borne files.

use std::collections::HashMap;

use super::{Wind, WindPower, WindRow};
use crate::evaluate::{NamedTable, TableError};

/// Reads `time_utc`, `power_kw`, `wind_speed_ms`, `outdoor_temp_c`, `pitch_deg` and `vane_deg`; other columns are left
/// alone. A gap is kept as what is not a number, and is in no use later.
///
/// # Errors
/// When a column is missing, or a cell is neither a number nor a gap, or a time is not `2014-01-01T00:10`.
pub fn rows(table: &NamedTable) -> Result<Vec<WindRow>, TableError> {
    let [time, power, speed, air, pitch, vane] =
        ["time_utc", "power_kw", "wind_speed_ms", "outdoor_temp_c", "pitch_deg", "vane_deg"]
            .map(|name| table.column(name));
    let (time, power, speed, air, pitch, vane) = (time?, power?, speed?, air?, pitch?, vane?);
    let mut days: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let text = row.text(time);
        let date = text.get(..10).filter(|date| {
            date.bytes()
                .enumerate()
                .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
        });
        let Some(date) = date else { return Err(row.wrong(time, "a time such as 2014-01-01T00:10")) };
        let number = |column| row.number_or_gap(column).map(|number| number.unwrap_or(f64::NAN));
        let next = days.len();
        rows.push(WindRow {
            day: *days.entry(date.to_owned()).or_insert(next),
            wind: Wind { speed: number(speed)?, air: number(air)?, pitch: number(pitch)?, vane: number(vane)? },
            power: number(power)?,
        });
    }
    Ok(rows)
}

/// Learns from tables of one turbine, one after the other in time.
///
/// # Errors
/// When a table cannot be read, or when they have too few days.
pub fn train(tables: &[NamedTable], seed: u64) -> Result<WindPower, TableError> {
    let mut all: Vec<WindRow> = Vec::new();
    for table in tables {
        let from = all.last().map_or(0, |last| last.day + 1);
        all.extend(rows(table)?.into_iter().map(|row| WindRow { day: from + row.day, ..row }));
    }
    let names: Vec<&str> = tables.iter().map(NamedTable::name).collect();
    let unfit = |problem: String| TableError::Unfit { table: names.join(", "), problem };
    WindPower::train(&all, seed).map_err(|error| unfit(error.to_string()))
}
