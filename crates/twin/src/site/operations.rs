//! Who can work on the machines of a site, and when.

use std::ops::Range;

use crate::decode::clock::from_rfc3339;
use crate::time::WallMs;

/// `[operations]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    /// Crews that can work at the same time, at least one.
    pub crews: u32,
    /// When work is possible, UTC, in the order of the file; empty: the file does not say.
    pub windows: Vec<Range<WallMs>>,
}

impl Default for Operations {
    fn default() -> Self {
        Self { crews: 1, windows: Vec::new() }
    }
}

/// Longest window, days: a year, and so short enough for a slip of the year to be seen.
const MOST_DAYS: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// `2026-12-03` or `2026-12-03/2026-12-05` (ISO 8601), both days included, UTC.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn days(text: &str) -> Result<Range<WallMs>, String> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let day = |day: &str| {
        let midnight = (day.len() == 10).then(|| from_rfc3339(&format!("{day}T00:00:00Z"))).flatten();
        midnight.ok_or_else(|| format!("`{day}` is not a day"))
    };
    let (from, to) = (day(first)?, day(last)?.saturating_add(DAY_MS));
    if to <= from {
        return Err(format!("{last} is before {first}"));
    }
    if to - from > MOST_DAYS * DAY_MS {
        return Err(format!("from {first} to {last} are more than {MOST_DAYS} days"));
    }
    Ok(from..to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_included() {
        // date -u -d 2026-12-03 +%s: 1796256000; 6 December is three days later.
        let from = 1_796_256_000_000;
        assert_eq!(days("2026-12-03/2026-12-05"), Ok(from..from + 3 * DAY_MS));
        assert_eq!(days("2026-12-03"), Ok(from..from + DAY_MS));
    }

    #[test]
    fn what_is_no_span_of_days_says_why() {
        for (text, why) in [
            ("", "`` is not a day"),
            ("2026-13-01", "`2026-13-01` is not a day"),
            ("2026-02-29/2026-03-01", "`2026-02-29` is not a day"),
            ("2026-12-03/", "`` is not a day"),
            ("2026-12-03/2026-12-05/2026-12-06", "`2026-12-05/2026-12-06` is not a day"),
            ("2026-12-05/2026-12-03", "2026-12-03 is before 2026-12-05"),
            ("2026-12-03/2036-12-05", "from 2026-12-03 to 2036-12-05 are more than 366 days"),
        ] {
            assert_eq!(days(text), Err(why.to_owned()), "{text:?}");
        }
    }
}
