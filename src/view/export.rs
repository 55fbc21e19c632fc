//! What leaves the screen: the caption of pictures and clips, and the values of a part as a table.
//!
//! A caption says what a picture cannot: which site, when, how old the data is, and that it is simulated where it is.

use twinscope_twin::snapshot::LinkState;

use super::inspector::PartView;
use super::look::Look;
use super::{gain, words};

/// What is taken of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The scene, with the labels and the legend that lie over it.
    Scene,
    /// All of the window.
    Window,
}

/// What a person wants of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportAction {
    /// Save a picture.
    Save(Frame),
    /// Put a picture of the scene on the clipboard.
    Copy,
    /// Start a clip of the scene, or end it.
    Clip,
    /// Say that values are on the clipboard.
    Copied,
}

/// What the window says of pictures and clips.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exports {
    /// Seconds that a clip runs already.
    pub recording_s: Option<f32>,
    /// A clip is being written.
    pub writing: bool,
    /// Where files go.
    pub folder: String,
}

/// A caption: what stands at its left end, and at its right one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// Site and moment.
    pub left: String,
    /// Age of the data, what is not real, and by which program.
    pub right: String,
}

impl Caption {
    /// In one line.
    #[must_use]
    pub fn one_line(&self) -> String {
        format!("{}  ·  {}", self.left, self.right)
    }
}

/// The caption of what is shown now.
#[must_use]
pub fn caption(look: &Look<'_>) -> Caption {
    let site = look.site();
    let name = words::cut(if site.name.is_empty() { &site.id } else { &site.name }, 60);
    let mut right = vec![data_age(look)];
    if site.sources.iter().any(|source| source.simulated) {
        right.push("SIMULATED".to_owned());
    }
    right.extend(gain::banner(look));
    let stand_ins = site.standing().filter(|(_, asset)| asset.stand_in.is_some()).count();
    if stand_ins > 0 {
        right.push(words::plural(stand_ins as u64, "stand-in model", "stand-in models"));
    }
    right.push("twinscope".to_owned());
    Caption { left: format!("{name}  ·  {}", words::stamp(look.clock.now.wall_ms)), right: right.join("  ·  ") }
}

