//! Numbers, units, ages and times in words. Every figure of the program goes through here, so that figures line up:
//! fixed decimals, a true minus, units as people write them.
//!
//! No clock: the moment is an argument ([`Clock`]).

use std::borrow::Cow;

use twinscope_twin::time::{Now, WallMs};
use twinscope_twin::value::Value;

/// A value that cannot be written as a number.
pub const NONE: &str = "–";

/// Above this many digits before the point a number is written with an exponent: longer ones fit no column.
const LARGEST: f64 = 1e12;

/// A number with fixed decimals, a true minus and thin spaces between groups of three from 10,000 on.
#[must_use]
pub fn number(value: f64, decimals: u8) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let decimals = usize::from(decimals.min(9));
    if value.abs() >= LARGEST {
        return format!("{value:.2e}").replace('-', "−");
    }
    let plain = format!("{:.*}", decimals, value.abs());
    let is_zero = plain.bytes().all(|b| b == b'0' || b == b'.');
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::with_capacity(plain.len() + 6);
    if value < 0.0 && !is_zero {
        text.push('−');
    }
    text.push_str(&grouped(whole));
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Digits in groups of three, from five digits on.
fn grouped(digits: &str) -> Cow<'_, str> {
    if digits.len() < 5 {
        return Cow::Borrowed(digits);
    }
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    Cow::Owned(text)
}

/// A count.
#[must_use]
pub fn count(count: u64) -> String {
    grouped(&count.to_string()).into_owned()
}

/// A time of day, `15:30`, from hours since midnight.
#[must_use]
pub fn hour(hour: f32) -> String {
    let minutes = (hour.clamp(0.0, 24.0) * 60.0).round() as u32;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `1 part`, `2 parts`.
#[must_use]
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A value of a signal, without its unit. Texts are cut after 48 characters.
#[must_use]
pub fn value(value: &Value, decimals: u8) -> String {
    match value {
        Value::Number(n) => number(*n, decimals),
        Value::Flag(true) => "on".to_owned(),
        Value::Flag(false) => "off".to_owned(),
        Value::Text(text) => cut(text, 48).into_owned(),
    }
}

/// The first `most` characters, with an ellipsis if there are more. Control characters become spaces.
#[must_use]
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let clean = !text.chars().any(char::is_control);
    if clean && text.len() <= most {
        return Cow::Borrowed(text);
    }
    let mut short: String = text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    Cow::Owned(short)
}

/// A UCUM unit as people write it; annotations in braces and the unit `1` are left out.
#[must_use]
pub fn unit(ucum: &str) -> Cow<'_, str> {
    match ucum {
        "degC" | "Cel" => Cow::Borrowed("°C"),
        "degF" | "[degF]" => Cow::Borrowed("°F"),
        "deg" => Cow::Borrowed("°"),
        "m/s2" => Cow::Borrowed("m/s²"),
        "kN.m" => Cow::Borrowed("kN·m"),
        "N.m" => Cow::Borrowed("N·m"),
        "1" => Cow::Borrowed(""),
        "Ohm" => Cow::Borrowed("Ω"),
        "um" => Cow::Borrowed("µm"),
        "m3/h" => Cow::Borrowed("m³/h"),
        "l/min" | "L/min" => Cow::Borrowed("l/min"),
        _ if ucum.contains(['{', '[', '.']) => {
            let mut text = String::with_capacity(ucum.len());
            let mut in_braces = false;
            for c in ucum.chars() {
                match c {
                    '{' => in_braces = true,
                    '}' => in_braces = false,
                    '[' | ']' => {}
                    '.' if !in_braces => text.push('·'),
                    c if !in_braces => text.push(c),
                    _ => {}
                }
            }
            Cow::Owned(text)
        }
        _ => cut(ucum, 16),
    }
}

/// A number with its unit; `°` and `%` stick to the number as they do in print.
#[must_use]
pub fn with_unit(value: f64, decimals: u8, ucum: &str) -> String {
    join_unit(&number(value, decimals), &unit(ucum))
}

/// A figure and its unit.
#[must_use]
pub fn join_unit(figure: &str, unit: &str) -> String {
    match unit {
        "" => figure.to_owned(),
        "°" => format!("{figure}°"),
        _ => format!("{figure} {unit}"),
    }
}

