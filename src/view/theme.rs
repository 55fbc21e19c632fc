//! Every colour of the program, and what each severity and quality looks like: colour, shape, fill and word.
//!
//! The colours of states are the same in every theme, so that a part on the model has the colour of the legend. Colour
//! never stands alone: a [`Mark`] also has a shape (severity) and a fill (quality).

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::snapshot::PartStatus;

/// sRGB with straight alpha.
pub type Rgba = [u8; 4];

/// Which theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ThemeName {
    #[default]
    Dark,
    Light,
}

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Which.
    pub name: ThemeName,
    /// Behind everything.
    pub bg: Rgba,
    /// Panels.
    pub panel: Rgba,
    /// What lies on a panel: fields, hovered rows, cards.
    pub raised: Rgba,
    /// Hairlines.
    pub line: Rgba,
    /// What is read first.
    pub text: Rgba,
    /// Units, ages, labels.
    pub quiet: Rgba,
    /// What may be overlooked.
    pub faint: Rgba,
    /// Selection, focus, links; never a state.
    pub accent: Rgba,
    /// Panels that lie over the scene. Blended in linear light, where a white blade behind counts for much.
    pub glass: Rgba,
}

/// Opaque colour from its hexadecimal form.
const fn hex(rgb: u32) -> Rgba {
    [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 255]
}

/// The dark theme (contrast of text on panel: 13.5, quiet 7.0, faint 3.6).
pub const DARK: Theme = Theme {
    name: ThemeName::Dark,
    bg: hex(0x12161B),
    panel: hex(0x1A2027),
    raised: hex(0x232B34),
    line: hex(0x313B46),
    text: hex(0xE6EAEE),
    quiet: hex(0xA3ADB8),
    faint: hex(0x6B7681),
    accent: hex(0x7AA7FF),
    glass: [0x16, 0x1B, 0x21, 246],
};

/// The light theme, for print and bright rooms.
pub const LIGHT: Theme = Theme {
    name: ThemeName::Light,
    bg: hex(0xE4E8EC),
    panel: hex(0xF4F6F8),
    raised: hex(0xE6EAEE),
    line: hex(0xCBD2D9),
    text: hex(0x1A2027),
    quiet: hex(0x4E5965),
    faint: hex(0x7C8792),
    accent: hex(0x1F5FD0),
    glass: [0xF4, 0xF6, 0xF8, 246],
};

impl Theme {
    /// The theme of a name.
    #[must_use]
    pub const fn of(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Dark => &DARK,
            ThemeName::Light => &LIGHT,
        }
    }

    /// The colour of a tone.
    #[must_use]
    pub const fn tone(&self, tone: Tone) -> Rgba {
        match tone {
            Tone::Text => self.text,
            Tone::Quiet => self.quiet,
            Tone::Faint => self.faint,
            Tone::Accent => self.accent,
            Tone::State(severity) => severity_colour(severity),
        }
    }

    /// The colour of text about a state: the state's own colour on a dark ground; on a light one the text colour, since
    /// no yellow can be read there and the mark beside it carries the colour.
    #[must_use]
    pub const fn state_text(&self, severity: Severity) -> Rgba {
        match (self.name, severity) {
            (_, Severity::Normal) => self.quiet,
            // The red of the mark is too dark for words (3.8 against a raised ground, 4.5 is asked for).
            (ThemeName::Dark, Severity::Critical) => hex(0xFF7278),
            (ThemeName::Dark, _) => severity_colour(severity),
            (ThemeName::Light, _) => self.text,
        }
    }
}

/// The colour of a state, on parts and in marks.
#[must_use]
pub const fn severity_colour(severity: Severity) -> Rgba {
    match severity {
        Severity::Normal => hex(0x8B949E),
        Severity::Low => hex(0x58B4E8),
        Severity::Medium => hex(0xFFEE7D),
        Severity::High => hex(0xF5952F),
        Severity::Critical => hex(0xF0414A),
    }
}

/// The colour of a person in a room, and only of persons: as far from every state and from the accent as from each other.
#[must_use]
pub const fn person_colour(index: u8) -> Rgba {
    match index % 8 {
        0 => hex(0x5FDDB7),
        1 => hex(0xC918DC),
        2 => hex(0xF49AD0),
        3 => hex(0x14B814),
        4 => hex(0x8B6ECF),
        5 => hex(0xDBC3B3),
        6 => hex(0x428A5F),
        _ => hex(0x8A6D42),
    }
}

/// A colour by its role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Read first.
    #[default]
    Text,
    /// Read second.
    Quiet,
    /// May be overlooked.
    Faint,
    /// Selection and links.
    Accent,
    /// A state.
    State(Severity),
}

/// The shape of a mark: one per severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Shape {
    SmallDot,
    Square,
    Disc,
    Triangle,
    Diamond,
}

