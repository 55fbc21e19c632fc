//! One pass over a JSON document that keeps what the pointers name and skips the rest.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Unreadable;
use super::pointer::{Node, PointerTree};
use crate::value::Value;

/// What stood at a pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Capture {
    /// Nothing.
    #[default]
    Absent,
    Null,
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Flag(bool),
    /// Its place in [`Captures::text`].
    Text(Range<usize>),
    /// Longer than [`Value::MAX_TEXT`].
    LongText,
    /// An object, an array, or a number that is none.
    Other,
}

/// The captures of one document, and the memory that the next one reuses.
#[derive(Clone, Debug, Default)]
pub(super) struct Captures {
    pub slots: Vec<Capture>,
    pub text: String,
}

impl Captures {
    fn reset(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, Capture::Absent);
        self.text.clear();
    }

    fn set(&mut self, node: &Node, capture: Capture) {
        if let Some(slot) = node.slot.and_then(|slot| self.slots.get_mut(usize::from(slot))) {
            *slot = capture;
        }
    }

    fn set_text(&mut self, node: &Node, text: &str) {
        if node.slot.is_none() {
            return;
        }
        if text.len() > Value::MAX_TEXT {
            return self.set(node, Capture::LongText);
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.set(node, Capture::Text(start..start + text.len()));
    }

    pub fn get(&self, slot: u16) -> &Capture {
        self.slots.get(usize::from(slot)).unwrap_or(&Capture::Absent)
    }

    pub fn text(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

/// Reads a document. After an error the captures hold nothing.
pub(super) fn read(tree: &PointerTree, text: &str, depth: u16, captures: &mut Captures) -> Result<(), Unreadable> {
    captures.reset(tree.slots());
    if is_deeper(text.as_bytes(), usize::from(depth)) {
        return Err(Unreadable::TooDeep);
    }
    if visit(tree, text, captures).is_ok() {
        return Ok(());
    }
    captures.reset(tree.slots());
    // The parser knows no NaN and stops at it. Rare, so the second pass costs nobody else anything.
    if let Cow::Owned(replaced) = without_impossible_numbers(text) {
        if visit(tree, &replaced, captures).is_ok() {
            return Ok(());
        }
        captures.reset(tree.slots());
    }
    Err(Unreadable::NotJson)
}

fn visit(tree: &PointerTree, text: &str, captures: &mut Captures) -> Result<(), serde_json::Error> {
    let mut document = serde_json::Deserializer::from_str(text);
    if let Some(root) = tree.node(0) {
        Seed { tree, node: root, captures }.deserialize(&mut document)?;
    }
    document.end()
}

/// Whether objects and arrays are nested deeper than `limit`. Counts brackets first, which is enough for most payloads:
/// a document with few brackets cannot be deep.
fn is_deeper(bytes: &[u8], limit: usize) -> bool {
    // `[` is 0x5B and `{` is 0x7B: one comparison finds both.
    if bytes.iter().map(|byte| usize::from(byte | 0x20 == b'{')).sum::<usize>() <= limit {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Replaces bare words for numbers that are none (`NaN`, `-Infinity`, …) and numbers beyond a double by `{}`, which is
/// of the wrong type wherever a value is expected.
fn without_impossible_numbers(text: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    let mut copied = 0;
    let (mut in_string, mut escaped, mut start) = (false, false, None);
    // One step past the end closes the last word.
    for (at, byte) in text.bytes().chain(std::iter::once(b' ')).enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take()
            && text.get(from..at).is_some_and(is_impossible)
        {
            replaced.push_str(text.get(copied..from).unwrap_or_default());
            replaced.push_str("{}");
            copied = at;
        }
        in_string = byte == b'"';
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    replaced.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(replaced)
}

fn is_impossible(word: &str) -> bool {
    let unsigned = word.trim_start_matches(['-', '+']);
    ["nan", "inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name))
        || (unsigned.starts_with(|first: char| first.is_ascii_digit())
            && word.parse::<f64>().is_ok_and(f64::is_infinite))
}

struct Seed<'t, 'c> {
    tree: &'t PointerTree,
    node: &'t Node,
    captures: &'c mut Captures,
}

impl Seed<'_, '_> {
    /// A key that comes twice: nothing of the first value may stay.
    fn forget(&mut self, node: &Node) {
        self.captures.set(node, Capture::Absent);
        for child in node.children() {
            if let Some(child) = self.tree.node(child) {
                self.forget(child);
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.captures.set(self.node, Capture::Flag(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.captures.set(self.node, Capture::Signed(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.captures.set(self.node, Capture::Unsigned(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.captures.set(self.node, Capture::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.captures.set_text(self.node, value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.captures.set(self.node, Capture::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.captures.set(self.node, Capture::Other);
        let mut bound = self.node.by_index().iter().peekable();
        for index in 0_usize.. {
            let child = bound.next_if(|(at, _)| *at == index).and_then(|(_, row)| self.tree.node(*row));
            let more = match child {
                Some(node) => {
                    elements.next_element_seed(Seed { tree: self.tree, node, captures: &mut *self.captures })?.is_some()
                }
                None => elements.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.captures.set(self.node, Capture::Other);
        while let Some(child) = entries.next_key_seed(KeySeed(self.node))? {
            let Some(node) = child.and_then(|row| self.tree.node(row)) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            if !node.is_leaf() {
                self.forget(node);
            }
            entries.next_value_seed(Seed { tree: self.tree, node, captures: &mut *self.captures })?;
        }
        Ok(())
    }
}

/// Reads a key and finds its child, without keeping the key.
struct KeySeed<'t>(&'t Node);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<u32>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<u32>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.by_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn captures(pointers: &[&str], text: &str) -> Result<Vec<String>, Unreadable> {
        let mut tree = PointerTree::default();
        for pointer in pointers {
            tree.add(pointer);
        }
        let mut captures = Captures::default();
        read(&tree, text, 32, &mut captures)?;
        let shown = |capture: &Capture| match capture {
            Capture::Text(range) => format!("{:?}", captures.text(range)),
            other => format!("{other:?}"),
        };
        Ok(captures.slots.iter().map(shown).collect())
    }

    #[track_caller]
    fn check(pointer: &str, text: &str, expected: &str) {
        assert_eq!(captures(&[pointer], text), Ok(vec![expected.to_owned()]), "{pointer} in {text}");
    }

    #[test]
    fn values_at_pointers() {
        check("/t", r#"{"t":23.5}"#, "Float(23.5)");
        check("/t", r#"{"x":[1,{"t":2}],"t":-3,"u":"t"}"#, "Signed(-3)");
        check("/a/b", r#"{"a":{"c":0,"b":true}}"#, "Flag(true)");
        check("/a/1/v", r#"{"a":[{"v":1},{"v":2},{"v":3}]}"#, "Unsigned(2)");
        check("/1", r#"{"1":"one"}"#, "\"one\"");
        check("/a~1b/~0", r#"{"a/b":{"~":null}}"#, "Null");
        check("", "7", "Unsigned(7)");
        check("/", r#"{"":1}"#, "Unsigned(1)");
        check("/ä", r#"{"\u00e4":1}"#, "Unsigned(1)");
        check("/t", "{}", "Absent");
        check("/t", "[1]", "Absent");
        check("/t", "7", "Absent");
        check("/t", r#"{"t":[1]}"#, "Other");
        check("/t", r#"{"t":9223372036854775808}"#, "Unsigned(9223372036854775808)");
        check("/t", r#"{"t":18446744073709551616}"#, "Float(1.8446744073709552e19)");
        check("/t", r#"{"t":-0.0}"#, "Float(-0.0)");
    }

    #[test]
    fn hundreds_of_bound_values_of_one_payload() {
        let pointers: Vec<String> =
            (0..300).rev().flat_map(|tag| [format!("/tag{tag}"), format!("/list/{tag}")]).collect();
        let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
        let tags: Vec<String> = (0..300).map(|tag| format!("\"tag{tag}\":{tag}")).collect();
        let list: Vec<String> = (0..310).map(|tag| (1000 + tag).to_string()).collect();
        let text = format!("{{{},\"list\":[{}]}}", tags.join(","), list.join(","));
        let expected: Vec<String> =
            (0..300).rev().flat_map(|tag| [format!("Unsigned({tag})"), format!("Unsigned({})", 1000 + tag)]).collect();
        assert_eq!(captures(&pointers, &text), Ok(expected));
    }

    #[test]
    fn a_pointer_and_its_parent_are_both_found() {
        let found = captures(&["/a", "/a/b"], r#"{"a":{"b":1}}"#);
        assert_eq!(found, Ok(vec!["Other".to_owned(), "Unsigned(1)".to_owned()]));
    }

    #[test]
    fn of_duplicate_keys_the_last_wins() {
        check("/t", r#"{"t":1,"t":2}"#, "Unsigned(2)");
        check("/a/b", r#"{"a":{"b":1},"a":{}}"#, "Absent");
        check("/a/b", r#"{"a":{"b":1},"a":7}"#, "Absent");
    }

    #[test]
    fn impossible_numbers_are_wrong_where_they_stand_only() {
        for word in ["NaN", "-Infinity", "Infinity", "nan", "1e400", "-1e999"] {
            let text = format!(r#"{{"a":{word},"b":"NaN","c":1.5}}"#);
            let found = captures(&["/a", "/b", "/c"], &text);
            assert_eq!(found, Ok(vec!["Other".to_owned(), "\"NaN\"".to_owned(), "Float(1.5)".to_owned()]), "{word}");
        }
        check("/c", r#"{"a":[NaN, 1], "c":2}"#, "Unsigned(2)");
        check("", "NaN", "Other");
    }

    #[test]
    fn what_is_not_json() {
        for text in
            ["{", "{\"t\":1}}", "{\"t\":1} x", "{\"t\":}", "{'t':1}", "nope", "{\"t\":1,}", "{\"t\":01}", "NaN NaN"]
        {
            assert_eq!(captures(&["/t"], text), Err(Unreadable::NotJson), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_wherever_it_is() {
        let deep = |levels: usize| format!("{{\"x\":{}{},\"t\":1}}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(captures(&["/t"], &deep(31)), Ok(vec!["Unsigned(1)".to_owned()]));
        assert_eq!(captures(&["/t"], &deep(32)), Err(Unreadable::TooDeep));
        assert_eq!(captures(&["/x"], &deep(100_000)), Err(Unreadable::TooDeep));
        assert_eq!(captures(&["/x"], &"[".repeat(100_000)), Err(Unreadable::TooDeep));
        let wide = format!("{{\"x\":[{}0],\"t\":1}}", "[],".repeat(1000));
        assert_eq!(captures(&["/t"], &wide), Ok(vec!["Unsigned(1)".to_owned()]));
        let brackets_in_text = format!("{{\"x\":\"\\\"{}\",\"t\":1}}", "[".repeat(1000));
        assert_eq!(captures(&["/t"], &brackets_in_text), Ok(vec!["Unsigned(1)".to_owned()]));
    }

    #[test]
    fn a_long_text_is_not_kept() {
        check("/t", &format!("{{\"t\":\"{}\"}}", "a".repeat(Value::MAX_TEXT + 1)), "LongText");
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "[a-c~/\"\\\\ä]{0,4}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-c]{0,1}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// `serde_json::Value::pointer` is the judge.
        #[test]
        fn agrees_with_a_whole_document(document in json(), tokens in prop::collection::vec("[a-c0-2]{0,1}", 0..4)) {
            let pointer: String = tokens.iter().map(|token| format!("/{token}")).collect();
            let mut tree = PointerTree::default();
            tree.add(&pointer);
            let mut found = Captures::default();
            read(&tree, &document.to_string(), 32, &mut found).unwrap();
            // Both sides come from the same parser, which is not exact in the last bit of a double.
            let reread: serde_json::Value = serde_json::from_str(&document.to_string()).unwrap();
            let expected = reread.pointer(&pointer);
            match (found.get(0), expected) {
                (Capture::Absent, None) | (Capture::Null, Some(serde_json::Value::Null)) => {}
                (Capture::Signed(number), Some(value)) => prop_assert_eq!(value.as_i64(), Some(*number)),
                (Capture::Unsigned(number), Some(value)) => prop_assert_eq!(value.as_u64(), Some(*number)),
                (Capture::Float(number), Some(value)) => prop_assert_eq!(value.as_f64(), Some(*number)),
                (Capture::Flag(flag), Some(value)) => prop_assert_eq!(value.as_bool(), Some(*flag)),
                (Capture::Text(range), Some(value)) => prop_assert_eq!(value.as_str(), Some(found.text(range))),
                (Capture::Other, Some(value)) => prop_assert!(value.is_object() || value.is_array()),
                (found, expected) => prop_assert!(false, "{found:?} for {expected:?}"),
            }
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"\\\\a-cNI0-9eE.+ \u{feff}-]{0,60}") {
            let _ = captures(&["", "/a", "/a/0", "/0"], &text);
        }
    }
}
