//! Topics with `{placeholders}`, and what MQTT allows in a filter.

use std::ops::Range;

/// What is wrong with a topic, and which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicFault {
    pub message: String,
    pub at: Range<usize>,
}

fn fault(message: impl Into<String>, at: Range<usize>) -> TopicFault {
    TopicFault { message: message.into(), at }
}

/// The placeholders of a template, with their braces' places.
///
/// # Errors
/// Braces that do not match.
pub(crate) fn placeholders(template: &str) -> Result<Vec<(&str, Range<usize>)>, TopicFault> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, c) in template.char_indices() {
        match (c, open) {
            ('{', None) => open = Some(at),
            ('{', Some(start)) => return Err(fault("`{` is not closed", start..start + 1)),
            ('}', Some(start)) => {
                found.push((template.get(start + 1..at).unwrap_or(""), start..at + 1));
                open = None;
            }
            ('}', None) => return Err(fault("`}` closes nothing", at..at + 1)),
            _ => {}
        }
    }
    match open {
        Some(start) => Err(fault("`{` is not closed", start..start + 1)),
        None => Ok(found),
    }
}

/// Fills in a template.
///
/// # Errors
/// The first placeholder that `value` does not know (its name without braces, and its place), or bad braces.
pub(crate) fn fill<'a>(
    template: &str,
    value: impl Fn(&str) -> Option<&'a str>,
) -> Result<String, (Option<String>, TopicFault)> {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut done = 0;
    for (name, at) in placeholders(template).map_err(|fault| (None, fault))? {
        let Some(text) = value(name) else {
            return Err((Some(name.to_owned()), fault(format!("nothing is known for {{{name}}}"), at)));
        };
        filled.push_str(template.get(done..at.start).unwrap_or(""));
        filled.push_str(text);
        done = at.end;
    }
    filled.push_str(template.get(done..).unwrap_or(""));
    Ok(filled)
}

/// Whether a template makes a topic filter (MQTT 5.0, 4.7), whatever text the placeholders stand for.
///
/// # Errors
/// What is wrong and where.
pub(crate) fn check_filter(template: &str) -> Result<(), TopicFault> {
    placeholders(template)?;
    if template.starts_with("$share/") {
        return Err(fault("shared subscriptions hide messages from this viewer", 0..template.len()));
    }
    let mut start = 0;
    let levels: Vec<&str> = template.split('/').collect();
    for (i, level) in levels.iter().enumerate() {
        let at = start..start + level.len();
        start = at.end + 1;
        if level.contains('#') && (*level != "#" || i + 1 != levels.len()) {
            return Err(fault("`#` stands alone, and only as the last level", at));
        }
        if level.contains('+') && *level != "+" {
            return Err(fault("`+` stands for a whole level", at));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn filter(template: &str, expected: Result<(), (&str, Range<usize>)>) {
        let expected = expected.map_err(|(message, at)| fault(message, at));
        assert_eq!(check_filter(template), expected, "{template}");
    }

    #[test]
    fn wildcards_stand_where_mqtt_allows_them() {
        filter("a/b", Ok(()));
        filter("#", Ok(()));
        filter("a/#", Ok(()));
        filter("+/a/+", Ok(()));
        filter("{site}/{asset}/+/#", Ok(()));
        filter("$aws/things/{asset}/shadow", Ok(()));
        filter("/a//b/", Ok(()));
        filter("a/#/b", Err(("`#` stands alone, and only as the last level", 2..3)));
        filter("a/b#", Err(("`#` stands alone, and only as the last level", 2..4)));
        filter("a/b+/c", Err(("`+` stands for a whole level", 2..4)));
        filter("a/++", Err(("`+` stands for a whole level", 2..4)));
        filter("a/{b", Err(("`{` is not closed", 2..3)));
        filter("a/b}", Err(("`}` closes nothing", 3..4)));
        filter("a/{{b}}", Err(("`{` is not closed", 2..3)));
        filter("$share/g/a", Err(("shared subscriptions hide messages from this viewer", 0..10)));
    }

    #[test]
    fn templates_are_filled_in() {
        let value = |name: &str| match name {
            "site" => Some("s"),
            "n" => Some("3"),
            _ => None,
        };
        assert_eq!(fill("{site}/x{n}/é/{n}", value).unwrap(), "s/x3/é/3");
        assert_eq!(fill("plain", value).unwrap(), "plain");
        let (name, fault) = fill("{site}/{tag}", value).unwrap_err();
        assert_eq!((name.as_deref(), fault.at), (Some("tag"), 7..12));
    }
}
