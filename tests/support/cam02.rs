//! Colour difference in CAM02-UCS between two sRGB colours, for tests that say "this pixel has the alarm's colour" and
//! "these two states can be told apart".
//!
//! CIECAM02: N. Moroney et al., "The CIECAM02 Color Appearance Model", IS&T/SID Color Imaging Conference (2002).
//! UCS: M. R. Luo, G. Cui, C. Li, "Uniform colour spaces based on CIECAM02", Color Research & Application 31 (2006),
//! table 1. Viewing conditions are those that sRGB was made for: D65, Y_b = 20, L_A = 64/π/5 cd/m², average surround.

use std::f64::consts::PI;

/// CIE XYZ of the white point, D65, Y = 100.
const WHITE: [f64; 3] = [95.047, 100.0, 108.883];

/// XYZ (Y = 1) of linear sRGB, IEC 61966-2-1.
const XYZ_FROM_RGB: [[f64; 3]; 3] = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];

/// CAT02, equation 7 of CIECAM02.
const CAT02: [[f64; 3]; 3] = [[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]];

/// Its inverse, as published.
const CAT02_INVERSE: [[f64; 3]; 3] =
    [[1.096_124, -0.278_869, 0.182_745], [0.454_369, 0.473_533, 0.072_098], [-0.009_628, -0.005_698, 1.015_326]];

/// Hunt-Pointer-Estevez.
const HPE: [[f64; 3]; 3] = [[0.389_71, 0.688_98, -0.078_68], [-0.229_81, 1.183_40, 0.046_41], [0.0, 0.0, 1.0]];

/// Difference of two colours in CAM02-UCS. About 1 is just visible side by side.
#[must_use]
pub fn delta_e(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (ucs(a), ucs(b));
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

/// J', a', b' of CAM02-UCS.
fn ucs(srgb: [u8; 3]) -> [f64; 3] {
    let linear = srgb.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    let xyz = times(XYZ_FROM_RGB, linear).map(|v| v * 100.0);
    // Average surround: F = 1, c = 0.69, N_c = 1.
    let (c, n_c) = (0.69, 1.0);
    let l_a = 64.0 / PI / 5.0;
    let d = 1.0 - (1.0 / 3.6) * ((-l_a - 42.0) / 92.0_f64).exp();
    let k = 1.0 / (5.0 * l_a + 1.0);
    let f_l = 0.2 * k.powi(4) * 5.0 * l_a + 0.1 * (1.0 - k.powi(4)).powi(2) * (5.0 * l_a).cbrt();
    let n = 20.0 / WHITE[1];
    let n_bb = 0.725 * (1.0 / n).powf(0.2);
    let z = 1.48 + n.sqrt();

    let white = times(CAT02, WHITE);
    let compress = |xyz: [f64; 3]| {
        let rgb = times(CAT02, xyz);
        let mut adapted = [0.0; 3];
        for i in 0..3 {
            adapted[i] = (WHITE[1] * d / white[i] + 1.0 - d) * rgb[i];
        }
        times(HPE, times(CAT02_INVERSE, adapted)).map(|v| {
            let p = (f_l * v.abs() / 100.0).powf(0.42);
            v.signum() * 400.0 * p / (p + 27.13) + 0.1
        })
    };
    let achromatic = |[r, g, b]: [f64; 3]| (2.0 * r + g + b / 20.0 - 0.305) * n_bb;
    let [r, g, b] = compress(xyz);
    let lightness = 100.0 * (achromatic([r, g, b]) / achromatic(compress(WHITE))).max(0.0).powf(c * z);

    let red_green = r - 12.0 * g / 11.0 + b / 11.0;
    let yellow_blue = (r + g - 2.0 * b) / 9.0;
    let hue = yellow_blue.atan2(red_green);
    let eccentricity = 0.25 * ((hue + 2.0).cos() + 3.8);
    let t = 50_000.0 / 13.0 * n_c * n_bb * eccentricity * red_green.hypot(yellow_blue) / (r + g + 1.05 * b);
    let chroma = t.max(0.0).powf(0.9) * (lightness / 100.0).sqrt() * (1.64 - 0.29_f64.powf(n)).powf(0.73);
    let colourfulness = chroma * f_l.powf(0.25);

    let m = (1.0 + 0.0228 * colourfulness).ln() / 0.0228;
    [1.7 * lightness / (1.0 + 0.007 * lightness), m * hue.cos(), m * hue.sin()]
}

fn times(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

#[cfg(test)]
mod tests {
    use super::delta_e;

    #[test]
    fn agrees_with_colorspacious() {
        // `colorspacious.deltaE(a, b, input_space="sRGB255")`, colorspacious 1.1.2.
        for (a, b, expected) in [
            ([0, 0, 0], [255, 255, 255], 100.0236),
            ([255, 0, 0], [0, 255, 0], 76.1184),
            ([139, 148, 158], [88, 180, 232], 20.3586),
            ([255, 238, 125], [245, 149, 47], 26.1965),
            ([240, 65, 74], [139, 148, 158], 43.6508),
            ([12, 200, 90], [14, 198, 95], 1.2763),
            ([0, 0, 255], [10, 0, 250], 0.7298),
            ([128, 128, 128], [129, 129, 129], 0.4029),
        ] {
            let got = delta_e(a, b);
            assert!((got - expected).abs() < 0.005, "{a:?} {b:?}: {got:.4}, expected {expected:.4}");
        }
    }
}
