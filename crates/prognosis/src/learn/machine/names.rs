//! Names of signals that live as long as the program: predictions name what they are of by such.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Most names; a site has some dozens, from configurations only. What comes after them is called `signal`.
const MOST: usize = 4_096;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The name, kept for good. The same name is kept once.
pub(super) fn kept(name: &str) -> &'static str {
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&known) = names.get(name) {
        return known;
    }
    if names.len() >= MOST {
        return "signal";
    }
    let new: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(new);
    new
}