/// How old what is shown is: the age of what was heard last, and sources that are not heard.
fn data_age(look: &Look<'_>) -> String {
    let youngest = look.snapshot.signals.iter().filter_map(|status| look.signal_age_ms(status)).min();
    let age = youngest.map_or_else(|| "no data".to_owned(), |ms| format!("data {} old", words::age(ms)));
    let silent = |link: &LinkState| !matches!(link, LinkState::Live | LinkState::Direct { .. });
    match look.snapshot.sources.iter().filter(|source| silent(&source.link)).count() {
        0 => age,
        lost => format!("{age}, {} not connected", words::plural(lost as u64, "source", "sources")),
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableForm {
    /// Cells between tabs: a spreadsheet takes it.
    Tabs,
    /// Markdown.
    Markdown,
}

/// The values of a part as a table, with its name, its state and the moment above it.
#[must_use]
pub fn values_table(part: &PartView, moment: &str, form: TableForm) -> String {
    const HEAD: [&str; 6] = ["Signal", "Value", "Unit", "Quality", "Age", "From"];
    // Whatever a name holds, it stays in its cell.
    let clean = |text: &str| match form {
        TableForm::Tabs => text.replace(['\t', '\n', '\r'], " "),
        TableForm::Markdown => text.replace(['\n', '\r'], " ").replace('|', "\\|"),
    };
    let rows = part.signals.iter().map(|signal| {
        let quality = signal.mark.map_or("good", |mark| super::theme::quality_word(mark.quality));
        // A spreadsheet reads plain figures: a true minus and thin spaces are for eyes.
        let figure = match form {
            TableForm::Tabs => signal.figure.replace('−', "-").replace('\u{202f}', ""),
            TableForm::Markdown => signal.figure.clone(),
        };
        [signal.name.as_str(), &figure, &signal.unit, quality, &signal.age, signal.provenance].map(clean)
    });
    let title = format!("{}, {}", part.name, part.place.replace("  ·  ", ", "));
    let said = format!("{}; {moment}", part.words);
    let mut out = match form {
        TableForm::Tabs => format!("{}\t{}\n{}\n", clean(&title), clean(&said), HEAD.join("\t")),
        TableForm::Markdown => {
            let rule = HEAD.map(|_| "---").join(" | ");
            format!("**{}**\n\n{}\n\n| {} |\n| {rule} |\n", clean(&title), clean(&said), HEAD.join(" | "))
        }
    };
    for row in rows {
        out.push_str(&match form {
            TableForm::Tabs => format!("{}\n", row.join("\t")),
            TableForm::Markdown => format!("| {} |\n", row.join(" | ")),
        });
    }
    out
}

/// The moment of a frame, for what is copied from it.
#[must_use]
pub fn moment(look: &Look<'_>) -> String {
    let site = look.site();
    let name = look.snapshot.selected.as_ref().map_or("", |detail| look.asset_name_of(detail.part));
    let simulated = if site.sources.iter().any(|source| source.simulated) { ", simulated" } else { "" };
    let name = if name.is_empty() { &site.name } else { name };
    format!("{} at {}{simulated}", words::cut(name, 60), words::stamp(look.clock.now.wall_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::inspector::InspectorView;
    use crate::view::tests::fixture;
    use crate::view::{Scene, UiState, app_view};
    use twinscope_twin::site::PartRow;

    fn captioned(change: impl FnOnce(&mut twinscope_twin::snapshot::Snapshot)) -> Caption {
        let mut snapshot = fixture::turbine();
        change(&mut snapshot);
        caption(&Look::new(&snapshot, &Scene::default(), &UiState::default()))
    }

    #[test]
    fn a_caption_says_where_when_how_old_and_what_is_not_real() {
        let caption = captioned(|_| {});
        // The moment of the fixtures.
        assert_eq!(caption.left, "North Ridge  ·  2026-11-22 14:02:11 UTC");
        assert!(caption.right.contains("SIMULATED"), "{caption:?}");
        assert!(caption.right.starts_with("data ") && caption.right.ends_with("twinscope"), "{caption:?}");
    }

    #[test]
    fn a_caption_of_what_was_never_heard_or_is_not_connected_says_so() {
        let caption = captioned(|snapshot| {
            for status in &mut snapshot.signals {
                status.received = None;
            }
            for source in &mut snapshot.sources {
                source.link = LinkState::Idle;
            }
        });
        assert!(caption.right.starts_with("no data, "), "{caption:?}");
        assert!(caption.right.contains("not connected"), "{caption:?}");
    }

    fn table(form: TableForm) -> String {
        let mut snapshot = fixture::turbine();
        let row = snapshot.site.parts.iter().position(|part| !part.signals.is_empty()).unwrap();
        fixture::select(&mut snapshot, PartRow(row as u32));
        let view = app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]);
        let InspectorView::Part(mut part) = view.inspector else { panic!("no part") };
        part.signals[0].name = "odd\tname|\nof it".to_owned();
        part.signals[0].figure = "−12\u{202f}345.5".to_owned();
        values_table(&part, "Turbine 1 at noon", form)
    }

    #[test]
    fn a_table_for_a_spreadsheet_has_plain_figures_and_one_line_a_signal() {
        let text = table(TableForm::Tabs);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains("Turbine 1 at noon"), "{text}");
        assert_eq!(lines[1], "Signal\tValue\tUnit\tQuality\tAge\tFrom");
        assert!(lines[2].starts_with("odd name| of it\t-12345.5\t"), "{text}");
        assert!(lines.iter().skip(1).all(|line| line.matches('\t').count() == 5), "{text}");
    }

    #[test]
    fn a_markdown_table_keeps_bars_out_of_its_cells() {
        let text = table(TableForm::Markdown);
        let row = text.lines().find(|line| line.contains("odd")).unwrap();
        assert!(row.contains("odd\tname\\| of it | −12\u{202f}345.5 |"), "{row}");
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
    }
}