/// The fill of a mark: one per quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Good.
    Solid,
    /// Uncertain: outline with a small core.
    Cored,
    /// Stale: outline with 45° hatching.
    Hatched,
    /// Bad: outline with a cross.
    Crossed,
    /// No data: dotted outline.
    Dotted,
}

/// State and quality as one sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The state.
    pub severity: Severity,
    /// Its quality.
    pub quality: Quality,
}

impl Mark {
    /// A state that is known.
    #[must_use]
    pub const fn state(severity: Severity) -> Self {
        Self { severity, quality: Quality::Good }
    }

    /// A quality without a state.
    #[must_use]
    pub const fn quality(quality: Quality) -> Self {
        Self { severity: Severity::Normal, quality }
    }

    /// The mark of a part.
    #[must_use]
    pub const fn of(status: &PartStatus) -> Self {
        Self { severity: status.state, quality: status.quality }
    }

    /// Its shape.
    #[must_use]
    pub const fn shape(self) -> Shape {
        match (self.severity, self.quality) {
            (Severity::Normal, Quality::Good) => Shape::SmallDot,
            (Severity::Normal, _) | (Severity::Medium, _) => Shape::Disc,
            (Severity::Low, _) => Shape::Square,
            (Severity::High, _) => Shape::Triangle,
            (Severity::Critical, _) => Shape::Diamond,
        }
    }

    /// Its fill.
    #[must_use]
    pub const fn fill(self) -> Fill {
        match self.quality {
            Quality::Good => Fill::Solid,
            Quality::Uncertain => Fill::Cored,
            Quality::Stale => Fill::Hatched,
            Quality::Bad => Fill::Crossed,
            Quality::NoData => Fill::Dotted,
        }
    }

    /// Its colour: that of the state, dimmed when the state rests on data that is not good.
    #[must_use]
    pub const fn colour(self) -> Rgba {
        let [r, g, b, _] = severity_colour(self.severity);
        match self.quality {
            Quality::Good | Quality::Uncertain => [r, g, b, 255],
            Quality::Stale | Quality::Bad | Quality::NoData => [r, g, b, 190],
        }
    }

    /// Its words: the state if it is known, the quality if not, both where an alarm stands on data that is not good.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.severity, self.quality) {
            (severity, Quality::Good) => severity.word(),
            (Severity::Normal, Quality::Uncertain) => "normal, uncertain",
            (Severity::Low, Quality::Uncertain) => "low, uncertain",
            (Severity::Medium, Quality::Uncertain) => "medium, uncertain",
            (Severity::High, Quality::Uncertain) => "high, uncertain",
            (Severity::Critical, Quality::Uncertain) => "critical, uncertain",
            (Severity::Normal, quality) => quality_word(quality),
            (Severity::Low, Quality::Stale) => "low, stale",
            (Severity::Medium, Quality::Stale) => "medium, stale",
            (Severity::High, Quality::Stale) => "high, stale",
            (Severity::Critical, Quality::Stale) => "critical, stale",
            (Severity::Low, _) => "low, held on bad data",
            (Severity::Medium, _) => "medium, held on bad data",
            (Severity::High, _) => "high, held on bad data",
            (Severity::Critical, _) => "critical, held on bad data",
        }
    }
}

/// The word of a quality.
#[must_use]
pub const fn quality_word(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Uncertain => "uncertain",
        Quality::Stale => "stale",
        Quality::Bad => "bad",
        Quality::NoData => "no data",
    }
}

/// How a part's surface is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Whole.
    Plain,
    /// 45° hatching, dimmed: stale.
    Hatched,
    /// Dotted outline only: no data.
    Outline,
    /// Hatching and a cross: bad.
    HatchedCross,
}

/// The look of a part on the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartLook {
    /// sRGB.
    pub rgb: [u8; 3],
    /// Pattern.
    pub pattern: Pattern,
    /// A state of its own colour stands: the part is coloured even where calm parts keep their material.
    pub coloured: bool,
    /// Nothing measures it (as against: it should have been heard and was not).
    pub unmeasured: bool,
}

/// The look of a part: state colour by severity, pattern by quality.
#[must_use]
pub const fn part_colour(status: &PartStatus) -> PartLook {
    let [r, g, b, _] = severity_colour(status.state);
    let (pattern, dim) = match status.quality {
        Quality::Good | Quality::Uncertain => (Pattern::Plain, false),
        Quality::Stale => (Pattern::Hatched, true),
        Quality::Bad => (Pattern::HatchedCross, true),
        Quality::NoData => (Pattern::Outline, true),
    };
    // 5/8: dark enough to stand apart from a calm part in good light, and still the hue of the alarm that is held.
    let rgb = if dim { [dimmed(r), dimmed(g), dimmed(b)] } else { [r, g, b] };
    PartLook {
        rgb,
        pattern,
        coloured: !matches!(status.state, Severity::Normal),
        unmeasured: matches!(status.reason, QualityReason::NotMeasured),
    }
}

const fn dimmed(channel: u8) -> u8 {
    (channel as u16 * 5 / 8) as u8
}
