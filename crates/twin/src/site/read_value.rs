//! Reads the value of a key by its [`Kind`]: wrong types, bounds, rules for texts.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Item, Value};

use super::node::{Checked, MOST_FREE};
use super::problem::{ProblemSeverity, Problems, Spanned};
use super::read::read;
use super::rule::{self, Fault};
use super::shape::{Key, Kind, Shape, bound};
use super::suggest::nearest;
use super::units;

/// `item` as what `key` holds; `None` once a problem is reported.
pub(super) fn read_value(key: &Key, item: &Item, span: &Range<usize>, problems: &mut Problems) -> Option<Checked> {
    let result = match (&key.kind, item) {
        (Kind::Table(shape), _) => {
            if let Some(table) = item.as_table_like() {
                return Some(Checked::Table(read(shape, table, span.clone(), problems).into()));
            }
            Err(wrong_type(key, item))
        }
        (Kind::Tables { shape, most }, _) => return tables(key, shape, *most, item, span, problems),
        (Kind::Vars { most }, _) => return vars(key, *most, item, span, problems),
        (Kind::Names { most }, _) => return names(key, *most, item, span, problems),
        (Kind::Free, _) => free(key, item),
        (_, Item::Value(value)) => match (&key.kind, value) {
            (Kind::Texts { rule, max, most }, Value::Array(array)) => {
                let rule = Kind::Text { rule: *rule, max: *max };
                return Some(texts(key, &rule, *most, array, span, problems));
            }
            (Kind::Scalars { most }, Value::Array(array)) => return Some(scalars(key, *most, array, span, problems)),
            (Kind::Text { rule, max }, Value::String(text)) => {
                let text = text.value();
                if text.len() > *max {
                    Err((format!("`{}` has {} bytes; at most {max} are allowed", key.name, text.len()), None))
                } else {
                    if let Err((message, hint)) = rule.check(text) {
                        problems.push(ProblemSeverity::Error, span, format!("`{}`: {message}", key.name), hint);
                    }
                    return Some(Checked::Text(text.clone()));
                }
            }
            _ => simple(key, value),
        },
        _ => Err(wrong_type(key, item)),
    };
    match result {
        Ok(value) => Some(value),
        Err((message, hint)) => {
            problems.push(ProblemSeverity::Error, span, message, hint);
            None
        }
    }
}

fn wrong_type(key: &Key, item: &Item) -> Fault {
    (format!("`{}` must be {}, not {}", key.name, key.kind.expected(), article(item.type_name())), None)
}

fn article(type_name: &str) -> String {
    match type_name {
        "none" => "nothing".to_owned(),
        "string" => "a text".to_owned(),
        "float" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        other if other.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {other}"),
        other => format!("a {other}"),
    }
}

