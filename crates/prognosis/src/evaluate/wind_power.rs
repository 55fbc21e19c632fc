//! Power from wind: a turbine's model of one year on the next year, and on other turbines.

use std::collections::BTreeMap;

use super::resample::statistic_with_spread;
use super::{Figure, NamedTable, Reach, Report, TableError};
use crate::estimate::conformal::{Adaptive, Band};
use crate::learn::wind_power::{self, WindPower, WindRow};

/// Columns by which a table of ten-minute rows is known.
pub(crate) const COLUMNS: [&str; 3] = ["time_utc", "power_kw", "wind_speed_ms"];
/// Parts of a year of which each is held out, where a turbine has one year only.
const PARTS: usize = 6;
/// Days that are resampled together, for the spread: longer than weather.
const BLOCK_DAYS: usize = 14;
/// How fast the displayed band follows past misses; in the range of Gibbs and Candès 2021.
const STEP: f64 = 0.005;

/// The rows of one table.
struct Turbine<'a> {
    name: &'a str,
    file: &'a str,
    first: String,
    last: String,
    rows: Vec<WindRow>,
}

/// A row in normal operation: predictions, and what came.
#[derive(Clone, Copy)]
struct Outcome {
    block: usize,
    power: f64,
    mean: f64,
    curve: f64,
    raw: Band,
    shown: Band,
}

/// Mean power of ten minutes from wind, temperature, pitch and vane. One model a training table, judged on each table
/// of the same turbine that begins after the training ends, and on each of another turbine; where a turbine has no
/// later table, on parts of its year that were held out. Without a training set, each table trains in turn.
///
/// # Errors
/// When there are no such tables, when one cannot be read, or when a training table has too few days.
pub fn evaluate(data: &[NamedTable], train: Option<&[NamedTable]>) -> Result<Report, TableError> {
    let judged = turbines(data)?;
    let training = train.map(turbines).transpose()?;
    let training = training.as_ref().unwrap_or(&judged);
    if judged.is_empty() || training.is_empty() {
        let problem = format!("no table with the columns {}; give one a turbine and year", COLUMNS.join(", "));
        return Err(TableError::Unfit { table: "data".to_owned(), problem });
    }
    let mut later: Vec<(String, Vec<Outcome>, f64)> = Vec::new();
    let mut held_out = Vec::new();
    let mut others = Vec::new();
    let mut notes = Vec::new();
    for from in training {
        let rated = rated(data.iter().chain(train.unwrap_or_default()), from);
        let model = trained(from, &from.rows)?;
        let mut has_later = false;
        for on in &judged {
            let name = format!("{} on {}", from.file, on.file);
            if from.name != on.name {
                others.push((name, outcomes(&model, &on.rows, &mut notes, on), rated));
            } else if on.first > from.last {
                has_later = true;
                later.push((name, outcomes(&model, &on.rows, &mut notes, on), rated));
            }
        }
        if !has_later && judged.iter().any(|on| on.file == from.file) {
            held_out.push((from.file.to_owned(), parts_held_out(from)?, rated));
        }
    }
    if later.is_empty() && others.is_empty() && held_out.is_empty() {
        let problem = "nothing to judge: the same turbine needs rows after the training, or give another turbine";
        return Err(TableError::Unfit { table: "data".to_owned(), problem: problem.to_owned() });
    }
    let mut figures = Vec::new();
    for (kind, pairs) in [("next year", &later), ("parts held out", &held_out), ("another turbine", &others)] {
        for (name, outcomes, rated) in pairs {
            add_figures(&format!("{kind}, {name}"), outcomes, *rated, &mut figures);
        }
    }
    if later.is_empty() {
        notes.push("No turbine has a later year here: parts of its year were held out instead.".to_owned());
    }
    notes.push(
        "Normal operation only, by a rule on inputs: wind from 3 m/s, nothing missing, pitch at most 5° above the usual."
            .to_owned(),
    );
    notes.push(
        "The band shown follows past misses (adaptive conformal); the raw one is that of the training year.".to_owned(),
    );
    let method = "Ten-minute power from wind, temperature and vane, by a model of one turbine and year.".to_owned();
    Ok(Report { model: "wind_power".into(), method, figures, notes })
}

