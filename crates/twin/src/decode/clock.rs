//! Times as devices write them, as milliseconds since the Unix epoch.

use crate::site::TimeUnit;
use crate::time::WallMs;

/// A whole number of `unit`s since the epoch, rounded down to milliseconds. `None` if it does not fit, or if the unit is
/// a text.
#[must_use]
pub fn from_integer(number: i128, unit: TimeUnit) -> Option<WallMs> {
    let ms = match unit {
        TimeUnit::Seconds => number.checked_mul(1000)?,
        TimeUnit::Milliseconds => number,
        TimeUnit::Microseconds => number.div_euclid(1000),
        TimeUnit::Nanoseconds => number.div_euclid(1_000_000),
        TimeUnit::Rfc3339 => return None,
    };
    within(i64::try_from(ms).ok()?)
}

/// A number of `unit`s since the epoch, rounded to the nearest millisecond. `None` if it does not fit, is no number, or
/// if the unit is a text.
#[must_use]
pub fn from_number(number: f64, unit: TimeUnit) -> Option<WallMs> {
    let ms = match unit {
        TimeUnit::Seconds => number * 1e3,
        TimeUnit::Milliseconds => number,
        TimeUnit::Microseconds => number / 1e3,
        TimeUnit::Nanoseconds => number / 1e6,
        TimeUnit::Rfc3339 => return None,
    };
    if !ms.is_finite() || ms.abs() > LARGEST_MS as f64 {
        return None;
    }
    within(ms.round() as i64)
}

/// Ten thousand years to either side of the epoch: RFC 3339 knows years 0000 to 9999, and history packs times in
/// 56 bits.
pub const LARGEST_MS: i64 = 10_000 * 366 * 86_400_000;

fn within(ms: i64) -> Option<WallMs> {
    (-LARGEST_MS..=LARGEST_MS).contains(&ms).then_some(ms)
}

/// RFC 3339 (`2026-11-22T10:21:30.123Z`, `2026-11-22 11:21:30+01:00`), rounded down to milliseconds.
///
/// A leap second (`:60`) counts as the first moment of the next minute, as Unix time has it. `-00:00` is UTC.
#[must_use]
pub fn from_rfc3339(text: &str) -> Option<WallMs> {
    let bytes = text.as_bytes();
    let mut at = Reader { bytes };
    let year = at.digits(4)?;
    at.one_of(b"-")?;
    let month = at.digits(2)?;
    at.one_of(b"-")?;
    let day = at.digits(2)?;
    at.one_of(b"Tt ")?;
    let hour = at.digits(2)?;
    at.one_of(b":")?;
    let minute = at.digits(2)?;
    at.one_of(b":")?;
    let second = at.digits(2)?;
    let ms = at.fraction_ms()?;
    let offset_min = at.offset_min()?;
    if !at.bytes.is_empty() || day < 1 || day > days_in_month(year, month)? || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + (minute - offset_min) * 60 + second;
    Some(seconds * 1000 + ms)
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        if !allowed.contains(first) {
            return None;
        }
        self.bytes = rest;
        Some(*first)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (head, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        head.iter().try_fold(0_i64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    }

    fn fraction_ms(&mut self) -> Option<i64> {
        if self.bytes.first() != Some(&b'.') {
            return Some(0);
        }
        self.one_of(b".")?;
        let count = self.bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        if count == 0 {
            return None;
        }
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(3);
        Some(padded.fold(0, |number, byte| number * 10 + i64::from(byte - b'0')))
    }

    fn offset_min(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.digits(2)?;
        self.one_of(b":")?;
        let minutes = self.digits(2)?;
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
    }
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms" (2013), `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_3339() {
        // Expected values: `date -u -d TEXT +%s`.
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-22T10:21:30Z", Some(1_795_342_890_000)),
            ("2026-11-22T10:21:30.5Z", Some(1_795_342_890_500)),
            ("2026-11-22T10:21:30.123999999Z", Some(1_795_342_890_123)),
            ("2026-11-22t11:21:30+01:00", Some(1_795_342_890_000)),
            ("2026-11-22 04:51:30-05:30", Some(1_795_342_890_000)),
            ("1937-01-01T12:00:27.87+00:20", Some(-1_041_337_172_130)),
            ("1990-12-31T23:59:60Z", Some(662_688_000_000)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("0000-01-01T00:00:00Z", Some(-62_167_219_200_000)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799_000)),
            ("1900-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-11-31T00:00:00Z", None),
            ("2026-11-00T00:00:00Z", None),
            ("2026-11-22T24:00:00Z", None),
            ("2026-11-22T10:60:00Z", None),
            ("2026-11-22T10:21:61Z", None),
            ("2026-11-22T10:21:30", None),
            ("2026-11-22T10:21:30.Z", None),
            ("2026-11-22T10:21:30Zx", None),
            ("2026-11-22T10:21:30+1:00", None),
            ("2026-11-22T10:21:30+24:00", None),
            ("2026-11-22", None),
            ("+026-11-22T10:21:30Z", None),
            ("", None),
        ] {
            assert_eq!(from_rfc3339(text), expected, "{text:?}");
        }
    }

    #[test]
    fn units() {
        assert_eq!(from_integer(1_764_000_000, TimeUnit::Seconds), Some(1_764_000_000_000));
        assert_eq!(from_integer(1_764_000_000_000, TimeUnit::Milliseconds), Some(1_764_000_000_000));
        assert_eq!(from_integer(1_764_000_000_000_999, TimeUnit::Microseconds), Some(1_764_000_000_000));
        assert_eq!(from_integer(1_764_000_000_000_999_999, TimeUnit::Nanoseconds), Some(1_764_000_000_000));
        assert_eq!(from_integer(-1, TimeUnit::Nanoseconds), Some(-1));
        assert_eq!(from_number(1_764_000_000.25, TimeUnit::Seconds), Some(1_764_000_000_250));
        assert_eq!(from_integer(1, TimeUnit::Rfc3339), None);
    }

    #[test]
    fn times_that_do_not_fit_are_no_times() {
        assert_eq!(from_integer(i128::from(i64::MAX), TimeUnit::Seconds), None);
        assert_eq!(from_integer(i128::from(i64::MAX), TimeUnit::Milliseconds), None);
        assert_eq!(from_integer(i128::MAX, TimeUnit::Seconds), None);
        assert_eq!(from_number(1e30, TimeUnit::Milliseconds), None);
        assert_eq!(from_number(f64::NAN, TimeUnit::Seconds), None);
    }

    proptest! {
        #[test]
        fn days_count_up_by_one(year in 0_i64..9999, month in 1_i64..=12, day in 1_i64..=31) {
            let last = days_in_month(year, month).unwrap();
            prop_assume!(day <= last);
            let next = match (day == last, month == 12) {
                (false, _) => days_from_civil(year, month, day + 1),
                (true, false) => days_from_civil(year, month + 1, 1),
                (true, true) => days_from_civil(year + 1, 1, 1),
            };
            prop_assert_eq!(days_from_civil(year, month, day) + 1, next);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = from_rfc3339(&text);
        }
    }
}