/// Values that are one TOML value.
fn simple(key: &Key, value: &Value) -> Result<Checked, Fault> {
    let name = key.name;
    let wrong = || Err(wrong_type(key, &Item::Value(value.clone())));
    match &key.kind {
        Kind::Version(version) => match value.as_integer() {
            Some(number) if number == *version => Ok(Checked::Integer(number)),
            Some(number) if number > *version => {
                Err((format!("schema {number} is newer than this program, which reads schema {version}"), None))
            }
            Some(number) => Err((format!("there is no schema {number}"), Some(format!("write schema = {version}")))),
            None => wrong(),
        },
        Kind::Bool => value.as_bool().map_or_else(wrong, |flag| Ok(Checked::Bool(flag))),
        Kind::True => match value.as_bool() {
            Some(true) => Ok(Checked::Bool(true)),
            Some(false) => Err((format!("`{name}` is true or absent"), Some("leave it out".to_owned()))),
            None => wrong(),
        },
        Kind::Integer { min, max } => match value.as_integer() {
            Some(number) if (*min..=*max).contains(&number) => Ok(Checked::Integer(number)),
            Some(number) => Err((format!("`{name}` is {number}; it must be from {min} to {max}"), None)),
            None => wrong(),
        },
        Kind::Number { min, max } => match number(value) {
            Some(number) if (*min..=*max).contains(&number) => Ok(Checked::Number(number)),
            Some(number) => Err((format!("`{name}` is {number}; it must be from {min} to {max}"), None)),
            None => wrong(),
        },
        Kind::Duration { min_ms, max_ms } => {
            let Some(text) = value.as_str() else {
                let (message, _) = wrong_type(key, &Item::Value(value.clone()));
                let hint = value.as_integer().filter(|n| *n >= 0).map(|n| format!("write \"{n}s\" for seconds"));
                return Err((message, hint));
            };
            match units::duration_ms(text) {
                Ok(ms) if (*min_ms..=*max_ms).contains(&ms) => Ok(whole(ms)),
                Ok(ms) => Err((
                    format!(
                        "`{name}` is {}; it must be from {} to {}",
                        units::show_duration(ms),
                        units::show_duration(*min_ms),
                        units::show_duration(*max_ms)
                    ),
                    None,
                )),
                Err(message) => Err((
                    format!("`{name}`: {message}"),
                    Some("a whole number with ms, s, m, h or d, such as \"15s\"".to_owned()),
                )),
            }
        }
        Kind::Size { min, max } => {
            let bytes = match value {
                Value::Integer(number) => u64::try_from(*number.value()).map_err(|_| "is negative".to_owned()),
                Value::String(text) => units::size_bytes(text.value()),
                _ => return wrong(),
            };
            match bytes {
                Ok(bytes) if (*min..=*max).contains(&bytes) => Ok(whole(bytes)),
                Ok(bytes) => Err((
                    format!(
                        "`{name}` is {}; it must be from {} to {}",
                        units::show_size(bytes),
                        units::show_size(*min),
                        units::show_size(*max)
                    ),
                    None,
                )),
                Err(message) => Err((
                    format!("`{name}`: {message}"),
                    Some("a whole number with B, KiB or MiB, such as \"1MiB\"".to_owned()),
                )),
            }
        }
        Kind::OneOf(words) => match value.as_str() {
            Some(text) if words.contains(&text) => Ok(Checked::Text(text.to_owned())),
            Some(text) => {
                let shown: String = text.chars().take(64).collect();
                let mut message = format!("`{name}` is \"{shown}\"; it must be one of {}", words.join(", "));
                if let Some(near) = nearest(text, words.iter().copied()) {
                    message.push_str(&format!("; did you mean \"{near}\"?"));
                }
                Err((message, None))
            }
            None => wrong(),
        },
        Kind::Numbers { len, min, max } => {
            let Some(array) = value.as_array() else { return wrong() };
            let numbers: Vec<f64> = array.iter().filter_map(number).collect();
            if array.len() != *len || numbers.len() != *len {
                return Err((format!("`{name}` must be {len} numbers"), None));
            }
            if let Some(number) = numbers.iter().find(|n| !(*min..=*max).contains(*n)) {
                return Err((format!("`{name}` has {number}; it must be from {min} to {max}"), None));
            }
            Ok(Checked::Numbers(numbers))
        }
        Kind::Range => {
            let Some(array) = value.as_array() else { return wrong() };
            let numbers: Vec<f64> = array.iter().filter_map(number).collect();
            match numbers.as_slice() {
                [low, high] if array.len() == 2 && low < high => Ok(Checked::Numbers(numbers)),
                [low, high] if array.len() == 2 => {
                    Err((format!("`{name}`: {low} is not below {high}"), Some("[lowest, highest]".to_owned())))
                }
                _ => Err((format!("`{name}` must be two numbers [lowest, highest]"), None)),
            }
        }
        _ => wrong(),
    }
}

/// A finite number, whole or not.
fn number(value: &Value) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "bounds on numbers are far below 2^53, and larger ones are refused")]
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))?;
    number.is_finite().then_some(number)
}

fn too_many(key: &Key, count: usize, most: usize, span: &Range<usize>, problems: &mut Problems) {
    if count > most {
        problems.error(span, format!("`{}` has {count} entries; at most {most} are allowed", key.name));
    }
}

fn tables(
    key: &Key,
    shape: &'static Shape,
    most: usize,
    item: &Item,
    span: &Range<usize>,
    problems: &mut Problems,
) -> Option<Checked> {
    let mut nodes = Vec::new();
    if let Some(array) = item.as_array_of_tables() {
        too_many(key, array.len(), most, span, problems);
        for table in array.iter().take(most) {
            nodes.push(read(shape, table, table.span().unwrap_or_else(|| span.clone()), problems));
        }
    } else if let Some(array) = item.as_array().filter(|array| array.iter().all(Value::is_inline_table)) {
        too_many(key, array.len(), most, span, problems);
        for table in array.iter().filter_map(Value::as_inline_table).take(most) {
            nodes.push(read(shape, table, table.span().unwrap_or_else(|| span.clone()), problems));
        }
    } else {
        let (message, _) = wrong_type(key, item);
        let hint = item.is_table().then(|| format!("write [[{}]] with two brackets", key.name));
        problems.push(ProblemSeverity::Error, span, message, hint);
        return None;
    }
    Some(Checked::Tables(nodes))
}

fn vars(key: &Key, most: usize, item: &Item, span: &Range<usize>, problems: &mut Problems) -> Option<Checked> {
    const TAKEN: [&str; 4] = ["site", "asset", "part", "n"];
    let Some(table) = item.as_table_like() else {
        problems.error(span, wrong_type(key, item).0);
        return None;
    };
    too_many(key, table.len(), most, span, problems);
    let mut vars = BTreeMap::new();
    for (name, item) in table.iter().take(most) {
        let name_span = table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| span.clone());
        let value_span = item.span().unwrap_or_else(|| name_span.clone());
        if let Err((message, hint)) = rule::id(name) {
            problems.push(ProblemSeverity::Error, &name_span, message, hint);
        } else if TAKEN.contains(&name) {
            problems.error(&name_span, format!("`{name}` has a meaning of its own in topics"));
        } else if name.len() > bound::ID {
            problems.error(&name_span, "the name is too long");
        }
        let Some(text) = item.as_str() else {
            problems
                .error(&value_span, format!("`{name}` must be a text in quotes, not {}", article(item.type_name())));
            continue;
        };
        if text.is_empty() || text.len() > bound::NAME {
            problems.error(&value_span, format!("`{name}` must have 1 to {} bytes", bound::NAME));
        } else if text.contains(['+', '#', '{', '}']) || text.chars().any(char::is_control) {
            problems.error(&value_span, format!("`{name}` goes into topics: no +, #, braces or control characters"));
        }
        vars.insert(name.to_owned(), text.to_owned());
    }
    Some(Checked::Vars(vars))
}