fn turbines(tables: &[NamedTable]) -> Result<Vec<Turbine<'_>>, TableError> {
    let mut turbines = Vec::new();
    for table in tables.iter().filter(|table| table.has(&COLUMNS)) {
        let file = table.name().rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let time = table.column("time_utc")?;
        let mut first: Option<String> = None;
        let mut last = String::new();
        for row in table.rows() {
            let text = row.text(time);
            if first.as_deref().is_none_or(|first| text < first) {
                first = Some(text.to_owned());
            }
            if text > last.as_str() {
                last = text.to_owned();
            }
        }
        let name = turbine_of(table);
        let rows = wind_power::rows(table)?;
        turbines.push(Turbine { name, file: stem, first: first.unwrap_or_default(), last, rows });
    }
    Ok(turbines)
}

/// The turbine of a table: the name of its file up to the first `_` or `.`.
pub(crate) fn turbine_of(table: &NamedTable) -> &str {
    let file = table.name().rsplit(['/', '\\']).next().unwrap_or_default();
    file.split(['.', '_']).next().unwrap_or_default()
}

/// Rated power, kW, of a table of turbines (`Wind_turbine_name`, `Rated_power`), else the most that was seen.
fn rated<'a>(tables: impl Iterator<Item = &'a NamedTable>, turbine: &Turbine<'_>) -> f64 {
    for table in tables {
        if let (Ok(name), Ok(rated)) = (table.column("Wind_turbine_name"), table.column("Rated_power"))
            && let Some(row) = table.rows().find(|row| row.text(name) == turbine.name)
            && let Ok(rated) = row.number(rated)
            && rated > 0.0
        {
            return rated;
        }
    }
    turbine.rows.iter().map(|row| row.power).fold(0.0, f64::max)
}

fn trained(turbine: &Turbine<'_>, rows: &[WindRow]) -> Result<WindPower, TableError> {
    WindPower::train(rows, 0)
        .map_err(|error| TableError::Unfit { table: turbine.file.to_owned(), problem: error.to_string() })
}

fn outcomes(model: &WindPower, rows: &[WindRow], notes: &mut Vec<String>, of: &Turbine<'_>) -> Vec<Outcome> {
    let mut adaptive = Adaptive::new(0.1, STEP);
    let mut outcomes = Vec::new();
    let mut known = 0;
    for row in rows.iter().filter(|row| row.power.is_finite()) {
        known += 1;
        let (Some((mean, quantiles)), Some(curve)) = (model.predict(&row.wind), model.curve(&row.wind)) else {
            continue;
        };
        let [low, _, middle, _, high] = quantiles;
        let raw = Band { low, middle, high };
        let shown = raw.scaled(adaptive.factor());
        adaptive.learn(&raw, row.power);
        outcomes.push(Outcome { block: row.day / BLOCK_DAYS, power: row.power, mean, curve, raw, shown });
    }
    let note = format!("{}: {} of {known} rows in normal operation.", of.file, outcomes.len());
    if !notes.contains(&note) {
        notes.push(note);
    }
    outcomes
}

/// Each part of a year by a model of the rest.
fn parts_held_out(turbine: &Turbine<'_>) -> Result<Vec<Outcome>, TableError> {
    let days = turbine.rows.iter().map(|row| row.day).max().map_or(0, |last| last + 1);
    let part = |row: &WindRow| row.day * PARTS / days.max(1);
    let mut all = Vec::new();
    for held in 0..PARTS {
        let (outside, inside): (Vec<WindRow>, Vec<WindRow>) = turbine.rows.iter().partition(|row| part(row) == held);
        all.extend(outcomes(&trained(turbine, &inside)?, &outside, &mut Vec::new(), turbine));
    }
    Ok(all)
}

