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
    /// `Crack 1.20 mm (5–95 %: 0.60 to 2.10), believed 3 s ago`.
    pub text: String,
    /// What must be said beside it: `generic prior`, `expired`, …; may be empty.
    pub caveat: String,
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
    let caveats = [
        (crack.expired, "expired"),
        (body.explained == Some(false), "model does not explain the machine"),
        (body.in_range == Some(false), "outside the model's range"),
        (body.prior.as_deref() == Some("generic"), "generic prior"),
        (body.from_simulation == Some(true), "simulated"),
    ];
    let caveats: Vec<&str> = caveats.into_iter().filter(|(said, _)| *said).map(|(_, caveat)| caveat).collect();
    CrackView {
        text: format!("Crack {}, believed {age}", Said::of(body).one_line()),
        caveat: caveats.join(" · "),
        usable: !crack.expired && !doubtful(body),
    }
}
