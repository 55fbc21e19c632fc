//! "Did you mean …?": the nearest of the known names.

/// The candidate nearest to `word`, if it is near enough to be a slip: at most a third of the letters differ.
///
/// Letter case and `-`/`_` do not count. Ties go to the first candidate. Looks at the first 5,000 candidates only: a
/// file with a thousand slips against a model with 100,000 nodes must not take a minute.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    const MOST: usize = 5_000;
    let plain = |text: &str| -> Vec<char> {
        text.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).take(LONGEST).collect()
    };
    let word = plain(word);
    let allowed = (word.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(MOST) {
        let letters = plain(candidate);
        if letters.len().abs_diff(word.len()) > allowed {
            continue;
        }
        let distance = distance(&word, &letters);
        // A single letter is near to every other single letter.
        if distance <= allowed && distance < word.len().max(1) && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance (Damerau 1964): insert, delete, replace, swap neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX - 1);
            let mut d = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                d = d.min(at(&before, j - 1).saturating_add(1));
            }
            row.push(d);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(word, candidates.iter().copied()), expected);
    }

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        check("Gearbx", &["Generator", "Gearbox", "Hub"], Some("Gearbox"));
        check("Gaerbox", &["Gearbox"], Some("Gearbox"));
        check("gearbox", &["Gearbox"], Some("Gearbox"));
        check("stale-after", &["stale_after"], Some("stale_after"));
        check("pasword_file", &["password_file", "password_env"], Some("password_file"));
        check("blade_4", &["blade_1", "blade_2"], Some("blade_1"));
        check("tower", &["brake", "hub"], None);
        check("x", &["y"], None);
        check("", &["a"], None);
        check("hub", &[], None);
    }

    #[test]
    fn distance_counts_a_swap_once() {
        let d = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(d("ab", "ba"), 1);
        assert_eq!(d("kitten", "sitting"), 3);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("abc", "abc"), 0);
    }
}
