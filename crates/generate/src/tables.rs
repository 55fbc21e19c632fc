//! The reference tables, embedded, and read into numbers.
//!
//! The files in `data/` are copies: the IEA 3.4 MW reference turbine (Apache-2.0, see the licence beside them) and the
//! gear data of the NREL 5 MW reference gearbox. This reader knows only the shapes of those files.

use crate::math::{lookup, mix};
use std::collections::BTreeMap;

const TURBINE: &str = include_str!("../data/iea3p4.yaml");
const BLADE: &str = include_str!("../data/iea3p4_blade.csv");
const AIRFOILS: &str = include_str!("../data/iea3p4_airfoils.json");
const GEARBOX: &str = include_str!("../data/gearbox_stages.csv");

/// What can be wrong with a table. The tables are embedded, so this names a mistake of ours.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A key that the model needs is not in the file.
    #[error("{table}: no value for {key}")]
    Missing {
        /// File name.
        table: &'static str,
        /// What was looked for.
        key: String,
    },
    /// A line that should hold numbers does not.
    #[error("{table}: cannot read {text:?} as numbers")]
    NotNumbers {
        /// File name.
        table: &'static str,
        /// The line.
        text: String,
    },
    /// The airfoil file is not the JSON that was expected.
    #[error("iea3p4_airfoils.json: {0}")]
    Json(#[from] serde_json::Error),
}

/// One station of the blade.
#[derive(Clone, Copy, Debug)]
pub struct Station {
    /// Distance from the blade root along the pitch axis, m.
    pub span: f64,
    /// m.
    pub chord: f64,
    /// Degrees; positive turns the leading edge into the wind.
    pub twist: f64,
    /// From the leading edge to the pitch axis, m.
    pub axis: f64,
    /// Greatest thickness over chord.
    pub thickness: f64,
    /// Out of the rotor plane, m; negative is upwind.
    pub prebend: f64,
}

/// One airfoil with chord one: (x, y) from the trailing edge over the suction side, the leading edge and the
/// pressure side back to the trailing edge.
#[derive(Clone, Debug)]
pub struct Airfoil {
    /// Greatest thickness over chord.
    pub thickness: f64,
    /// Suction side as (x, y), x rising from the leading edge.
    pub upper: Vec<(f64, f64)>,
    /// Pressure side as (x, y), x rising from the leading edge.
    pub lower: Vec<(f64, f64)>,
}

/// One stage of the gearbox, lengths in metres, not yet scaled to this turbine.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Teeth of the ring, or of the wheel of a parallel stage.
    pub driver: u32,
    /// Teeth of a planet; zero for a parallel stage.
    pub planet: u32,
    /// Teeth of the sun or pinion.
    pub driven: u32,
    /// Normal module.
    pub module: f64,
    /// Face width.
    pub face: f64,
    /// Distance of the axes.
    pub centres: f64,
    /// Helix angle, degrees.
    pub helix: f64,
    /// Profile shifts of driver, planet and driven over the module; the ring's as that of the wheel that would fill it.
    pub shifts: [f64; 3],
}

/// Everything that the model takes from the tables. Lengths in metres, angles in degrees.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Hub centre above the tower base.
    pub hub_height: f64,
    /// Twice the radius of the tip circle without prebend.
    pub rotor_diameter: f64,
    /// Diameter of the hub over the blade flanges.
    pub hub_diameter: f64,
    /// Angle of the blades out of the rotor plane, upwind.
    pub cone: f64,
    /// Tilt of the shaft, nose up.
    pub uptilt: f64,
    /// Hub centre above the tower top.
    pub tower_top_to_hub: f64,
    /// Hub centre before the tower axis.
    pub overhang: f64,
    /// Gap between hub and spinner.
    pub spinner_gap: f64,
    /// Tower as (height, outer diameter).
    pub tower: Vec<(f64, f64)>,
    /// Diameter of the main shaft at the gearbox.
    pub low_speed_shaft: f64,
    /// Diameter of the high-speed shaft.
    pub high_speed_shaft: f64,
    /// Length of the high-speed shaft from gearbox to generator.
    pub high_speed_length: f64,
    /// Radius of the generator's air gap.
    pub air_gap_radius: f64,
    /// Length of the generator over its end bells.
    pub generator_length: f64,
    /// Blade, root to tip.
    pub blade: Vec<Station>,
    /// Airfoils, thickest first.
    pub airfoils: Vec<Airfoil>,
    /// Gearbox, slowest stage first.
    pub stages: Vec<Stage>,
}