fn add_figures(name: &str, outcomes: &[Outcome], rated: f64, into: &mut Vec<Figure>) {
    let mut blocks: BTreeMap<usize, Vec<&Outcome>> = BTreeMap::new();
    for one in outcomes {
        blocks.entry(one.block).or_default().push(one);
    }
    let percent = move |kilowatts: f64| 100.0 * kilowatts / rated;
    let mut add = |what: &str, of: &dyn Fn(&Outcome) -> f64, after: &dyn Fn(f64) -> f64, reach: Option<Reach>| {
        // A block by its sum and count: a mean over rows needs no more, and a year has fifty thousand.
        let sums: Vec<Vec<f64>> =
            blocks.values().map(|block| vec![block.iter().map(|one| of(one)).sum(), block.len() as f64]).collect();
        let mean = |sums: &[f64]| -> Option<f64> {
            let (sum, count) = (sums.iter().step_by(2).sum::<f64>(), sums.iter().skip(1).step_by(2).sum::<f64>());
            (count > 0.0).then(|| after(sum / count))
        };
        let count = outcomes.len();
        let figure = statistic_with_spread(&sums, mean);
        into.extend(figure.map(|(value, spread, _)| Figure {
            name: format!("{name}: {what}"),
            value,
            spread,
            count,
            reach,
        }));
    };
    let root = move |square: f64| percent(square.sqrt());
    let coverage = Some(Reach::Within(0.87, 0.93));
    add("RMSE, % of rated", &|one| (one.mean - one.power).powi(2), &root, Some(Reach::AtMost(2.5)));
    add("coverage of the 90 % band shown", &|one| f64::from(one.shown.holds(one.power)), &|value| value, coverage);
    add("coverage of the raw 90 % band", &|one| f64::from(one.raw.holds(one.power)), &|value| value, None);
    add("mean width of the raw 90 % band, % of rated", &|one| one.raw.high - one.raw.low, &percent, None);
    add("bias, % of rated", &|one| one.mean - one.power, &percent, None);
    add("RMSE of the binned curve alone, % of rated", &|one| (one.curve - one.power).powi(2), &root, None);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// A hundred days of hourly rows of a year; power is the cube of the wind plus or minus 30 kW.
    fn table(name: &str, year: u32, seed: u64) -> NamedTable {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut text = format!("{},outdoor_temp_c,pitch_deg,vane_deg\n", COLUMNS.join(","));
        for hour in 0..2_400 {
            let (day, wind) = (hour / 24, random.random_range(3.0..12.0_f64));
            let power = wind.powi(3) + random.random_range(-30.0..30.0);
            let (month, day, hour) = (day / 25 + 1, day % 25 + 1, hour % 24);
            writeln!(text, "{year}-{month:02}-{day:02}T{hour:02}:00,{power:.1},{wind:.2},15,0,0").unwrap();
        }
        NamedTable::parse(name, text.as_bytes()).unwrap()
    }

    fn names(report: &Report) -> Vec<&str> {
        report.figures.iter().filter_map(|figure| figure.name.strip_suffix(": RMSE, % of rated")).collect()
    }

    #[test]
    fn a_year_is_judged_on_the_next_and_on_another_turbine_and_never_on_itself() {
        let (a, b) = (table("x/A_2014.csv", 2014, 1), table("A_2015.csv", 2015, 2));
        let c = table("C_2014.csv", 2014, 3);
        let assets = NamedTable::parse("asset_table.csv", b"Wind_turbine_name,Rated_power\nA,1000\nC,1000\n").unwrap();
        let report = evaluate(&[a.clone(), b, c, assets], Some(&[a])).unwrap();
        assert_eq!(names(&report), ["next year, A_2014 on A_2015", "another turbine, A_2014 on C_2014"]);
        // Uniform noise of 30 kW: 17.3 kW, of 1,000 kW.
        let rmse = report.figures[0].value;
        assert!((1.7..2.2).contains(&rmse), "{report}");
        assert!((0.87..0.93).contains(&report.figures[1].value), "{report}");
    }

    #[test]
    fn one_year_alone_is_judged_by_parts_held_out() {
        assert_eq!(names(&evaluate(&[table("A_2014.csv", 2014, 1)], None).unwrap()), ["parts held out, A_2014"]);
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = evaluate(&[], None).unwrap_err().to_string();
        assert!(error.contains("time_utc, power_kw, wind_speed_ms; give one a turbine and year"), "{error}");
        let (a, b) = (table("A_2014.csv", 2014, 1), table("A_2015.csv", 2015, 1));
        let error = evaluate(&[a], Some(&[b])).unwrap_err().to_string();
        assert!(error.contains("nothing to judge"), "{error}");
    }
}
