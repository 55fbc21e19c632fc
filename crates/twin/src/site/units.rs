//! Durations (`15s`, `500ms`) and sizes (`1MiB`) as site files write them.
//!
//! Only whole numbers with a unit; no sums (`1m30s`), no fractions: one way to write a value.

/// Reads a duration, ms.
///
/// # Errors
/// A sentence that says what a duration looks like.
pub(crate) fn duration_ms(text: &str) -> Result<u64, String> {
    let (count, unit) = split(text);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(format!("`{text}` is not a duration")),
    };
    let count: u64 = count.parse().map_err(|_| format!("`{text}` is not a duration"))?;
    count.checked_mul(factor).ok_or_else(|| format!("`{text}` is too long"))
}

/// Reads a size, bytes.
///
/// # Errors
/// A sentence that says what a size looks like.
pub(crate) fn size_bytes(text: &str) -> Result<u64, String> {
    let (count, unit) = split(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("`{text}` is not a size")),
    };
    let count: u64 = count.parse().map_err(|_| format!("`{text}` is not a size"))?;
    count.checked_mul(factor).ok_or_else(|| format!("`{text}` is too large"))
}

/// How a duration is written, for messages: the largest unit that divides it.
pub(crate) fn show_duration(ms: u64) -> String {
    for (factor, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
        if ms > 0 && ms.is_multiple_of(factor) {
            return format!("{}{unit}", ms / factor);
        }
    }
    format!("{ms}ms")
}

/// How a size is written, for messages.
pub(crate) fn show_size(bytes: u64) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if bytes > 0 && bytes.is_multiple_of(1 << shift) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    format!("{bytes}B")
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    (count, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn duration(text: &str, expected: Option<u64>) {
        assert_eq!(duration_ms(text).ok(), expected, "{text}");
    }

    #[test]
    fn durations_have_a_whole_number_and_a_unit() {
        duration("500ms", Some(500));
        duration("15s", Some(15_000));
        duration("2m", Some(120_000));
        duration("1h", Some(3_600_000));
        duration("7d", Some(604_800_000));
        duration("15 s", Some(15_000));
        duration("0s", Some(0));
        duration("15", None);
        duration("1.5s", None);
        duration("-1s", None);
        duration("s", None);
        duration("", None);
        duration("1m30s", None);
        duration("99999999999999999999s", None);
        duration("18446744073709551615h", None);
        duration("１s", None);
    }

    #[track_caller]
    fn size(text: &str, expected: Option<u64>) {
        assert_eq!(size_bytes(text).ok(), expected, "{text}");
    }

    #[test]
    fn sizes_have_binary_and_decimal_units() {
        size("64KiB", Some(65_536));
        size("1MiB", Some(1_048_576));
        size("1MB", Some(1_000_000));
        size("10", Some(10));
        size("10B", Some(10));
        size("1kb", None);
        size("1.5MiB", None);
        size("18446744073709551615GiB", None);
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for ms in [1, 999, 1_000, 90_000, 3_600_000, 86_400_000, 86_400_001] {
            assert_eq!(duration_ms(&show_duration(ms)), Ok(ms));
        }
        for bytes in [1, 1_023, 1_024, 65_536, 1 << 20, 3 << 30] {
            assert_eq!(size_bytes(&show_size(bytes)), Ok(bytes));
        }
    }
}
