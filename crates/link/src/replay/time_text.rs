//! Dates and times as text.

use twinscope_twin::time::WallMs;

/// Reads a date and time as RFC 3339 writes it, ms since the epoch. Seconds and zone may be missing (UTC then), and a
/// space may stand for the `T`.
#[must_use]
pub fn rfc3339_ms(text: &str) -> Option<WallMs> {
    let bytes = text.as_bytes();
    let number = |from: usize, digits: usize| -> Option<i64> {
        let part = bytes.get(from..from + digits)?;
        part.iter().try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let is = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute) = (number(11, 2)?, number(14, 2)?);
    let mut at = 16;
    let mut second = 0;
    let mut ms = 0;
    if is(at, b":") {
        second = number(at + 1, 2)?;
        at += 3;
        if is(at, b".,") {
            at += 1;
            let digits = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let taken = digits.min(3);
            ms = number(at, taken)? * [100, 10, 1].get(taken - 1)?;
            at += digits;
        }
    }
    let offset_min = match bytes.get(at..)? {
        [] => 0,
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 60 + minutes;
            if *sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    // 60: a leap second, which the epoch does not count.
    if !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_from_civil(year, month, day);
    Some((((days * 24 + hour) * 60 + minute - offset_min) * 60 + second) * 1_000 + ms)
}

/// Writes a date and time as RFC 3339, in UTC with milliseconds. `None` outside of the years 0 to 9999, which it knows.
#[must_use]
pub fn rfc3339_text(ms: WallMs) -> Option<String> {
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60);
    let ms = of_day % 1_000;
    (0..=9_999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z"))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms",
/// 2013).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The reverse of [`days_from_civil`] (same source): year, month, day. `days` is a time in ms divided by those of a day, so
/// nothing here overflows.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: i64, ms: i64) {
        assert_eq!(rfc3339_ms(text), Some(seconds * 1_000 + ms), "{text}");
    }

    #[test]
    fn times_of_tables() {
        // Seconds from `date -u -d … +%s`.
        check("1970-01-01T00:00", 0, 0);
        check("2014-01-01T00:00", 1_388_534_400, 0);
        check("2014-01-01 00:10", 1_388_535_000, 0);
        check("2014-01-01T00:00:30Z", 1_388_534_430, 0);
        check("2014-01-01T01:00:00+01:00", 1_388_534_400, 0);
        check("2013-12-31T19:00:00-05:00", 1_388_534_400, 0);
        check("2016-02-29T12:00:00.5Z", 1_456_747_200, 500);
        check("2000-03-01T00:00:00.123456789Z", 951_868_800, 123);
        check("1969-12-31T23:59:59Z", -1, 0);
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "2016-02-29T12:34:56.789Z",
            "2000-02-29T00:00:00.000Z",
            "2100-03-01T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert_eq!(rfc3339_ms(text).and_then(rfc3339_text).as_deref(), Some(text));
        }
        for beyond in [i64::MIN, -62_167_219_200_001, 253_402_300_800_000, i64::MAX] {
            assert_eq!(rfc3339_text(beyond), None, "{beyond}");
        }
    }

    #[test]
    fn what_is_not_a_time() {
        for text in [
            "",
            "2014",
            "2014-01-01",
            "2014-13-01T00:00",
            "2014-02-29T00:00",
            "2014-01-01T24:00",
            "2014-01-01T00:60",
            "2014-01-01T00:00:61",
            "2014-01-01T00:00:00.",
            "2014-01-01T00:00:00+0100",
            "2014-01-01T00:00:00 UTC",
            "2014/01/01T00:00",
            "20l4-01-01T00:00",
            "２014-01-01T00:00",
            "2014-01-01T00:00:0",
            "1388534400",
        ] {
            assert_eq!(rfc3339_ms(text), None, "{text}");
        }
    }
}
