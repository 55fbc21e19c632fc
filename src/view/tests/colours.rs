//! Colours and marks: told apart by everybody, and never by colour alone.

#[path = "../../../tests/support/cam02.rs"]
pub mod cam02;

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::snapshot::PartStatus;

use crate::view::theme::{DARK, LIGHT, Mark, Pattern, Rgba, Theme, part_colour, severity_colour};

const QUALITIES: [Quality; 5] = [Quality::Good, Quality::Uncertain, Quality::Stale, Quality::Bad, Quality::NoData];

/// G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
/// Deficiency", IEEE TVCG 15 (2009), table 1, severity 1.0; on linear RGB.
const DEFICIENCIES: [(&str, [[f64; 3]; 3]); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn linear(c: f64) -> f64 {
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn encoded(c: f64) -> f64 {
    if c <= 0.003_130_8 { c * 12.92 } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 }
}

fn seen([r, g, b, _]: Rgba, matrix: [[f64; 3]; 3]) -> [u8; 3] {
    let rgb = [r, g, b].map(|c| linear(f64::from(c) / 255.0));
    matrix.map(|row| {
        let sum: f64 = row.iter().zip(rgb).map(|(a, b)| a * b).sum();
        (encoded(sum.clamp(0.0, 1.0)) * 255.0).round() as u8
    })
}

#[test]
fn every_pair_of_states_is_told_apart_with_every_colour_vision() {
    for (name, matrix) in DEFICIENCIES {
        for (i, a) in Severity::ALL.iter().enumerate() {
            for b in Severity::ALL.iter().skip(i + 1) {
                let difference = cam02::delta_e(seen(severity_colour(*a), matrix), seen(severity_colour(*b), matrix));
                assert!(difference >= 15.0, "{name}: {} and {} differ by {difference:.1}", a.word(), b.word());
            }
        }
    }
}

/// WCAG 2.2, relative luminance and contrast ratio.
pub fn contrast(a: Rgba, b: Rgba) -> f64 {
    let luminance = |[r, g, b, _]: Rgba| {
        let [r, g, b] = [r, g, b].map(|c| linear(f64::from(c) / 255.0));
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A colour with its alpha over another, mixed in linear light as the window does.
pub fn over([r, g, b, a]: Rgba, [r0, g0, b0, _]: Rgba) -> Rgba {
    let mix = |top: u8, below: u8| {
        let alpha = f64::from(a) / 255.0;
        let [top, below] = [top, below].map(|c| linear(f64::from(c) / 255.0));
        let light = top * alpha + below * (1.0 - alpha);
        // IEC 61966-2-1.
        let encoded = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    };
    [mix(r, r0), mix(g, g0), mix(b, b0), 255]
}

#[test]
fn words_can_be_read_on_every_ground() {
    fn check(theme: &Theme, what: &str, colour: Rgba, least: f64) {
        for ground in [theme.panel, theme.raised] {
            let got = contrast(colour, ground);
            assert!(got >= least, "{:?} {what}: {got:.2}, at least {least}", theme.name);
        }
    }
    for theme in [&DARK, &LIGHT] {
        check(theme, "text", theme.text, 7.0);
        check(theme, "quiet", theme.quiet, 4.5);
        // Figures that must not be read as current, and headings that may be overlooked.
        check(theme, "faint", theme.faint, 3.0);
        for severity in Severity::ALL {
            check(theme, severity.word(), theme.state_text(severity), 4.5);
        }
    }
}

#[test]
fn every_state_has_a_shape_of_its_own() {
    let shapes: Vec<_> = Severity::ALL.iter().map(|s| Mark::state(*s).shape()).collect();
    for (i, a) in shapes.iter().enumerate() {
        assert!(shapes.iter().skip(i + 1).all(|b| a != b), "{a:?} twice");
    }
}

#[test]
fn every_quality_has_a_fill_of_its_own() {
    let fills: Vec<_> = QUALITIES.iter().map(|q| Mark::quality(*q).fill()).collect();
    for (i, a) in fills.iter().enumerate() {
        assert!(fills.iter().skip(i + 1).all(|b| a != b), "{a:?} twice");
    }
}

#[test]
fn every_mark_has_words_that_name_what_is_wrong() {
    for severity in Severity::ALL {
        for quality in QUALITIES {
            let words = Mark { severity, quality }.words();
            if severity > Severity::Normal {
                assert!(words.contains(severity.word()), "{words}");
            }
            assert_eq!(words == severity.word(), quality == Quality::Good, "{severity:?} {quality:?}: {words}");
        }
    }
}

#[test]
fn a_part_looks_healthy_only_if_its_data_is_good() {
    let healthy = part_colour(&PartStatus { quality: Quality::Good, ..PartStatus::default() });
    assert_eq!((healthy.pattern, healthy.coloured), (Pattern::Plain, false));
    for (quality, pattern) in
        [(Quality::Stale, Pattern::Hatched), (Quality::Bad, Pattern::HatchedCross), (Quality::NoData, Pattern::Outline)]
    {
        for state in Severity::ALL {
            let look = part_colour(&PartStatus { state, quality, ..PartStatus::default() });
            assert_eq!(look.pattern, pattern);
            assert_ne!(look.rgb, healthy.rgb);
        }
    }
}

#[test]
fn a_part_in_alarm_has_the_colour_of_the_legend() {
    for state in Severity::ALL {
        let look = part_colour(&PartStatus { state, quality: Quality::Good, ..PartStatus::default() });
        let [r, g, b, _] = severity_colour(state);
        assert_eq!(look.rgb, [r, g, b]);
        assert_eq!(look.coloured, state != Severity::Normal);
    }
}

#[test]
fn a_part_that_nothing_measures_says_so() {
    let status = PartStatus { reason: QualityReason::NotMeasured, ..PartStatus::default() };
    assert!(part_colour(&status).unmeasured);
    assert!(!part_colour(&PartStatus::default()).unmeasured);
}
