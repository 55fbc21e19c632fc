//! Runs from tables: one row a cycle, a column for the unit, one for the cycle, settings, sensors.
//!
//! With a header line: `unit` and `cycle` by name, settings are the columns whose name begins with `setting`, all
//! others are sensors. Without one (NASA's C-MAPSS files): unit, cycle, three settings, then sensors.

use std::collections::HashMap;

use super::{Options, RemainingLife, Run};
use crate::evaluate::{NamedTable, TableError};

/// Settings of a table without a header: those of C-MAPSS (Saxena and others, PHM 2008).
const SETTINGS: usize = 3;

/// Which columns are what.
struct Columns {
    headed: bool,
    unit: usize,
    cycle: usize,
    settings: Vec<usize>,
    sensors: Vec<usize>,
}

fn columns(table: &NamedTable) -> Result<Columns, TableError> {
    let headed = table.columns().iter().any(|name| name.parse::<usize>().is_err());
    let (unit, cycle) = if headed { (table.column("unit")?, table.column("cycle")?) } else { (0, 1) };
    let others = (0..table.columns().len()).filter(|at| *at != unit && *at != cycle);
    let (settings, sensors): (Vec<usize>, Vec<usize>) = if headed {
        let is_setting = |at: &usize| table.columns().get(*at).is_some_and(|name| name.starts_with("setting"));
        others.partition(is_setting)
    } else {
        others.partition(|at| *at < 2 + SETTINGS)
    };
    Ok(Columns { headed, unit, cycle, settings, sensors })
}

/// Names of the settings and of the sensors of a table; none where it has no header.
///
/// # Errors
/// When a column is missing.
pub fn names(table: &NamedTable) -> Result<Option<[Vec<String>; 2]>, TableError> {
    let columns = columns(table)?;
    let names = |which: &[usize]| which.iter().filter_map(|at| table.columns().get(*at).cloned()).collect();
    Ok(columns.headed.then(|| [names(&columns.settings), names(&columns.sensors)]))
}

/// Reads the runs of a table, in the order in which their units first appear.
///
/// # Errors
/// When there is no sensor, when a cell is no number, or when the cycles of a unit do not rise row by row.
pub fn runs(table: &NamedTable) -> Result<Vec<Run>, TableError> {
    let Columns { unit, cycle, settings, sensors, .. } = columns(table)?;
    if sensors.is_empty() {
        return Err(table.unfit("no sensors; a row is unit, cycle, three settings and at least one sensor"));
    }
    let mut place: HashMap<String, (usize, f64)> = HashMap::new();
    let mut runs: Vec<Run> = Vec::new();
    for row in table.rows() {
        let (name, now) = (row.text(unit), row.number(cycle)?);
        let at = match place.get_mut(name) {
            Some((at, before)) => {
                if now <= *before {
                    return Err(row.wrong(cycle, "after the cycle of the unit's row before"));
                }
                *before = now;
                *at
            }
            None => {
                place.insert(name.to_owned(), (runs.len(), now));
                runs.push(Run { unit: name.to_owned(), ..Run::default() });
                runs.len() - 1
            }
        };
        let numbers =
            |columns: &[usize]| columns.iter().map(|column| row.number(*column)).collect::<Result<Vec<f64>, _>>();
        if let Some(run) = runs.get_mut(at) {
            run.settings.push(numbers(&settings)?);
            run.sensors.push(numbers(&sensors)?);
        }
    }
    Ok(runs)
}

/// Learns from tables of runs to failure of one kind of machine.
///
/// # Errors
/// When a table cannot be read, or when there is too little to learn from.
pub fn train<'a>(
    tables: impl IntoIterator<Item = &'a NamedTable>,
    options: &Options,
) -> Result<RemainingLife, TableError> {
    let (mut all, mut names) = (Vec::new(), Vec::new());
    for table in tables {
        all.extend(runs(table)?);
        names.push(table.name());
    }
    let unfit = |problem: String| TableError::Unfit { table: names.join(", "), problem };
    RemainingLife::train(&all, options).map_err(|error| unfit(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Run>, TableError> {
        runs(&NamedTable::parse("runs.txt", text.as_bytes()).unwrap())
    }

    #[test]
    fn a_table_without_header_has_three_settings() {
        let runs = parse("1 1 0.1 0.2 100 5 6\n2 1 0 0 100 7 8\n1 2 0.3 0.4 100 9 10\n").unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!((runs[0].unit.as_str(), runs[1].unit.as_str()), ("1", "2"));
        assert_eq!(runs[0].settings, [[0.1, 0.2, 100.0], [0.3, 0.4, 100.0]]);
        assert_eq!(runs[0].sensors, [[5.0, 6.0], [9.0, 10.0]]);
    }

    #[test]
    fn a_header_says_which_columns_are_settings() {
        let runs = parse("cycle,unit,vibration,setting_load\n1,P7,0.3,80\n2,P7,0.4,81\n").unwrap();
        assert_eq!(
            (runs[0].unit.as_str(), &runs[0].settings, &runs[0].sensors),
            ("P7", &vec![vec![80.0], vec![81.0]], &vec![vec![0.3], vec![0.4]])
        );
    }

    #[test]
    fn cycles_that_go_back_and_cells_that_are_no_numbers_are_named_with_their_line() {
        let error = parse("1 2 0 0 100 5\n1 2 0 0 100 5\n").unwrap_err().to_string();
        assert!(error.starts_with("runs.txt, line 2, column `2`: `2` is not after the cycle"), "{error}");
        let error = parse("1 1 0 0 100 5\n1 2 0 0 100 x\n").unwrap_err().to_string();
        assert!(error.starts_with("runs.txt, line 2, column `6`: `x`"), "{error}");
        assert!(parse("1 1 0 0 100\n").unwrap_err().to_string().contains("no sensors"));
    }
}
