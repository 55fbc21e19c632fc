//! What the model file says of the selected part, in words. The window tells; nothing of it is measured.

use twinscope_twin::site::PartRow;

use super::look::Look;
use super::words;

/// What the model says of a part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelData {
    /// Names of nodes from the root, joined with `/`.
    pub path: String,
    /// What its extras tell.
    pub facts: Vec<(String, String)>,
    /// Nodes below it.
    pub below: usize,
    /// Triangles of it and of what is below it.
    pub triangles: u64,
    /// Materials of it and of what is below it.
    pub materials: Vec<String>,
    /// Width, height and depth of the box around it in the axes of the model, m.
    pub size: Option<[f64; 3]>,
    /// The program that wrote the file.
    pub generator: Option<String>,
    /// Whose the model is.
    pub copyright: Option<String>,
    /// Version of glTF.
    pub version: String,
}

/// Names and values, in order; what is not known has no row.
pub type Rows = Vec<(String, String)>;

/// The rows for the selected part: of the part, and of the file.
#[must_use]
pub fn model_rows(look: &Look<'_>, part: PartRow) -> Option<(Rows, Rows)> {
    let (of, data) = look.scene.model.as_ref()?;
    if *of != part {
        return None;
    }
    let mut rows: Rows = data.facts.iter().map(|(name, value)| (fact_name(name), fact_value(name, value))).collect();
    let mut put = |name: &str, value: String| rows.push((name.to_owned(), value));
    if let Some([x, y, z]) = data.size {
        let metres = |m: f64| {
            words::number(
                m,
                if m < 0.1 {
                    4
                } else if m < 10.0 {
                    3
                } else {
                    1
                },
            )
        };
        put("Size, m", format!("{} × {} × {}", metres(x), metres(y), metres(z)));
    }
    if !data.materials.is_empty() {
        put("Materials of the model", data.materials.join(", "));
    }
    let below = if data.below == 0 {
        String::new()
    } else {
        format!(", with {}", words::plural(data.below as u64, "node below", "nodes below"))
    };
    put("Triangles", format!("{}{below}", words::count(data.triangles)));
    put("Node", data.path.clone());
    let mut file: Rows = Vec::new();
    file.extend(data.generator.iter().map(|made_by| ("Made by".to_owned(), made_by.clone())));
    file.extend(data.copyright.iter().map(|whose| ("Copyright".to_owned(), whose.clone())));
    file.push(("glTF".to_owned(), data.version.clone()));
    Some((rows, file))
}

/// `mass_kg` → `Mass, kg`; `plate.maker` → `Plate maker`.
fn fact_name(name: &str) -> String {
    let (stem, unit) = match name.rsplit_once('_') {
        Some((stem, unit)) if UNITS.contains(&unit) => (stem, Some(unit)),
        _ => (name, None),
    };
    let mut said = stem.replace(['_', '.', '-'], " ");
    if let Some(first) = said.get(..1).map(str::to_uppercase) {
        said.replace_range(..1, &first);
    }
    match unit {
        Some(unit) => format!("{said}, {}", words::unit(unit)),
        None => said,
    }
}

/// Ends of names that are units.
const UNITS: [&str; 16] = ["kg", "g", "t", "m", "mm", "s", "h", "kW", "kw", "W", "V", "A", "Hz", "rpm", "bar", "degC"];

/// Plain numbers get the thin spaces that all figures have.
fn fact_value(name: &str, value: &str) -> String {
    // A number whose name is no quantity may be an id: it stays as it is written.
    let quantity = fact_name(name).contains(", ");
    match value.parse::<f64>() {
        Ok(number) if quantity && number.is_finite() => {
            let decimals = value.split_once('.').map_or(0, |(_, digits)| if digits == "0" { 0 } else { digits.len() });
            words::number(number, decimals.min(6) as u8)
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture;
    use crate::view::{Scene, UiState};
    use std::sync::Arc;

    #[test]
    fn facts_are_said_as_people_say_them() {
        for (name, value, expected) in [
            ("mass_kg", "1030000.0", ("Mass, kg", "1\u{202f}030\u{202f}000")),
            ("mass_kg", "3.22", ("Mass, kg", "3.22")),
            ("serial", "680548", ("Serial", "680548")),
            ("plate.maker", "Acme", ("Plate maker", "Acme")),
            ("rated_speed_rpm", "1134", ("Rated speed, rpm", "1134")),
            ("größe", "3", ("Größe", "3")),
            ("ß", "3", ("ß", "3")),
            ("", "3", ("", "3")),
        ] {
            assert_eq!((fact_name(name).as_str(), fact_value(name, value).as_str()), expected, "{name}");
        }
    }

    #[test]
    fn only_what_is_known_of_the_selected_part_has_a_row() {
        let snapshot = fixture::turbine();
        let data = ModelData { path: "A/B".to_owned(), version: "2.0".to_owned(), ..ModelData::default() };
        let scene = Scene { model: Some((PartRow(3), Arc::new(data))), ..Scene::default() };
        let ui = UiState::default();
        let look = Look::new(&snapshot, &scene, &ui);
        assert_eq!(model_rows(&look, PartRow(2)), None);
        let (part, file) = model_rows(&look, PartRow(3)).unwrap();
        let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(part, [row("Triangles", "0"), row("Node", "A/B")]);
        assert_eq!(file, [row("glTF", "2.0")]);
    }
}
