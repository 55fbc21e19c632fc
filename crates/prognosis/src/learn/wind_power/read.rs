//! Ten-minute rows from tables in the form of the La Haute Borne files.

use std::collections::HashMap;

use super::{Wind, WindRow};
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