/// A length of time in the unit that a person would use: `3 s`, `2 min`, `5 h`, `12 d`. Below a second: `<1 s`, because
/// a figure that changes with every frame cannot be read.
#[must_use]
pub fn age(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0 => "<1 s".to_owned(),
        1..=119 => format!("{s} s"),
        120..=7199 => format!("{} min", s / 60),
        7200..=172_799 => format!("{} h", s / 3600),
        _ => format!("{} d", count(s / 86_400)),
    }
}

/// How long ago, in words.
#[must_use]
pub fn ago(ms: u64) -> String {
    if ms < 1000 { "now".to_owned() } else { format!("{} ago", age(ms)) }
}

/// A setting of time: `250 ms`, `10 s`, `1.5 min`.
#[must_use]
pub fn span(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1000..=119_999 => {
            if ms.is_multiple_of(1000) {
                format!("{} s", ms / 1000)
            } else {
                format!("{:.1} s", ms as f64 / 1000.0)
            }
        }
        _ => age(ms),
    }
}

/// A probability or share: `12 %`, `0.4 %`, `<0.1 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    if !p.is_finite() {
        NONE.to_owned()
    } else if p > 0.0 && p < 0.1 {
        "<0.1 %".to_owned()
    } else if p.abs() < 10.0 && (p - p.round()).abs() > 0.049 {
        format!("{} %", number(p, 1))
    } else {
        format!("{} %", number(p, 0))
    }
}

/// Messages per second.
#[must_use]
pub fn rate(per_s: f32) -> String {
    let per_s = f64::from(per_s);
    if per_s > 0.0 && per_s < 9.95 { number(per_s, 1) } else { number(per_s, 0) }
}

/// The zone of all times of day: the same on every screen and in every message.
pub const ZONE: &str = "UTC";

/// The moment, and how to write times of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The moment.
    pub now: Now,
}

impl Clock {
    /// Milliseconds from a source time to now by the wall clock; 0 for the future.
    #[must_use]
    pub const fn wall_age_ms(&self, wall_ms: WallMs) -> u64 {
        let age = self.now.wall_ms.saturating_sub(wall_ms);
        if age > 0 { age.unsigned_abs() } else { 0 }
    }

    /// `14:02:11 UTC`, and with the date if it is not today: `21 Nov 14:02 UTC`.
    #[must_use]
    pub fn time(&self, wall_ms: WallMs) -> String {
        let at = TimeOfDay::of(wall_ms);
        let today = TimeOfDay::of(self.now.wall_ms);
        if at.day_number == today.day_number {
            format!("{:02}:{:02}:{:02} {ZONE}", at.h, at.min, at.s)
        } else {
            let (y, m, d) = at.date();
            let month = MONTHS.get((m as usize).saturating_sub(1)).copied().unwrap_or("");
            if y == today.date().0 {
                format!("{d} {month} {:02}:{:02} {ZONE}", at.h, at.min)
            } else {
                format!("{d} {month} {y}")
            }
        }
    }

    /// `14:02:11` whatever the day; for axes, whose heading names the zone.
    #[must_use]
    pub fn time_of_day(&self, wall_ms: WallMs, seconds: bool) -> String {
        let at = TimeOfDay::of(wall_ms);
        if seconds { format!("{:02}:{:02}:{:02}", at.h, at.min, at.s) } else { format!("{:02}:{:02}", at.h, at.min) }
    }

    /// `since 14:02:11 UTC`.
    #[must_use]
    pub fn since(&self, wall_ms: WallMs) -> String {
        format!("since {}", self.time(wall_ms))
    }
}

