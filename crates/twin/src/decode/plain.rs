//! Payloads without structure: a number, a switch, a text.

use super::plan::Raw;

/// Reads a plain payload; white space around it does not count.
pub(super) fn read(text: &str) -> Raw<'_> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if let Some(number) = number(text) {
        return number;
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("on") {
        return Raw::Flag(true);
    }
    if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("off") {
        return Raw::Flag(false);
    }
    if text.len() >= 2
        && text.starts_with('"')
        && let Ok(unquoted) = serde_json::from_str::<String>(text)
    {
        return Raw::OwnedText(unquoted);
    }
    Raw::Text(text)
}

/// A number in decimal notation, or a word for one that is none.
fn number(text: &str) -> Option<Raw<'_>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|first: char| first.is_ascii_digit());
    let word = ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word));
    if !digits && !word {
        return None;
    }
    let number = text.parse::<f64>().ok()?;
    Some(if number.is_finite() { Raw::Number(number) } else { Raw::NotANumber })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_payloads() {
        for (text, expected) in [
            ("23.4", Raw::Number(23.4)),
            (" -7\r\n", Raw::Number(-7.0)),
            ("+1e3", Raw::Number(1000.0)),
            (".5", Raw::Number(0.5)),
            ("5.", Raw::Number(5.0)),
            ("-0", Raw::Number(-0.0)),
            ("true", Raw::Flag(true)),
            ("OFF", Raw::Flag(false)),
            ("On", Raw::Flag(true)),
            ("NaN", Raw::NotANumber),
            ("-inf", Raw::NotANumber),
            ("1e400", Raw::NotANumber),
            ("1,5", Raw::Text("1,5")),
            ("1_000", Raw::Text("1_000")),
            ("0x10", Raw::Text("0x10")),
            ("12 V", Raw::Text("12 V")),
            ("-", Raw::Text("-")),
            ("\"a\\n\"", Raw::OwnedText("a\n".to_owned())),
            ("\"", Raw::Text("\"")),
            ("info", Raw::Text("info")),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
