//! What can be told: names in captions and conditions, and what they stand for.

use crate::site::suggest::nearest;
use crate::site::{AssetRow, PartRow, SignalRow, Site};

/// A figure that is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// `part.signal`.
    Signal(SignalRow),
    /// `part.state`, `part.life`, …
    Part(PartRow, OfPart),
    /// `site.alarms`: how many alarms are active.
    Alarms,
    /// `site.unknown`: how many parts that should be known are not.
    Unknown,
    /// `site.name`.
    SiteName,
    /// `asset.name`.
    AssetName(AssetRow),
}

/// What is known of a part beside its signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfPart {
    /// Its name.
    Name,
    /// Its state in a word; in conditions a text: `gearbox.state == "high"`.
    State,
    /// Its health index, 0 to 1.
    Health,
    /// Its remaining life; in conditions its median in hours of the machine.
    Life,
    /// How many alarms are active on it and below it; in words its worst alarm.
    Alarms,
    /// What a technician does about its worst alarm.
    Response,
    /// What is advised, and when.
    Advice,
    /// What that saves against waiting; in conditions an amount.
    Saves,
    /// What is advised has been ordered or not yet: what it costs.
    Cost,
}

impl OfPart {
    /// The words in files.
    pub const ALL: [(&'static str, Self); 9] = [
        ("name", Self::Name),
        ("state", Self::State),
        ("health", Self::Health),
        ("life", Self::Life),
        ("alarms", Self::Alarms),
        ("response", Self::Response),
        ("advice", Self::Advice),
        ("saves", Self::Saves),
        ("cost", Self::Cost),
    ];
}

impl Figure {
    /// The figure of a name, for a machine.
    ///
    /// # Errors
    /// What is wrong with the name, and what was probably meant.
    pub fn of(name: &str, site: &Site, asset: AssetRow) -> Result<Self, String> {
        let Some((of, what)) = name.split_once('.') else {
            return Err(format!("`{name}` is not a figure: write part.signal, part.life or site.alarms"));
        };
        let Some(machine) = site.assets.get(asset.index()) else { return Err("there is no machine".to_owned()) };
        let parts = site.parts.get(machine.parts.start as usize..machine.parts.end as usize).unwrap_or_default();
        let Some((row, part)) = (machine.parts.start..).zip(parts).find(|(_, part)| part.id == of) else {
            return match (of, what) {
                ("site", "alarms") => Ok(Self::Alarms),
                ("site", "unknown") => Ok(Self::Unknown),
                ("site", "name") => Ok(Self::SiteName),
                ("asset", "name") => Ok(Self::AssetName(asset)),
                ("site", _) => Err(format!("there is no `{name}`: a site has alarms, unknown and name")),
                ("asset", _) => Err(format!("there is no `{name}`: an asset has a name")),
                _ => Err(format!(
                    "{} has no part \"{of}\"{}",
                    machine.id,
                    meant(of, parts.iter().map(|part| part.id.as_str()))
                )),
            };
        };
        let signals = site.signals.get(part.signals.start as usize..part.signals.end as usize).unwrap_or_default();
        if let Some((signal, _)) = (part.signals.start..).zip(signals).find(|(_, signal)| signal.id == what) {
            return Ok(Self::Signal(SignalRow(signal)));
        }
        match OfPart::ALL.iter().find(|(word, _)| *word == what) {
            Some((_, of_part)) => Ok(Self::Part(PartRow(row), *of_part)),
            None => {
                let words = OfPart::ALL.iter().map(|(word, _)| *word);
                let meant = meant(what, signals.iter().map(|signal| signal.id.as_str()).chain(words));
                Err(format!("part \"{of}\" has no signal `{what}`{meant}"))
            }
        }
    }
}

/// `; did you mean …?`, if something is near enough.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}

/// A text with figures in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// Filled in.
    Live(Figure),
}

impl Text {
    /// Reads a text: figures stand in braces, `{{` and `}}` are braces.
    ///
    /// # Errors
    /// The bytes of the text that are wrong, and why.
    pub fn parse(
        text: &str,
        figure: &dyn Fn(&str) -> Result<Figure, String>,
    ) -> Result<Self, (std::ops::Range<usize>, String)> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find(['{', '}'])) {
            let brace = at + found;
            plain.push_str(text.get(at..brace).unwrap_or_default());
            let rest = text.get(brace..).unwrap_or_default();
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push_str(rest.get(..1).unwrap_or_default());
                at = brace + 2;
                continue;
            }
            if rest.starts_with('}') {
                return Err((brace..brace + 1, "a } without its {; write }} for a brace".to_owned()));
            }
            let Some(length) = rest.find('}') else {
                return Err((brace..text.len(), "a { without its }; write {{ for a brace".to_owned()));
            };
            let name = rest.get(1..length).unwrap_or_default().trim();
            let live = figure(name).map_err(|why| (brace..brace + length + 1, why))?;
            if !plain.is_empty() {
                pieces.push(Piece::Plain(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Live(live));
            at = brace + length + 1;
        }
        plain.push_str(text.get(at..).unwrap_or_default());
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain));
        }
        Ok(Self(pieces))
    }
}
