//! Which bindings does a topic reach? A trie over topic levels, compiled once.
//!
//! The cost of a match depends on the levels of the topic and on the wildcards that apply, not on the number of filters.
//! Nothing recurses and nothing is stored per topic here; the bounded cache of seen topics lives with the source.
//!
//! Rules are those of MQTT 5, section 4.7: `+` is one whole level (an empty one too), `#` is the parent level and
//! everything below it, and a filter that begins with a wildcard does not match a topic that begins with `$`.
//! Topics are bytes, because a topic that is no UTF-8 must not end anything: it just matches no literal level.

use std::collections::{BTreeSet, HashMap};

/// Index of a filter in the order in which it was added.
pub type FilterId = u32;

/// A set of topic filters that can be matched against topics.
#[derive(Clone, Debug)]
pub struct Router {
    nodes: Vec<Node>,
    filters: u32,
}

#[derive(Clone, Debug, Default)]
struct Node {
    literal: HashMap<Box<[u8]>, u32>,
    plus: Option<u32>,
    /// Filters that end here.
    here: Vec<FilterId>,
    /// Filters that end here with `#`.
    hash: Vec<FilterId>,
}

impl Default for Router {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], filters: 0 }
    }
}

/// A reusable pair of work lists for [`Router::matches`].
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    now: Vec<u32>,
    next: Vec<u32>,
}

impl Router {
    /// Adds a filter and returns its id. A filter that MQTT does not allow gets an id too, but matches nothing.
    pub fn add(&mut self, filter: &str) -> FilterId {
        let id = self.filters;
        self.filters = self.filters.saturating_add(1);
        if !is_valid_filter(filter) {
            return id;
        }
        let mut at = 0;
        for level in filter.split('/') {
            if level == "#" {
                if let Some(node) = self.nodes.get_mut(at) {
                    node.hash.push(id);
                }
                return id;
            }
            at = self.child(at, level);
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.here.push(id);
        }
        id
    }

    fn child(&mut self, parent: usize, level: &str) -> usize {
        let fresh = self.nodes.len();
        let Some(node) = self.nodes.get_mut(parent) else { return 0 };
        let fresh_row = u32::try_from(fresh).unwrap_or(u32::MAX);
        let child = if level == "+" {
            *node.plus.get_or_insert(fresh_row)
        } else {
            *node.literal.entry(level.as_bytes().into()).or_insert(fresh_row)
        };
        if child == fresh_row {
            self.nodes.push(Node::default());
        }
        child as usize
    }

    /// Appends the ids of all filters that match `topic` to `found`, in no particular order, each once.
    pub fn matches(&self, topic: &[u8], frontier: &mut Frontier, found: &mut Vec<FilterId>) {
        if topic.is_empty() {
            return;
        }
        let dollar = topic.first() == Some(&b'$');
        frontier.now.clear();
        frontier.now.push(0);
        for (depth, level) in topic.split(|byte| *byte == b'/').enumerate() {
            let wildcards = depth > 0 || !dollar;
            frontier.next.clear();
            for row in &frontier.now {
                let Some(node) = self.nodes.get(*row as usize) else { continue };
                if wildcards {
                    found.extend_from_slice(&node.hash);
                    frontier.next.extend(node.plus);
                }
                if let Some(child) = node.literal.get(level) {
                    frontier.next.push(*child);
                }
            }
            std::mem::swap(&mut frontier.now, &mut frontier.next);
            if frontier.now.is_empty() {
                return;
            }
        }
        for row in &frontier.now {
            let Some(node) = self.nodes.get(*row as usize) else { continue };
            found.extend_from_slice(&node.here);
            // `a/#` matches `a`. The root is no topic level, so this never meets a leading `#`.
            found.extend_from_slice(&node.hash);
        }
    }

