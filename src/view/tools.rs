//! The tools that look into a machine, as they stand in the scene: the plane and its handle, distances, layers.

use std::collections::BTreeSet;

use twinscope_twin::site::PartRow;

use super::look::Look;
use super::sight::{Explode, Feature, Section, Spot, layers};

/// What the tools remember between frames, and no step undoes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tools {
    /// The list of layers is open.
    pub layers_open: bool,
    /// Distances are being measured.
    pub ruler: bool,
    /// Where the distance begins that is being measured.
    pub from: Option<Spot>,
    /// The selection that was asked for and is not confirmed yet.
    pub awaited: Option<Awaited>,
}

/// A selection on its way to the core and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// What was asked for.
    pub wanted: Option<PartRow>,
    /// What was selected then.
    pub before: Option<PartRow>,
}

/// What the tools ask of the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToolAction {
    /// Cut through the selection, or through all, across a direction of the machine or of the eye.
    Cut(Across),
}

/// Across which direction a machine is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// Its length: the plane stands upright across its axis.
    Length,
    /// Its height: the plane is level.
    Height,
    /// Its width: the plane stands upright along its axis.
    Width,
    /// The line of sight.
    Sight,
}

impl Across {
    /// All, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Length, "Length", "Upright, across the machine's axis"),
        (Self::Height, "Height", "Level"),
        (Self::Width, "Width", "Upright, along the machine's axis"),
        (Self::Sight, "View", "Facing the viewer"),
    ];
}

/// What the window knows of the tools.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolScene {
    /// The section plane, while there is one.
    pub plane: Option<PlaneScene>,
    /// The distances, in the order of the measures; the last one is being measured, if one is.
    pub spans: Vec<Span>,
    /// What the pointer would take while distances are measured: where, in points, and what it is.
    pub snap: Option<([f32; 2], Feature)>,
}

/// The section plane on screen, in points.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneScene {
    /// Its corners in order; empty where a corner is behind the eye.
    pub corners: Vec<[f32; 2]>,
    /// Its handle; `None`: out of sight.
    pub handle: Option<[f32; 2]>,
    /// How far the handle goes on screen for each metre along the normal.
    pub per_metre: [f32; 2],
    /// From where to where there is something to cut, m along the normal.
    pub range: [f32; 2],
}

/// A distance on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its ends, points; `None`: out of sight.
    pub ends: [Option<[f32; 2]>; 2],
    /// From one to the other, m: east, up, south.
    pub way: [f32; 3],
}

impl Span {
    /// Its length, m.
    #[must_use]
    pub fn length(&self) -> f32 {
        self.way.iter().map(|v| v * v).sum::<f32>().sqrt()
    }
}

/// The tools of one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolsView {
    /// What a tool works on: the chosen parts and the selected.
    pub subjects: BTreeSet<PartRow>,
    /// What is taken apart if something is: the selected part, or what it is part of if it has no parts itself.
    pub assembly: Option<PartRow>,
    /// The subjects in words: the name of a part, or how many.
    pub subject: String,
    /// Layers: name, parts, shown.
    pub layers: Vec<(String, usize, bool)>,
    /// Undo and redo have something to do.
    pub can: [bool; 2],
    /// The section plane, and what the scene knows of it.
    pub section: Option<(Section, Option<PlaneScene>)>,
    /// What is taken apart, in words, and how far.
    pub explode: Option<(String, Explode)>,
    /// Distances: on screen, and in words: whole, and east, up, south.
    pub spans: Vec<(Span, String, String)>,
    /// One is being measured: the last of them has no end yet.
    pub measuring: bool,
    /// What the pointer would take.
    pub snap: Option<([f32; 2], Feature)>,
}