/// Reads all tables.
///
/// # Errors
/// When an embedded file does not hold what the model needs.
pub fn read() -> Result<Tables, TableError> {
    let turbine = Yaml::parse(TURBINE);
    let tower_z = turbine.list("tower.z_m")?;
    let tower_d = turbine.list("tower.outer_diameter_m")?;
    Ok(Tables {
        hub_height: turbine.number("assembly.hub_height")?,
        rotor_diameter: turbine.number("assembly.rotor_diameter")?,
        hub_diameter: turbine.number("hub.diameter")?,
        cone: turbine.number("hub.cone_angle")?,
        uptilt: turbine.number("drivetrain.outer_shape.uptilt")?,
        tower_top_to_hub: turbine.number("drivetrain.outer_shape.distance_tt_hub")?,
        overhang: turbine.number("drivetrain.outer_shape.overhang")?,
        spinner_gap: turbine.number("hub.clearance_hub_spinner")?,
        tower: tower_z.into_iter().zip(tower_d).collect(),
        low_speed_shaft: turbine.number("drivetrain.lss.diameter")?,
        high_speed_shaft: turbine.number("drivetrain.hss.diameter")?,
        high_speed_length: turbine.number("drivetrain.hss.length")?,
        air_gap_radius: turbine.number("drivetrain.generator.rad_ag")?,
        generator_length: turbine.number("drivetrain.generator.length")?,
        blade: blade()?,
        airfoils: airfoils()?,
        stages: stages()?,
    })
}

/// The part of YAML that the file uses: nested maps, numbers, and lists of numbers. Keys are joined by dots.
struct Yaml(BTreeMap<String, Vec<f64>>);

impl Yaml {
    fn parse(text: &str) -> Yaml {
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut path: Vec<(usize, &str)> = Vec::new();
        for line in text.lines() {
            let body = line.trim_start();
            let indent = line.len() - body.len();
            let number = if let Some(item) = body.strip_prefix("- ") {
                item.trim().parse().ok()
            } else if let Some((key, value)) = body.split_once(':') {
                path.retain(|&(depth, _)| depth < indent);
                path.push((indent, key));
                value.trim().parse().ok()
            } else {
                None
            };
            if let Some(number) = number {
                let key: Vec<&str> = path.iter().map(|&(_, key)| key).collect();
                values.entry(key.join(".")).or_default().push(number);
            }
        }
        Yaml(values)
    }

    fn list(&self, key: &str) -> Result<Vec<f64>, TableError> {
        self.0.get(key).cloned().ok_or_else(|| TableError::Missing { table: "iea3p4.yaml", key: key.to_owned() })
    }

    fn number(&self, key: &str) -> Result<f64, TableError> {
        let list = self.list(key)?;
        list.first().copied().ok_or_else(|| TableError::Missing { table: "iea3p4.yaml", key: key.to_owned() })
    }
}

/// Lines of a CSV file without comments and heading, as fields.
fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
}

fn numbers<const N: usize>(table: &'static str, line: &str) -> Result<[f64; N], TableError> {
    let parsed: Option<Vec<f64>> = line.split(',').map(|field| field.trim().parse().ok()).collect();
    parsed
        .and_then(|values| values.try_into().ok())
        .ok_or_else(|| TableError::NotNumbers { table, text: line.to_owned() })
}

fn blade() -> Result<Vec<Station>, TableError> {
    rows(BLADE)
        .map(|line| {
            let [_, chord, twist, axis, thickness, prebend, _sweep, span] = numbers("iea3p4_blade.csv", line)?;
            Ok(Station { span, chord, twist, axis, thickness, prebend })
        })
        .collect()
}

fn stages() -> Result<Vec<Stage>, TableError> {
    let lines = GEARBOX.lines().filter(|line| line.starts_with("planetary,") || line.starts_with("parallel,"));
    lines
        .map(|line| {
            let fields = line.split_once(',').map_or("", |(_, rest)| rest);
            let [driver, planet, driven, module, face, centres, helix, x_driver, x_planet, x_driven] =
                numbers("gearbox_stages.csv", fields)?;
            Ok(Stage {
                driver: driver as u32,
                planet: planet as u32,
                driven: driven as u32,
                module: module / 1000.0,
                face: face / 1000.0,
                centres: centres / 1000.0,
                helix,
                // The table counts a ring's teeth as negative, and turns its shift with them.
                shifts: [if planet > 0.0 { -x_driver } else { x_driver }, x_planet, x_driven],
            })
        })
        .collect()
}