    /// Whether another filter than `filter` itself matches every topic that `filter` matches.
    fn covers(&self, filter: &str) -> bool {
        let mut now = vec![0_u32];
        let mut next = Vec::new();
        for (depth, level) in filter.split('/').enumerate() {
            let wildcards = depth > 0 || !filter.starts_with('$');
            next.clear();
            for row in &now {
                let Some(node) = self.nodes.get(*row as usize) else { continue };
                if wildcards && level != "#" && !node.hash.is_empty() {
                    return true;
                }
                if wildcards && level != "#" {
                    next.extend(node.plus);
                }
                if !matches!(level, "#" | "+") {
                    next.extend(node.literal.get(level.as_bytes()).copied());
                }
                if level == "#" && !node.hash.is_empty() && !self.is_own_path(*row, filter) {
                    return true;
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
        if filter == "#" || filter.ends_with("/#") {
            return false;
        }
        now.iter().any(|row| {
            self.nodes
                .get(*row as usize)
                .is_some_and(|node| !node.hash.is_empty() || (!node.here.is_empty() && !self.is_own_path(*row, filter)))
        })
    }

    /// Whether `row` is the node at which `filter` itself ends.
    fn is_own_path(&self, row: u32, filter: &str) -> bool {
        let mut at = 0_u32;
        for level in filter.split('/') {
            let next = match (level, self.nodes.get(at as usize)) {
                ("#", Some(_)) => return at == row,
                ("+", Some(node)) => node.plus,
                (literal, Some(node)) => node.literal.get(literal.as_bytes()).copied(),
                (_, None) => None,
            };
            let Some(next) = next else { return false };
            at = next;
        }
        at == row
    }
}

/// Whether MQTT allows `filter`: not empty, at most 65,535 bytes, no NUL, wildcards alone on their level, `#` last.
#[must_use]
pub fn is_valid_filter(filter: &str) -> bool {
    if filter.is_empty() || filter.len() > usize::from(u16::MAX) || filter.contains('\0') {
        return false;
    }
    let mut after_hash = false;
    filter.split('/').all(|level| {
        let fine = !after_hash && (level.len() == 1 || !level.contains(['+', '#']));
        after_hash |= level == "#";
        fine
    })
}

/// The fewest of `filters` that match the same topics, sorted: duplicates, invalid ones, and those that another one
/// covers are left out.
#[must_use]
pub fn minimal<'a>(filters: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let unique: BTreeSet<&str> = filters.into_iter().filter(|filter| is_valid_filter(filter)).collect();
    let mut router = Router::default();
    for filter in &unique {
        router.add(filter);
    }
    unique.into_iter().filter(|filter| !router.covers(filter)).map(str::to_owned).collect()
}

/// The `N` levels after the three of `twinscope/v1/{site}`. `None` if there are more or fewer, or one of them is empty,
/// longer than 128 bytes, no UTF-8, or holds control characters.
pub(crate) fn levels_after_site<const N: usize>(topic: &[u8]) -> Option<[&str; N]> {
    let mut levels = std::str::from_utf8(topic).ok()?.split('/').skip(3);
    let mut found = [""; N];
    for place in &mut found {
        let fits = |level: &&str| !level.is_empty() && level.len() <= 128 && !level.contains(char::is_control);
        *place = levels.next().filter(fits)?;
    }
    levels.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(filters: &[&str], topic: &[u8]) -> Vec<u32> {
        let mut router = Router::default();
        for filter in filters {
            router.add(filter);
        }
        let mut found = Vec::new();
        router.matches(topic, &mut Frontier::default(), &mut found);
        found.sort_unstable();
        found
    }

    /// The rules of MQTT 5, 4.7, word by word, one level after the other.
    fn naive(filter: &str, topic: &str) -> bool {
        if topic.is_empty() || (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
            return false;
        }
        let filter: Vec<&str> = filter.split('/').collect();
        let topic: Vec<&str> = topic.split('/').collect();
        for (index, level) in filter.iter().enumerate() {
            match *level {
                "#" => return true,
                "+" if index < topic.len() => {}
                literal if topic.get(index) == Some(&literal) => {}
                _ => return false,
            }
            if index + 1 == topic.len() && filter.get(index + 1) == Some(&"#") {
                return true;
            }
        }
        filter.len() == topic.len()
    }

    #[test]
    fn examples_of_the_standard() {
        for (filter, topic, expected) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
            ("sport/tennis/player1/#", "sport/tennis/player2", false),
            ("sport/#", "sport", true),
            ("#", "anything/at/all", true),
            ("sport/tennis/+", "sport/tennis/player1", true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/monitor/Clients", false),
            ("+/monitor/Clients", "$SYS/monitor/Clients", false),
            ("$SYS/#", "$SYS/monitor/Clients", true),
            ("$SYS/monitor/+", "$SYS/monitor/Clients", true),
            ("a/$b/#", "a/$b", true),
            ("a/+", "a/$b", true),
            ("a//b", "a//b", true),
            ("a/+/b", "a//b", true),
        ] {
            assert_eq!(!matched(&[filter], topic.as_bytes()).is_empty(), expected, "{filter} against {topic}");
            assert_eq!(naive(filter, topic), expected, "the naive matcher: {filter} against {topic}");
        }
    }

    #[test]
    fn invalid_filters_match_nothing() {
        for filter in ["", "a#", "a/#/b", "a+/b", "+a", "##", "a/\0"] {
            assert!(!is_valid_filter(filter), "{filter:?}");
            assert!(matched(&[filter], b"a/b").is_empty(), "{filter:?}");
        }
    }

    #[test]
    fn a_topic_that_is_no_utf8_matches_wildcards_only() {
        assert_eq!(matched(&["a/+", "a/b", "#"], b"a/\xff"), [0, 2]);
    }

    #[test]
    fn wildcards_in_a_topic_are_plain_bytes() {
        assert_eq!(matched(&["a/+", "a/#", "a/b"], b"a/+"), [0, 1]);
        assert!(matched(&["a/b"], b"a/+").is_empty());
        assert!(matched(&["a/b"], b"a/#").is_empty());
    }

    #[test]
    fn a_topic_of_many_levels_is_only_long() {
        let topic = "/".repeat(65_535);
        assert_eq!(matched(&["#", "+/+", "+/+/+/#"], topic.as_bytes()), [0, 2]);
    }

    #[test]
    fn covered_filters_are_left_out() {
        fn check(filters: &[&str], expected: &[&str]) {
            assert_eq!(minimal(filters.iter().copied()), expected, "{filters:?}");
        }
        check(&["b", "a", "b"], &["a", "b"]);
        check(&["a/b", "a/+"], &["a/+"]);
        check(&["a/b/c", "a/#", "a"], &["a/#"]);
        check(&["a/#", "a/+/#"], &["a/#"]);
        check(&["a/+/#", "a/b/#"], &["a/+/#"]);
        check(&["+/b", "a/+"], &["+/b", "a/+"]);
        check(&["#", "$SYS/x"], &["#", "$SYS/x"]);
        check(&["#", "+", "a/b/c", "+/#"], &["#"]);
        check(&["a/#", "a/b#"], &["a/#"]);
        check(&["+/+", "+/b", "a/+"], &["+/+"]);
        check(&["a/+/c", "a/b/+"], &["a/+/c", "a/b/+"]);
    }

    fn filter() -> impl Strategy<Value = String> {
        let level = prop::sample::select(vec!["a", "b", "", "+", "$s"]);
        (prop::collection::vec(level, 1..5), any::<bool>()).prop_map(|(mut levels, hash)| {
            if hash {
                levels.push("#");
            }
            levels.join("/")
        })
    }

    fn topic() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "", "$s"]), 1..6).prop_map(|levels| levels.join("/"))
    }

    proptest! {
        #[test]
        fn the_trie_equals_the_naive_matcher(filters in prop::collection::vec(filter(), 0..12), topic in topic()) {
            let names: Vec<&str> = filters.iter().map(String::as_str).collect();
            let expected: Vec<u32> = (0_u32..).zip(&names)
                .filter(|(_, filter)| is_valid_filter(filter) && naive(filter, &topic))
                .map(|(id, _)| id)
                .collect();
            prop_assert_eq!(matched(&names, topic.as_bytes()), expected);
        }

        #[test]
        fn the_minimal_set_matches_the_same_topics(filters in prop::collection::vec(filter(), 0..8), topic in topic()) {
            let valid = filters.iter().filter(|filter| is_valid_filter(filter));
            let all = valid.clone().any(|filter| naive(filter, &topic));
            let kept = minimal(filters.iter().map(String::as_str));
            prop_assert_eq!(kept.iter().any(|filter| naive(filter, &topic)), all);
        }

        #[test]
        fn no_topic_panics(topic in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = matched(&["a/+/#", "#", "+", "/"], &topic);
        }
    }
}
