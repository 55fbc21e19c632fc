//! The tables of the NASA C3X vane, embedded, and read into numbers. All lengths in metres.
//!
//! Hylton, Mihelc, Turner, Nealy, York (1983), Analytical and Experimental Evaluation of the Heat Transfer Distribution
//! over the Surfaces of Turbine Vanes, NASA CR-168015: profile (table III), cooling passages (figure 7), and run 145
//! (code 4512) of appendix A. The computation of the same run is by the person who transcribed the tables; see the
//! licence beside them.

use crate::mesh::P2;
use crate::tables::TableError;

const PROFILE: Csv = Csv("profile_table3_xy_cm.csv", include_str!("../../data/c3x/profile_table3_xy_cm.csv"));
const PASSAGES: Csv = Csv("passages_figure7_uv_cm.csv", include_str!("../../data/c3x/passages_figure7_uv_cm.csv"));
const HEAT: Csv =
    Csv("run145_heat_transfer_temperature.csv", include_str!("../../data/c3x/run145_heat_transfer_temperature.csv"));
const PRESSURE: Csv = Csv("run145_pressure.csv", include_str!("../../data/c3x/run145_pressure.csv"));
const COOLANT: Csv = Csv("run145_coolant_flow.csv", include_str!("../../data/c3x/run145_coolant_flow.csv"));
const WALL: Csv = Csv("run145_sst_medium_wall.csv", include_str!("../../data/c3x/run145_sst_medium_wall.csv"));
const SOLID: Csv =
    Csv("run145_sst_solid_cell_temperature.csv", include_str!("../../data/c3x/run145_sst_solid_cell_temperature.csv"));

/// A cooling passage: a round hole through the whole span.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// Its centre in the frame of the table's U and V.
    pub u: f64,
    /// Along the chord.
    pub v: f64,
    /// Radius.
    pub radius: f64,
    /// Mean temperature of its coolant in run 145, K.
    pub coolant_k: f64,
    /// Mass flow of its coolant in run 145, kg/s.
    pub flow_kg_s: f64,
}

/// A place on the surface where something was measured.
#[derive(Clone, Copy, Debug)]
pub struct Station {
    /// Share of the arc of its side, from the stagnation point to the trailing edge; negative on the pressure side.
    pub share: f64,
    /// Distance behind the leading edge over the axial chord, as the report gives it beside the arc.
    pub axial: f64,
    /// What was measured.
    pub value: f64,
}

/// A value of the computation at a place of the section.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// In the frame of the profile's x and y.
    pub at: P2,
    /// Temperature, K.
    pub temperature: f64,
    /// Pressure, Pa; of the metal zero.
    pub pressure: f64,
}

/// Everything that the model takes from the tables.
#[derive(Clone, Debug)]
pub struct Vane {
    /// Profile as (x, y), in the order of the table: along the suction side to the trailing edge, back along the
    /// pressure side. The last point of the table is the first one again and is left out.
    pub profile: Vec<P2>,
    /// Passages in the order of their numbers.
    pub passages: Vec<Passage>,
    /// Wall temperature, K.
    pub temperature: Vec<Station>,
    /// Heat transfer coefficient, W/(m² K).
    pub heat_transfer: Vec<Station>,
    /// Static over total pressure.
    pub pressure: Vec<Station>,
    /// Computed wall, one sample a face.
    pub wall: Vec<Sample>,
    /// Computed metal, one sample a cell.
    pub solid: Vec<Sample>,
}