fn names(key: &Key, most: usize, item: &Item, span: &Range<usize>, problems: &mut Problems) -> Option<Checked> {
    let Some(table) = item.as_table_like() else {
        problems.error(span, wrong_type(key, item).0);
        return None;
    };
    too_many(key, table.len(), most, span, problems);
    let mut names = BTreeMap::new();
    for (role, item) in table.iter().take(most) {
        let at = item.span().unwrap_or_else(|| span.clone());
        match item.as_str() {
            Some(text) if (1..=2 * bound::ID).contains(&text.len()) && role.len() <= bound::ID => {
                names.insert(role.to_owned(), Spanned::new(text.to_owned(), at));
            }
            _ => problems.error(&at, format!("`{}` must be {}", key.name, key.kind.expected())),
        }
    }
    Some(Checked::Names(names))
}

fn free(key: &Key, item: &Item) -> Result<Checked, Fault> {
    if item.as_table_like().is_none() {
        return Err(wrong_type(key, item));
    }
    let value = json(item, 4).ok_or_else(|| {
        (format!("`{}` holds what cannot be read: numbers, texts, booleans, lists and tables can", key.name), None)
    })?;
    if value.to_string().len() > MOST_FREE {
        return Err((format!("`{}` is longer than {MOST_FREE} bytes", key.name), None));
    }
    Ok(Checked::Free(value))
}

/// A value as JSON; none if it is deeper than this, or a date, or not finite.
fn json(item: &Item, depth: usize) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    let deeper = depth.checked_sub(1)?;
    if let Some(table) = item.as_table_like() {
        let entries = table.iter().map(|(name, item)| Some((name.to_owned(), json(item, deeper)?)));
        return entries.collect::<Option<serde_json::Map<_, _>>>().map(Json::Object);
    }
    match item.as_value()? {
        Value::String(text) => Some(Json::from(text.value().as_str())),
        Value::Integer(number) => Some(Json::from(*number.value())),
        Value::Float(number) => serde_json::Number::from_f64(*number.value()).map(Json::Number),
        Value::Boolean(flag) => Some(Json::from(*flag.value())),
        Value::Array(array) => array
            .iter()
            .map(|value| json(&Item::Value(value.clone()), deeper))
            .collect::<Option<Vec<_>>>()
            .map(Json::Array),
        Value::Datetime(_) | Value::InlineTable(_) => None,
    }
}

fn texts(
    key: &Key,
    rule: &Kind,
    most: usize,
    array: &toml_edit::Array,
    span: &Range<usize>,
    problems: &mut Problems,
) -> Checked {
    too_many(key, array.len(), most, span, problems);
    let Kind::Text { rule, max } = rule else { return Checked::Texts(Vec::new()) };
    let mut texts = Vec::new();
    for value in array.iter().take(most) {
        let at = value.span().unwrap_or_else(|| span.clone());
        let Some(text) = value.as_str() else {
            problems.error(&at, format!("`{}` must be {}", key.name, key.kind.expected()));
            continue;
        };
        if text.len() > *max {
            problems.error(&at, format!("a text in `{}` has more than {max} bytes", key.name));
            continue;
        }
        if let Err((message, hint)) = rule.check(text) {
            problems.push(ProblemSeverity::Error, &at, format!("`{}`: {message}", key.name), hint);
        }
        texts.push(Spanned::new(text.to_owned(), at));
    }
    Checked::Texts(texts)
}

fn scalars(key: &Key, most: usize, array: &toml_edit::Array, span: &Range<usize>, problems: &mut Problems) -> Checked {
    too_many(key, array.len(), most, span, problems);
    let mut texts = Vec::new();
    for value in array.iter().take(most) {
        let at = value.span().unwrap_or_else(|| span.clone());
        let text = match value {
            Value::String(text) if text.value().len() <= bound::NAME => text.value().clone(),
            Value::Integer(number) => number.value().to_string(),
            Value::Boolean(flag) => flag.value().to_string(),
            _ => {
                problems.error(&at, format!("`{}` must be {}", key.name, key.kind.expected()));
                continue;
            }
        };
        texts.push(Spanned::new(text, at));
    }
    Checked::Texts(texts)
}

/// A count of something as a value.
pub(super) fn whole(number: u64) -> Checked {
    Checked::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
