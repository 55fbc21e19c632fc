//! Which parts the tree shows under a search and a filter.

use std::ops::Range;

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;

use super::look::{self, Look};
use super::state::TreeFilter;

/// Whether a part stays under search and filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It does not.
    No,
    /// Something below it matches.
    Context,
    /// It matches.
    Match,
}

/// For every part, whether it stays.
#[must_use]
pub fn keep(look: &Look<'_>, needle: &str) -> Vec<Keep> {
    let site = look.site();
    if needle.is_empty() && look.ui.filter == TreeFilter::All {
        return vec![Keep::Match; site.parts.len()];
    }
    let mut keep: Vec<Keep> = site
        .parts
        .iter()
        .enumerate()
        .map(|(row, part)| {
            let asked = look.scene.found.as_ref().map(|found| match found {
                Ok(found) => found.contains(&PartRow(row as u32)),
                Err(_) => false,
            });
            let named = || {
                needle.is_empty()
                    || [part.name.as_str(), &part.id, &part.kind]
                        .iter()
                        .any(|text| find_ignoring_case(text, needle).is_some())
                    || site
                        .assets
                        .get(part.asset.index())
                        .is_some_and(|asset| find_ignoring_case(look::asset_name(asset), needle).is_some())
            };
            let found = asked.unwrap_or_else(named);
            let status = look.status(PartRow(row as u32));
            let wanted = match look.ui.filter {
                TreeFilter::All => true,
                TreeFilter::Alarms => status.state > Severity::Normal,
                TreeFilter::Unknown => {
                    matches!(status.quality, Quality::Stale | Quality::Bad)
                        || (status.quality == Quality::NoData && status.reason != QualityReason::NotMeasured)
                }
            };
            if found && wanted && !site.removed.contains(&part.asset) { Keep::Match } else { Keep::No }
        })
        .collect();
    for row in 0..site.parts.len() {
        if keep.get(row) != Some(&Keep::Match) {
            continue;
        }
        let mut above = site.parts.get(row).and_then(|part| part.parent);
        let mut steps = 0;
        while let Some(parent) = above
            && let Some(place) = keep.get_mut(parent.index())
            && *place == Keep::No
            && steps < 64
        {
            *place = Keep::Context;
            above = site.parts.get(parent.index()).and_then(|part| part.parent);
            steps += 1;
        }
    }
    keep
}

/// Something should be known and is not.
#[must_use]
pub fn missing(quality: Quality, reason: QualityReason) -> bool {
    match quality {
        Quality::Good | Quality::Uncertain => false,
        Quality::Stale | Quality::Bad => true,
        Quality::NoData => reason != QualityReason::NotMeasured,
    }
}

/// Where `needle` (lower case) is in `text`, as a range of bytes of `text`.
#[must_use]
pub fn find_ignoring_case(text: &str, needle: &str) -> Option<Range<usize>> {
    if needle.is_empty() {
        return None;
    }
    // Most names are ASCII, and a search looks at every part in every frame.
    if text.is_ascii() && needle.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        let at = text.windows(needle.len()).position(|window| {
            // The needle is in lower case already.
            window.iter().zip(needle).all(|(a, b)| a.to_ascii_lowercase() == *b)
        })?;
        return Some(at..at + needle.len());
    }
    text.char_indices().map(|(at, _)| at).find_map(|start| {
        let rest = text.get(start..)?;
        let mut wanted = needle.chars();
        for (at, c) in rest.char_indices() {
            for lower in c.to_lowercase() {
                match wanted.next() {
                    None => return Some(start..start + at),
                    Some(w) if w == lower => {}
                    Some(_) => return None,
                }
            }
        }
        wanted.next().is_none().then_some(start..text.len())
    })
}
