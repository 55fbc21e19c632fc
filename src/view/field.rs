//! The field that is shown on surfaces: what can be chosen, its limits, its legend, and the value under the pointer.

use super::look::Look;
use super::scale::Scale;
use super::words;

/// A field that can be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldChoice {
    /// By which it is chosen: the id of the site's type file, or the name of an attribute.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Unit; may be empty.
    pub unit: String,
    /// Where its values come from; may be empty.
    pub source: String,
    /// Colours that the type file asks for.
    pub scale: Option<Scale>,
    /// Limits that the type file asks for.
    pub range: Option<[f32; 2]>,
}

/// The field that is on the surfaces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShownField {
    /// Which.
    pub id: String,
    /// Its limits; `None`: no value of it is known.
    pub limits: Option<Limits>,
    /// Vertices without a value.
    pub unknown: u64,
    /// Its values are still being laid on the surfaces.
    pub pending: bool,
    /// Why it is not there.
    pub trouble: Option<String>,
}

/// Limits of a legend.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// At the first colour.
    pub low: f32,
    /// At the last colour.
    pub high: f32,
    /// Values below the first, and above the last.
    pub beyond: [bool; 2],
}

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// Where the pointer is, egui points.
    pub pos: [f32; 2],
    /// The value; `None`: nothing is known there.
    pub value: Option<f32>,
}

/// The legend of a field, and its menu.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldView {
    /// The fields to choose from: id, name with unit, tooltip.
    pub choices: Vec<(String, String, String)>,
    /// The legend, if a field is shown.
    pub legend: Option<FieldLegend>,
    /// The legend of a plan, if parts wear its colours.
    pub plan: Option<FieldLegend>,
    /// The value under the pointer: where, in words.
    pub probe: Option<([f32; 2], String)>,
}

/// The legend of the field that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldLegend {
    /// Name.
    pub title: String,
    /// Unit; may be empty.
    pub unit: String,
    /// Colours.
    pub scale: Scale,
    /// The limits: low, high.
    pub ends: [String; 2],
    /// Place between 0 (low) and 1 (high), and what is written there; none so near to a limit that it would hide it.
    pub ticks: Vec<(f32, String)>,
    /// There are values below the first colour, and above the last.
    pub beyond: [bool; 2],
    /// Some surface has no value.
    pub unknown: bool,
    /// A sentence in place of the colours: it is being laid, or why it is not there.
    pub message: Option<String>,
}

/// The figure of a limit takes so much of the height of a legend.
const END: f32 = 0.08;

/// The share of values that may lie beyond the limits at each end.
const OUTLIERS: f64 = 0.02;

/// Limits that a few outliers do not stretch: from the 2nd to the 98th percentile, and as far as the values reach where
/// that is no more than a fifth further. Sorts `values`, which must be finite. A constant field gets some width.
#[must_use]
pub fn robust(values: &mut [f32]) -> Option<Limits> {
    let last = values.len().checked_sub(1)?;
    values.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| values.get((share * last as f64).round() as usize).copied();
    let (min, max, mut low, mut high) = (at(0.0)?, at(1.0)?, at(OUTLIERS)?, at(1.0 - OUTLIERS)?);
    let room = (high - low) * 0.2;
    if low - min <= room {
        low = min;
    }
    if max - high <= room {
        high = max;
    }
    if high <= low {
        let width = (low.abs() * 0.01).max(1e-6);
        (low, high) = (low - width, high + width);
    }
    Some(Limits { low, high, beyond: [min < low, max > high] })
}

/// The colours of a field. Those that its type file asks for; else diverging if it is a residual by name (residual,
/// difference, deviation, error, delta) and has values on both sides of zero; else those that the person likes.
#[must_use]
pub fn scale_of(choice: &FieldChoice, limits: Option<Limits>, liked: Scale) -> Scale {
    const RESIDUALS: [&str; 5] = ["residual", "difference", "deviation", "error", "delta"];
    let named = || {
        let words = format!("{} {}", choice.id, choice.name).to_lowercase();
        RESIDUALS.iter().any(|residual| words.contains(residual))
    };
    let signed = limits.is_some_and(|limits| limits.low < 0.0 && limits.high > 0.0);
    choice.scale.unwrap_or(if signed && named() { Scale::Diverging } else { liked })
}

/// The limits as they are drawn: zero in the middle of a diverging scale.
#[must_use]
pub fn drawn(limits: Limits, scale: Scale) -> Limits {
    if scale != Scale::Diverging {
        return limits;
    }
    let reach = limits.low.abs().max(limits.high.abs());
    Limits { low: -reach, high: reach, ..limits }
}

