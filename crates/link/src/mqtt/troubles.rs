//! Trouble that comes in swarms is told a few times a second, with the count of what was left out.

use std::time::{Duration, Instant};

/// At most one message in this time.
const SPACING: Duration = Duration::from_millis(200);

/// Decides which troubles are told.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    last: Option<Instant>,
    left_out: u64,
}

impl Troubles {
    /// The message to tell now, if any.
    pub(crate) fn tell(&mut self, message: String, now: Instant) -> Option<String> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < SPACING) {
            self.left_out += 1;
            return None;
        }
        self.last = Some(now);
        Some(match std::mem::take(&mut self.left_out) {
            0 => message,
            more => format!("{message} (and {more} more like it)"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swarm_is_told_seldom_and_counted() {
        let mut troubles = Troubles::default();
        let start = Instant::now();
        assert_eq!(troubles.tell("a".to_owned(), start).as_deref(), Some("a"));
        assert_eq!(troubles.tell("b".to_owned(), start), None);
        assert_eq!(troubles.tell("c".to_owned(), start + Duration::from_millis(199)), None);
        let later = troubles.tell("d".to_owned(), start + SPACING);
        assert_eq!(later.as_deref(), Some("d (and 2 more like it)"));
    }
}