/// A moment with its day, for what outlives it: `2026-11-22 14:02:11 UTC`.
#[must_use]
pub fn stamp(wall_ms: WallMs) -> String {
    let at = TimeOfDay::of(wall_ms);
    let (y, m, d) = at.date();
    format!("{y:04}-{m:02}-{d:02} {:02}:{:02}:{:02} {ZONE}", at.h, at.min, at.s)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day and a time of it.
struct TimeOfDay {
    day_number: i64,
    h: i64,
    min: i64,
    s: i64,
}

impl TimeOfDay {
    fn of(wall_ms: WallMs) -> Self {
        let seconds = wall_ms.div_euclid(1000);
        let day_number = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400);
        Self { day_number, h: of_day / 3600, min: of_day / 60 % 60, s: of_day % 60 }
    }

    /// Year, month, day. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), `civil_from_days`.
    fn date(&self) -> (i64, i64, i64) {
        let z = self.day_number + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_number(value: f64, decimals: u8, expected: &str) {
        assert_eq!(number(value, decimals), expected);
    }

    #[test]
    fn numbers_have_fixed_decimals_and_a_true_minus() {
        check_number(78.449, 1, "78.4");
        check_number(78.0, 2, "78.00");
        check_number(-3.25, 1, "−3.2");
        check_number(-0.04, 1, "0.0");
        check_number(-0.0, 0, "0");
        check_number(1234.0, 0, "1234");
        check_number(12_345.6, 1, "12\u{202F}345.6");
        check_number(-1_234_567.0, 0, "−1\u{202F}234\u{202F}567");
        check_number(f64::NAN, 1, NONE);
        check_number(f64::INFINITY, 1, NONE);
        check_number(1e20, 1, "1.00e20");
        check_number(-1e300, 1, "−1.00e300");
        check_number(1.0, 255, "1.000000000");
    }

    #[test]
    fn units_are_written_as_people_write_them() {
        for (ucum, expected) in [
            ("degC", "°C"),
            ("kN.m", "kN·m"),
            ("m/s2", "m/s²"),
            ("1", ""),
            ("", ""),
            ("rpm", "rpm"),
            ("{count}", ""),
            ("mm/s", "mm/s"),
            ("[psi]", "psi"),
        ] {
            assert_eq!(unit(ucum), expected, "{ucum}");
        }
        assert_eq!(with_unit(12.5, 1, "deg"), "12.5°");
        assert_eq!(with_unit(12.5, 1, "degC"), "12.5 °C");
        assert_eq!(with_unit(12.5, 1, ""), "12.5");
    }

    #[test]
    fn ages_use_one_unit() {
        for (ms, expected) in [
            (0, "<1 s"),
            (999, "<1 s"),
            (3000, "3 s"),
            (119_999, "119 s"),
            (120_000, "2 min"),
            (7_199_000, "119 min"),
            (7_200_000, "2 h"),
            (172_800_000, "2 d"),
            (u64::MAX, "213\u{202F}503\u{202F}982\u{202F}334 d"),
        ] {
            assert_eq!(age(ms), expected, "{ms}");
        }
        assert_eq!(ago(500), "now");
        assert_eq!(ago(5000), "5 s ago");
        assert_eq!(
            (span(250), span(1500), span(10_000), span(600_000)),
            ("250 ms".into(), "1.5 s".into(), "10 s".into(), "10 min".into())
        );
    }

    #[test]
    fn shares() {
        for (share, expected) in [(0.12, "12 %"), (0.004, "0.4 %"), (0.0001, "<0.1 %"), (0.0, "0 %"), (1.0, "100 %")] {
            assert_eq!(percent(share), expected);
        }
        assert_eq!(percent(f64::NAN), NONE);
    }

    #[test]
    fn times_of_day_carry_the_date_only_when_it_is_another_day() {
        // 2026-11-22 14:02:11 UTC, from `date -u -d … +%s`.
        let now = Now { wall_ms: 1_795_356_131_000, mono_ms: 0 };
        let clock = Clock { now };
        assert_eq!(clock.time(now.wall_ms), "14:02:11 UTC");
        assert_eq!(clock.time(now.wall_ms - 86_400_000), "21 Nov 14:02 UTC");
        assert_eq!(clock.time(0), "1 Jan 1970");
        assert!(!clock.time(i64::MAX / 2).is_empty());
        assert_eq!(clock.time(-1), "31 Dec 1969");
        assert_eq!(stamp(now.wall_ms), "2026-11-22 14:02:11 UTC");
    }

    #[test]
    fn texts_from_outside_are_cut_and_cleaned() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("äöü€x", 3), "äöü…");
        assert_eq!(cut("a\nb\u{0}", 9), "a b ");
    }
}
