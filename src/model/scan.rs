//! One pass over the bytes of untrusted JSON: how deep it is, and how much memory a parser would make of it.
//!
//! It knows strings, brackets, commas and keys, and leaves whether they are JSON to the parser. The parser keeps most
//! of a glTF in plain structures; where it keeps trees of values (extensions, bounds, attributes), seven bytes can
//! become six hundred, and these places are counted on their own.

use super::error::{ErrorKind, ModelError};
use super::head::too_many;
use super::limits::Limits;

/// Values in one set of bounds (a 4×4 matrix has 16) or of attributes.
const MOST_IN_SHORT: usize = 64;

/// A place that is counted on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Kept as text, whatever is in it.
    Extras,
    /// Kept as a tree of values.
    Extensions,
    /// A short flat list: bounds of an accessor, attributes of a primitive.
    Short,
}

impl Place {
    fn of(key: &[u8]) -> Option<Self> {
        match key {
            b"extras" => Some(Self::Extras),
            b"extensions" => Some(Self::Extensions),
            b"min" | b"max" | b"attributes" => Some(Self::Short),
            // A key spelt with escapes may be any key: counted as the costliest one.
            _ if key.contains(&b'\\') => Some(Self::Extensions),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    objects: usize,
    /// Values in all extensions together.
    in_extensions: usize,
    /// Values in the place that is open.
    in_short: usize,
    /// The outermost counted place that is open, and the depth at which it closes.
    open: Option<(Place, usize)>,
    /// The place that the next bracket opens.
    next: Option<Place>,
}

/// Checks the bounds on depth, objects and costly values.
pub(super) fn check(json: &[u8], limits: &Limits) -> Result<(), ModelError> {
    let mut scan = Scan::default();
    let mut string: &[u8] = &[];
    let mut at = 0;
    while let Some(&b) = json.get(at) {
        match b {
            b'"' => {
                let rest = json.get(at + 1..).unwrap_or_default();
                let length = string_length(rest);
                string = rest.get(..length).unwrap_or_default();
                at += length + 1;
            }
            b':' => scan.next = scan.open.is_none().then(|| Place::of(string)).flatten(),
            b'{' | b'[' => scan.enter(b == b'{', limits)?,
            b'}' | b']' => scan.leave(),
            b',' => scan.value(limits)?,
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// Bytes up to the closing quote.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&b) = rest.get(at) {
        match b {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

impl Scan {
    fn enter(&mut self, object: bool, limits: &Limits) -> Result<(), ModelError> {
        self.depth += 1;
        self.objects += usize::from(object);
        if self.depth > limits.json_depth {
            let what = format!("the JSON is nested more than {} levels deep", limits.json_depth);
            return Err(ModelError::new(ErrorKind::Limit, "", what)
                .with_remedy("remove the nested extras before the model is exported"));
        }
        if self.objects > limits.json_objects {
            return Err(too_many("the JSON", "objects", limits.json_objects));
        }
        match self.open {
            Some(_) => {
                self.value(limits)?;
                if let Some((Place::Short, _)) = self.open {
                    return Err(ModelError::new(
                        ErrorKind::Json,
                        "",
                        "bounds or attributes hold more than plain values",
                    )
                    .with_remedy("export the model again; `npx gltf-validator` shows every such mistake"));
                }
            }
            None => {
                if let Some(place) = self.next.take() {
                    (self.open, self.in_short) = (Some((place, self.depth)), 0);
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self) {
        if self.open.is_some_and(|(_, depth)| depth == self.depth) {
            self.open = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// One more value in the place that is open.
    fn value(&mut self, limits: &Limits) -> Result<(), ModelError> {
        self.next = None;
        match self.open {
            Some((Place::Extensions, _)) => {
                self.in_extensions += 1;
                if self.in_extensions > limits.json_extension_values {
                    return Err(too_many("extensions", "values in extensions", limits.json_extension_values));
                }
            }
            Some((Place::Short, _)) => {
                self.in_short += 1;
                if self.in_short > MOST_IN_SHORT {
                    return Err(too_many("the JSON", "values in one set of bounds or attributes", MOST_IN_SHORT));
                }
            }
            Some((Place::Extras, _)) | None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Limits {
        Limits { json_objects: 50, json_extension_values: 20, ..Limits::default() }
    }

    #[track_caller]
    fn passes(json: &str) {
        check(json.as_bytes(), &small()).unwrap();
    }

    #[track_caller]
    fn refused(json: &str, says: &str) {
        let e = check(json.as_bytes(), &small()).unwrap_err();
        assert!(e.to_string().contains(says), "{e}");
        assert!(!e.remedy.is_empty());
    }

    fn many(value: &str, n: usize) -> String {
        format!("[{}]", vec![value; n].join(","))
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |n: usize| format!(r#"{{"extras":{}1{}}}"#, "[".repeat(n), "]".repeat(n));
        passes(&nested(60));
        refused(&nested(64), "levels deep");
        refused(&nested(100_000), "levels deep");
    }

    #[test]
    fn brackets_in_strings_are_no_nesting() {
        passes(&format!(r#"{{"a":"{}\"{{ \\"}}"#, "[".repeat(1_000)));
    }

    #[test]
    fn objects_are_bounded() {
        passes(&many("{}", 50));
        refused(&many("{}", 51), "more than 50 objects");
    }

    #[test]
    fn values_of_extensions_are_bounded_together() {
        let two = |n: usize| {
            let list = many("0", n);
            format!(r#"{{"nodes":[{{"extensions":{{"A":{list}}}}},{{"extensions" : {{"B":{list}}}}}]}}"#)
        };
        passes(&two(10));
        refused(&two(11), "values in extensions");
        refused(&format!(r#"{{"extensions":{{"A":{}}}}}"#, many("{}", 20)), "values in extensions");
        // A key with escapes may be `extensions`.
        refused(&format!(r#"{{"\u0065xtensions":{{"A":{}}}}}"#, many("0", 30)), "values in extensions");
    }

    #[test]
    fn bounds_and_attributes_are_short_and_flat() {
        passes(&format!(r#"{{"min":{},"max":[1],"attributes":{{"a":1}}}}"#, many("0", 60)));
        refused(&format!(r#"{{"min":{}}}"#, many("0", 70)), "one set of bounds");
        refused(r#"{"max":[[1]]}"#, "plain values");
        refused(r#"{"attributes":{"a":{}}}"#, "plain values");
    }

    #[test]
    fn extras_may_hold_what_they_like() {
        passes(&format!(r#"{{"extras":{{"min":{},"extensions":{}}}}}"#, many("[0]", 100), many("0", 100)));
        // What closes them is seen: the count goes on behind.
        refused(&format!(r#"{{"extras":{{}},"extensions":{{"A":{}}}}}"#, many("0", 30)), "values in extensions");
    }

    #[test]
    fn a_key_without_brackets_opens_nothing() {
        passes(&format!(r#"{{"min":1,"list":{}}}"#, many("0", 100)));
    }

    #[test]
    fn broken_json_is_left_to_the_parser() {
        for text in ["", "\"", "\"\\", "]}]", "{\"a", ":::,,,", "{\"extensions\":"] {
            passes(text);
        }
    }
}