/// Reads all tables.
///
/// # Errors
/// When an embedded file does not hold what the model needs.
pub fn read() -> Result<Vane, TableError> {
    const CM: f64 = 0.01;
    let mut profile: Vec<P2> =
        PROFILE.rows(["x_cm", "y_cm"])?.into_iter().map(|(_, [x, y])| (x * CM, y * CM)).collect();
    profile.pop();
    let coolant = COOLANT.rows(["average_temperature_K", "coolant_flow_kg_sec_raw"])?;
    let passages = PASSAGES.rows(["U_cm", "V_cm", "diameter_cm"])?;
    let passages = passages.into_iter().zip(coolant).map(|((_, [u, v, d]), (_, [coolant_k, flow_kg_s]))| Passage {
        u: u * CM,
        v: v * CM,
        radius: d * CM / 2.0,
        coolant_k,
        flow_kg_s,
    });
    let samples = |csv: &Csv, pressure: Option<&str>| -> Result<Vec<Sample>, TableError> {
        let columns = ["x-coordinate", "y-coordinate", "temperature", pressure.unwrap_or("temperature")];
        let rows = csv.rows(columns)?.into_iter();
        Ok(rows
            .map(|(_, [x, y, temperature, p])| Sample {
                at: (x, y),
                temperature,
                pressure: if pressure.is_some() { p } else { 0.0 },
            })
            .collect())
    };
    Ok(Vane {
        profile,
        passages: passages.collect(),
        temperature: stations(&HEAT, "T_wall_K")?,
        heat_transfer: stations(&HEAT, "h_W_m2K")?,
        pressure: stations(&PRESSURE, "PS_over_PT")?,
        wall: samples(&WALL, Some("pressure"))?,
        solid: samples(&SOLID, None)?,
    })
}

/// The stations of both sides, from the trailing edge along the pressure side, round the nose, along the suction side.
fn stations(csv: &Csv, value: &str) -> Result<Vec<Station>, TableError> {
    let rows = csv.rows(["s_over_arc", "x_over_axial_chord", value])?;
    let station = |(line, [share, axial, value]): (&str, [f64; 3])| {
        let side = if line.contains(",pressure,") { -1.0 } else { 1.0 };
        Station { share: side * share, axial, value }
    };
    let mut stations: Vec<Station> = rows.into_iter().map(station).collect();
    stations.sort_by(|a, b| a.share.total_cmp(&b.share));
    Ok(stations)
}

/// A table with a heading, fields separated by commas. Text in quotes comes after all that is read here.
struct Csv(&'static str, &'static str);

impl Csv {
    /// These columns of all rows, each with its line.
    fn rows<const N: usize>(&self, names: [&str; N]) -> Result<Vec<(&'static str, [f64; N])>, TableError> {
        let Csv(table, text) = *self;
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let heading: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
        let mut columns = [0; N];
        for (column, name) in columns.iter_mut().zip(names) {
            let found = heading.iter().position(|field| *field == name);
            *column = found.ok_or_else(|| TableError::Missing { table, key: name.to_owned() })?;
        }
        lines
            .map(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                let mut row = [0.0; N];
                for (value, column) in row.iter_mut().zip(columns) {
                    let parsed = fields.get(column).and_then(|field| field.trim().parse().ok());
                    *value = parsed.ok_or_else(|| TableError::NotNumbers { table, text: line.to_owned() })?;
                }
                Ok((line, row))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_the_rows_of_the_report() {
        let vane = read().unwrap();
        assert_eq!((vane.profile.len(), vane.passages.len()), (78, 10));
        assert_eq!((vane.temperature.len(), vane.heat_transfer.len(), vane.pressure.len()), (75, 75, 28));
        assert_eq!((vane.wall.len(), vane.solid.len()), (473, 5033));
        let first = vane.passages[0];
        assert!((first.u - 0.02377).abs() < 1e-9 && (first.radius - 0.00315).abs() < 1e-9);
        assert_eq!((first.coolant_k, first.flow_kg_s), (395.38, 0.0112));
    }

    #[test]
    fn stations_run_from_the_pressure_side_to_the_suction_side() {
        let vane = read().unwrap();
        assert!(vane.temperature.windows(2).all(|pair| pair[0].share < pair[1].share));
        assert_eq!(vane.temperature[0].value, 680.024);
        assert_eq!(vane.temperature[74].value, 671.832);
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let error = Csv("t.csv", "a,b\n1,2\n").rows(["c"]).unwrap_err();
        assert_eq!(error.to_string(), "t.csv: no value for c");
    }
}