/// Distance between the ticks of a legend, a power of ten times 1, 2 or 5, so that there are at most `most` of them.
#[must_use]
pub fn tick_step(limits: Limits, most: u32) -> f64 {
    let rough = (f64::from(limits.high) - f64::from(limits.low)) / f64::from(most.max(2) - 1);
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|step| step * power).find(|step| *step >= rough * 0.999_999).unwrap_or(10.0 * power)
}

/// Ticks on a legend of a field, as `(place, text)`.
#[must_use]
pub fn ticks(limits: Limits, most: u32) -> Vec<(f32, String)> {
    let (low, high) = (f64::from(limits.low), f64::from(limits.high));
    let step = tick_step(limits, most);
    let first = (low / step).ceil();
    let count = (((high / step).floor() - first) as u32 + 1).min(64);
    let write = figure(low.abs().max(high.abs()), step);
    (0..count)
        .map(|n| (first + f64::from(n)) * step)
        .map(|value| (((value - low) / (high - low)) as f32, write(value)))
        .collect()
}

/// How figures of a size are written that must be told apart to within `step`.
fn figure(size: f64, step: f64) -> impl Fn(f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as u8;
    let short = (1e-3..1e7).contains(&size) || size == 0.0;
    let digits = (size.log10().floor() - step.log10().floor()).clamp(0.0, 9.0) as usize;
    move |value| {
        if short { words::number(value, decimals) } else { format!("{value:.digits$e}").replace('-', "−") }
    }
}

/// A value of a field to a hundredth of the distance of the ticks, and its unit.
#[must_use]
pub fn reading(value: f32, limits: Limits, unit: &str) -> String {
    let size = f64::from(limits.low.abs().max(limits.high.abs()));
    let write = figure(size, tick_step(limits, 6) / 100.0);
    words::join_unit(&write(f64::from(value)), &words::unit(unit))
}