/// The tools of one frame.
#[must_use]
pub fn tools_view(look: &Look<'_>) -> ToolsView {
    let sight = &look.ui.sight;
    let tools = &look.scene.tools;
    let selected = look.snapshot.selected.as_ref().map(|detail| detail.part);
    let subjects = sight.subjects(selected);
    let has_parts = |row: PartRow| look.site().parts.iter().any(|part| part.parent == Some(row));
    let assembly = selected.and_then(|row| if has_parts(row) { Some(row) } else { look.part(row)?.parent });
    let subject = match (subjects.len(), subjects.first()) {
        (0, _) | (_, None) => String::new(),
        (1, Some(&part)) => look.part_name(part).to_owned(),
        (n, _) => format!("{n} parts"),
    };
    let layers = if look.ui.tools.layers_open { layers(look.site()) } else { Default::default() };
    let of = |explode: &Explode| match explode.of {
        Some(part) => look.part_name(part).to_owned(),
        None if look.site().assets.len() == 1 => "Whole machine".to_owned(),
        None => "All machines".to_owned(),
    };
    ToolsView {
        subjects,
        assembly,
        subject,
        layers: layers
            .into_iter()
            .map(|(name, parts)| (name.to_owned(), parts, !sight.layers_off.contains(name)))
            .collect(),
        can: [look.ui.history.can_undo(), look.ui.history.can_redo()],
        section: sight.section.map(|section| (section, tools.plane.clone().filter(usable))),
        explode: sight.explode.as_ref().map(|explode| (of(explode), *explode)),
        spans: tools.spans.iter().map(span_view).collect(),
        measuring: look.ui.tools.ruler && look.ui.tools.from.is_some(),
        snap: tools.snap.filter(|(at, _)| at.iter().all(|v| v.abs() < 1e5)),
    }
}

/// A distance with its words. What is behind the eye or far outside of the window is not drawn; what left the scene has no
/// length any more.
fn span_view(span: &Span) -> (Span, String, String) {
    const FAR: f32 = 1e5;
    let near = |end: &[f32; 2]| end.iter().all(|v| v.abs() < FAR);
    let drawn = Span { ends: span.ends.map(|end| end.filter(near)), ..*span };
    if span.way.iter().all(|v| v.is_finite()) {
        (drawn, length(span.length()), way(span.way))
    } else {
        (
            Span { ends: [None, None], ..drawn },
            "gone".to_owned(),
            "a part of it is not in the scene any more".to_owned(),
        )
    }
}

/// Whether a plane can be drawn and moved.
fn usable(plane: &PlaneScene) -> bool {
    let [low, high] = plane.range;
    let figures = plane.corners.iter().flatten().chain(plane.handle.iter().flatten()).chain(&plane.per_metre);
    low < high && (high - low).is_finite() && figures.into_iter().all(|v| v.is_finite())
}

/// A length in words, with four digits that count: m, or mm below a tenth of a metre.
#[must_use]
pub fn length(metres: f32) -> String {
    match metres.abs() {
        m if m < 0.1 => format!("{:.1} mm", metres * 1_000.0),
        m if m < 10.0 => format!("{metres:.3} m"),
        m if m < 100.0 => format!("{metres:.2} m"),
        _ => format!("{metres:.1} m"),
    }
}

/// The way from one point to another in words.
fn way([east, up, south]: [f32; 3]) -> String {
    let part = |v: f32, plus: &str, minus: &str| format!("{} {}", length(v.abs()), if v < 0.0 { minus } else { plus });
    format!("{} · {} · {}", part(east, "east", "west"), part(up, "up", "down"), part(south, "south", "north"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_the_digits_that_count() {
        let said = [0.0123, 0.0999, 0.1, 1.23456, 12.3456, 123.456].map(length);
        assert_eq!(said, ["12.3 mm", "99.9 mm", "0.100 m", "1.235 m", "12.35 m", "123.5 m"]);
    }

    #[test]
    fn a_way_says_its_directions() {
        assert_eq!(way([1.0, -0.05, -20.0]), "1.000 m east · 50.0 mm down · 20.00 m north");
    }

    #[test]
    fn the_length_of_a_span_is_that_of_its_way() {
        let span = Span { ends: [None, None], way: [2.0, 3.0, 6.0] };
        assert_eq!(span.length(), 7.0);
    }
}
