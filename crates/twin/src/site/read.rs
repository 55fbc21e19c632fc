//! Reads a TOML table by its [`Shape`]: unknown keys, missing keys, defaults. Values: [`read_value`].
//!
//! Never stops at the first problem. A text that breaks its rule is reported and kept, so that what refers to it is
//! not reported too; other values that break theirs are left out.

use std::ops::Range;

use toml_edit::TableLike;

use super::node::{Checked, Node};
use super::problem::{Problems, Spanned};
use super::read_value::{read_value, whole};
use super::shape::{Default, Kind, Shape};
use super::suggest::nearest;
use super::units;

/// Reads a table by its shape.
pub(crate) fn read(shape: &'static Shape, table: &dyn TableLike, span: Range<usize>, problems: &mut Problems) -> Node {
    let mut node = Node { span, ..Node::default() };
    let mut meant = Vec::new();
    let mut strangers = false;
    for (name, item) in table.iter() {
        let key_span = table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| node.span.clone());
        let span = item.span().filter(|span| !span.is_empty()).unwrap_or_else(|| key_span.clone());
        let Some(key) = shape.keys.iter().find(|key| key.name == name) else {
            meant.extend(unknown(shape, name, &key_span, problems));
            strangers = true;
            continue;
        };
        if let Some(value) = read_value(key, item, &span, problems) {
            node.values.insert(key.name, Spanned::new(value, span));
        }
    }
    for key in shape.keys {
        // A misspelt key is reported once, not also as missing.
        if table.contains_key(key.name) || meant.contains(&key.name) {
            continue;
        }
        if key.required {
            problems.error_with(&node.span, format!("{} needs `{}`", shape.name, key.name), key.doc);
        } else if let Some(default) = key.default {
            let value = match (default, &key.kind) {
                // Its bounds hold because a test reads every default.
                (Default::Text(text), Kind::Duration { .. }) => units::duration_ms(text).ok().map(whole),
                (Default::Text(text), Kind::Size { .. }) => units::size_bytes(text).ok().map(whole),
                (Default::Text(text), _) => Some(Checked::Text(text.to_owned())),
                (Default::Integer(number), _) => Some(Checked::Integer(number)),
                (Default::Number(number), _) => Some(Checked::Number(number)),
            };
            let span = node.span.clone();
            node.values.extend(value.map(|value| (key.name, Spanned::new(value, span))));
        }
    }
    exactly_one(shape, table, &node.span, strangers, problems);
    node
}

/// The defaults of a table that the file does not have.
pub(crate) fn defaults(shape: &'static Shape, span: Range<usize>) -> Node {
    read(shape, &toml_edit::Table::new(), span, &mut Problems::default())
}

/// Reports an unknown key, and gives the key that was probably meant.
fn unknown(shape: &Shape, name: &str, span: &Range<usize>, problems: &mut Problems) -> Option<&'static str> {
    if let Some(refused) = shape.refused.iter().find(|refused| refused.key == name) {
        problems.error_with(span, refused.message, refused.hint);
        return None;
    }
    let shown: String = name.chars().take(64).collect();
    let message = format!("unknown key `{shown}` in {}", shape.name);
    let known = shape.keys.iter().map(|key| key.name);
    let near = nearest(name, known.clone());
    match near {
        Some(near) => problems.error(span, format!("{message}; did you mean `{near}`?")),
        None => problems.error_with(span, message, format!("it may have {}", known.collect::<Vec<_>>().join(", "))),
    }
    near
}

/// `strangers`: an unknown key may have been meant, so that none is missing.
fn exactly_one(shape: &Shape, table: &dyn TableLike, span: &Range<usize>, strangers: bool, problems: &mut Problems) {
    let [first, .., last] = shape.exactly_one_of else { return };
    let there: Vec<_> = shape.exactly_one_of.iter().filter(|key| table.contains_key(key)).collect();
    match there.as_slice() {
        [_] => {}
        [] if strangers => {}
        [] if shape.exactly_one_of.len() == 2 => {
            problems.error(span, format!("{} needs `{first}` or `{last}`", shape.name));
        }
        [] => problems.error(span, format!("{} needs one of {}", shape.name, shape.exactly_one_of.join(", "))),
        [one, other, ..] => {
            let span = table.key(other).and_then(toml_edit::Key::span).unwrap_or_else(|| span.clone());
            problems.error(&span, format!("{} has `{one}` or `{other}`, not both", shape.name));
        }
    }
}
