//! A crack in words: how long it is believed to be, with its spread and its age.

use twinscope_twin::prediction::Body;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::{CrackLength, Snapshot};
use twinscope_twin::time::Now;

use super::spread::Said;
use super::words;

/// A crack in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct CrackView {
    /// `Crack 1.2 mm (5–95 %: 0.6 to 2.1), believed 3 s ago`.
    pub text: String,
    /// It is not expired, and the model stands behind it.
    pub usable: bool,
}

/// The model does not stand behind what it says of the machine.
#[must_use]
pub fn doubtful(body: &Body) -> bool {
    body.explained == Some(false) || body.in_range == Some(false)
}

/// The crack of a part. Cracks are in the order of the parts.
#[must_use]
pub fn crack_of(snapshot: &Snapshot, part: PartRow) -> Option<&CrackLength> {
    let at = snapshot.cracks.binary_search_by_key(&part, |crack| crack.part).ok()?;
    snapshot.cracks.get(at)
}

/// A crack in words.
#[must_use]
pub fn crack_view(crack: &CrackLength, now: Now) -> CrackView {
    let body = &crack.issue.body;
    let age = crack.issue.age_ms(now).map_or_else(|| "nobody knows when".to_owned(), words::ago);
    let mut text = format!("Crack {}, believed {age}", Said::of(body).one_line());
    for (said, caveat) in [
        (crack.expired, "expired"),
        (body.explained == Some(false), "the model does not explain the machine"),
        (body.in_range == Some(false), "outside the model's range"),
        (body.prior.as_deref() == Some("generic"), "generic prior"),
    ] {
        if said {
            text.push_str(&format!(" · {caveat}"));
        }
    }
    CrackView { text, usable: !crack.expired && !doubtful(body) }
}