/// What a frame says of fields.
#[must_use]
pub fn field_view(look: &Look<'_>) -> FieldView {
    let scene = look.scene;
    let choices = scene
        .fields
        .iter()
        .map(|field| {
            let unit = words::unit(&field.unit);
            let name = words::cut(&field.name, 40);
            let title = if unit.is_empty() { name.into_owned() } else { format!("{name}, {unit}") };
            let tooltip =
                if field.source.is_empty() { field.id.clone() } else { format!("{}: {}", field.id, field.source) };
            (field.id.clone(), title, words::cut(&tooltip, 160).into_owned())
        })
        .collect();
    let shown = scene.field.as_ref().filter(|shown| look.ui.field.as_ref() == Some(&shown.id));
    let choice = shown.and_then(|shown| scene.fields.iter().find(|field| field.id == shown.id));
    let (Some(shown), Some(choice)) = (shown, choice) else {
        return FieldView { choices, ..FieldView::default() };
    };
    let scale = scale_of(choice, shown.limits, look.ui.field_scale);
    let limits = shown.limits.map(|limits| drawn(limits, scale));
    let clear = |(place, _): &(f32, String)| (END..=1.0 - END).contains(place);
    let message = match (&shown.trouble, shown.pending, limits) {
        (Some(trouble), ..) => Some(words::cut(trouble, 200).into_owned()),
        (None, true, _) => Some("is being laid on the surfaces".to_owned()),
        (None, false, None) => Some("no value is known on what is shown".to_owned()),
        _ => None,
    };
    let legend = FieldLegend {
        title: words::cut(&choice.name, 40).into_owned(),
        unit: words::unit(&choice.unit).into_owned(),
        scale,
        ends: limits.map(|limits| [limits.low, limits.high].map(|end| reading(end, limits, ""))).unwrap_or_default(),
        ticks: limits.map(|limits| ticks(limits, 6)).unwrap_or_default().into_iter().filter(clear).collect(),
        beyond: limits.map(|limits| limits.beyond).unwrap_or_default(),
        unknown: shown.unknown > 0,
        message,
    };
    let probe = scene.probe.zip(limits).map(|(probe, limits)| {
        let told = probe.value.map_or_else(|| "not known".to_owned(), |value| reading(value, limits, &choice.unit));
        (probe.pos, told)
    });
    FieldView { choices, legend: Some(legend), plan: None, probe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::state::{Scene, UiState};
    use crate::view::tests::fixture;

    fn limits(low: f32, high: f32) -> Limits {
        Limits { low, high, beyond: [false; 2] }
    }

    #[test]
    fn a_few_outliers_do_not_stretch_the_limits() {
        let mut values: Vec<f32> = (0..1_000).map(|n| 300.0 + n as f32 * 0.1).collect();
        values.extend([9_000.0, -9_000.0]);
        let found = robust(&mut values).unwrap();
        assert!((290.0..305.0).contains(&found.low) && (395.0..410.0).contains(&found.high), "{found:?}");
        assert_eq!(found.beyond, [true, true]);
    }

    #[test]
    fn values_without_outliers_are_shown_whole() {
        let mut values: Vec<f32> = (0..=1_000).map(|n| n as f32).collect();
        assert_eq!(robust(&mut values), Some(limits(0.0, 1_000.0)));
    }

    #[test]
    fn one_value_everywhere_has_a_legend_around_it() {
        let found = robust(&mut [300.0; 5]).unwrap();
        assert!(found.low < 300.0 && found.high > 300.0 && found.beyond == [false; 2], "{found:?}");
        assert_eq!(robust(&mut []), None);
    }

    #[track_caller]
    fn ticked(low: f32, high: f32, want: &[&str]) {
        let got: Vec<String> = ticks(limits(low, high), 6).into_iter().map(|(_, text)| text).collect();
        assert_eq!(got, want, "{low} to {high}");
    }

    #[test]
    fn ticks_are_round_figures() {
        ticked(0.0, 100.0, &["0", "20", "40", "60", "80", "100"]);
        ticked(312.0, 398.0, &["320", "340", "360", "380"]);
        ticked(-0.3, 0.3, &["−0.2", "0.0", "0.2"]);
        ticked(0.0, 4e8, &["0e0", "1e8", "2e8", "3e8", "4e8"]);
    }

    #[test]
    fn a_tick_lies_where_its_value_does() {
        let places: Vec<f32> = ticks(limits(10.0, 20.0), 6).into_iter().map(|(place, _)| place).collect();
        for (place, want) in places.iter().zip([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]) {
            assert!((place - want).abs() < 1e-5, "{places:?}");
        }
    }

    #[test]
    fn a_reading_has_more_digits_than_the_legend_and_its_unit() {
        assert_eq!(reading(352.347, limits(300.0, 400.0), "K"), "352.3 K");
        assert_eq!(reading(0.123_456, limits(0.0, 1.0), "mm"), "0.123 mm");
    }

    #[test]
    fn a_residual_on_both_sides_of_zero_diverges_around_it() {
        let residual = FieldChoice { id: "_T_RESIDUAL".into(), ..FieldChoice::default() };
        assert_eq!(scale_of(&residual, Some(limits(-2.0, 5.0)), Scale::Viridis), Scale::Diverging);
        assert_eq!(scale_of(&residual, Some(limits(1.0, 5.0)), Scale::Viridis), Scale::Viridis);
        let other = FieldChoice { id: "_T".into(), ..FieldChoice::default() };
        assert_eq!(scale_of(&other, Some(limits(-2.0, 5.0)), Scale::Cividis), Scale::Cividis);
        let around = drawn(limits(-2.0, 5.0), Scale::Diverging);
        assert_eq!((around.low, around.high), (-5.0, 5.0));
    }

    /// What is shown of a field from 318.0 to 353.7 K, with values beyond neither end.
    fn shown() -> FieldView {
        let scene = Scene {
            fields: vec![FieldChoice {
                id: "t".into(),
                name: "Wall temperature".into(),
                unit: "K".into(),
                ..FieldChoice::default()
            }],
            field: Some(ShownField {
                id: "t".into(),
                limits: Some(limits(318.0, 353.7)),
                unknown: 3,
                ..ShownField::default()
            }),
            probe: Some(Probe { pos: [10.0, 20.0], value: Some(330.26) }),
            ..Scene::default()
        };
        let ui = UiState { field: Some("t".into()), ..UiState::default() };
        let snapshot = fixture::turbine();
        field_view(&Look::new(&snapshot, &scene, &ui))
    }

    #[test]
    fn a_legend_tells_title_unit_limits_ticks_and_the_value_under_the_pointer() {
        let FieldView { choices, legend, probe, .. } = shown();
        assert_eq!(choices[0].1, "Wall temperature, K");
        let legend = legend.unwrap();
        assert_eq!((legend.title.as_str(), legend.unit.as_str(), legend.unknown), ("Wall temperature", "K", true));
        assert_eq!(legend.ends, ["318.0", "353.7"]);
        let ticks: Vec<&str> = legend.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(ticks, ["330", "340", "350"]);
        assert_eq!(probe, Some(([10.0, 20.0], "330.3 K".to_owned())));
    }
}