#[derive(serde::Deserialize)]
struct AirfoilFile {
    airfoils: BTreeMap<String, AirfoilTable>,
}

#[derive(serde::Deserialize)]
struct AirfoilTable {
    rel_thickness: f64,
    x: Vec<f64>,
    y: Vec<f64>,
}

fn airfoils() -> Result<Vec<Airfoil>, TableError> {
    let file: AirfoilFile = serde_json::from_str(AIRFOILS)?;
    let mut airfoils: Vec<Airfoil> = file
        .airfoils
        .into_values()
        .map(|table| {
            let points: Vec<(f64, f64)> = table.x.into_iter().zip(table.y).collect();
            let nose = (0..points.len()).min_by(|&a, &b| points[a].0.total_cmp(&points[b].0)).unwrap_or(0);
            let (upper, lower) = (points.iter().take(nose + 1).rev(), points.iter().skip(nose));
            Airfoil { thickness: table.rel_thickness, upper: rising(upper), lower: rising(lower) }
        })
        .collect();
    airfoils.sort_by(|a, b| b.thickness.total_cmp(&a.thickness));
    Ok(airfoils)
}

/// One side, without the few points of the tables that step back in x.
fn rising<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> Vec<(f64, f64)> {
    let mut side: Vec<(f64, f64)> = Vec::new();
    for &(x, y) in points {
        if side.last().is_none_or(|&(last, _)| x > last) {
            side.push((x, y));
        }
    }
    side
}

impl Tables {
    /// Heights of suction and pressure side over the chord at `x` (0 leading edge, 1 trailing edge), for a relative
    /// thickness: interpolated between the two airfoils next to it, or the thinnest one made thinner.
    #[must_use]
    pub fn section(&self, thickness: f64, x: f64) -> (f64, f64) {
        let between = self.airfoils.windows(2).find(|pair| thickness >= pair[1].thickness);
        match (between, self.airfoils.last()) {
            (Some([thick, thin]), _) => {
                let t = ((thick.thickness - thickness) / (thick.thickness - thin.thickness)).clamp(0.0, 1.0);
                (
                    mix(lookup(&thick.upper, x), lookup(&thin.upper, x), t),
                    mix(lookup(&thick.lower, x), lookup(&thin.lower, x), t),
                )
            }
            (_, Some(thin)) => {
                let k = thickness / thin.thickness;
                (lookup(&thin.upper, x) * k, lookup(&thin.lower, x) * k)
            }
            _ => (0.0, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turbine_file_gives_nested_numbers_and_lists() {
        let tables = read().unwrap();
        assert_eq!((tables.hub_height, tables.hub_diameter, tables.overhang), (110.0, 4.0, 5.0));
        assert_eq!(tables.tower.len(), 11);
        assert_eq!(tables.tower[10], (108.0, 3.0));
    }

    #[test]
    fn the_gear_ratio_is_within_a_percent_of_the_turbines() {
        let s = read().unwrap().stages;
        let planetary = |s: &Stage| 1.0 + f64::from(s.driver) / f64::from(s.driven);
        let ratio = planetary(&s[0]) * planetary(&s[1]) * f64::from(s[2].driver) / f64::from(s[2].driven);
        assert!((ratio / 97.0 - 1.0).abs() < 0.01, "{ratio}");
    }

    #[test]
    fn a_section_has_the_thickness_that_was_asked_for() {
        let tables = read().unwrap();
        for thickness in [1.0, 0.7, 0.45, 0.33, 0.25, 0.21] {
            let greatest = (0..=200)
                .map(|k| {
                    let (up, low) = tables.section(thickness, f64::from(k) / 200.0);
                    up - low
                })
                .fold(0.0, f64::max);
            assert!((greatest - thickness).abs() < 0.02, "asked {thickness}, got {greatest}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let error = Yaml::parse("a:\n  b: 1\n").number("a.c").unwrap_err();
        assert_eq!(error.to_string(), "iea3p4.yaml: no value for a.c");
    }
}
