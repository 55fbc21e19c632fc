//! The strip below a picture with its caption: letters of the window's own fonts, drawn without a graphics card.

use egui::epaint::ColorImage;
use egui::{Color32, Context, FontId, Galley};

use crate::view::export::Caption;
use crate::view::theme::{DARK, Rgba};

/// Height of the strip, points; the size of its letters.
const HEIGHT: f32 = 28.0;
const LETTERS: f32 = 13.0;
/// From the ends of the strip, and between the two texts, points.
const PAD: f32 = 14.0;

/// Pixels of a strip, RGB, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Pixels in a row.
    pub width: usize,
    /// `3 × width × height` bytes.
    pub rgb: Vec<u8>,
}

/// The strip for a picture so many pixels wide. Dark in every theme: it belongs to the picture, not to the window.
pub fn strip(ctx: &Context, caption: &Caption, width: usize) -> Strip {
    let scale = ctx.pixels_per_point();
    let height = (HEIGHT * scale).round().max(1.0) as usize;
    let mut strip = Strip { width, rgb: ground(DARK.bg, width * height) };
    let room = width as f32 / scale - 3.0 * PAD;
    let lay = |text: &str, most: f32| {
        let job = egui::text::LayoutJob::single_section(
            text.to_owned(),
            egui::text::TextFormat::simple(FontId::proportional(LETTERS), Color32::WHITE),
        );
        let wrap = egui::text::TextWrapping {
            max_width: most.max(0.0),
            max_rows: 1,
            break_anywhere: true,
            ..Default::default()
        };
        ctx.fonts_mut(|fonts| fonts.layout_job(egui::text::LayoutJob { wrap, ..job }))
    };
    // What is not real must be read: where both do not fit, the left text gives way.
    let right = lay(&caption.right, room * 0.7);
    let left = lay(&caption.left, room - right.size().x);
    let atlas = ctx.fonts(|fonts| fonts.image());
    let middle = |galley: &Galley| ((HEIGHT - galley.size().y) * 0.5 * scale).round();
    put(&mut strip, &atlas, &left, [PAD * scale, middle(&left)], scale, DARK.text);
    let x = width as f32 - (PAD + right.size().x) * scale;
    put(&mut strip, &atlas, &right, [x, middle(&right)], scale, DARK.quiet);
    strip
}

fn ground([r, g, b, _]: Rgba, pixels: usize) -> Vec<u8> {
    [r, g, b].repeat(pixels)
}

/// Draws the letters of a text: each is a rectangle of the atlas, copied pixel by pixel.
fn put(strip: &mut Strip, atlas: &ColorImage, galley: &Galley, [left, top]: [f32; 2], scale: f32, tint: Rgba) {
    let [columns, rows] = atlas.size;
    for row in &galley.rows {
        let origin = row.pos;
        for letter in row.row.visuals.mesh.vertices.chunks_exact(4) {
            let [Some(first), Some(last)] = [letter.first(), letter.last()] else { continue };
            let x0 = (left + (origin.x + first.pos.x) * scale).round();
            let y0 = (top + (origin.y + first.pos.y) * scale).round();
            let (u0, v0) = (first.uv.x.round() as usize, first.uv.y.round() as usize);
            let (u1, v1) = (last.uv.x.round() as usize, last.uv.y.round() as usize);
            for v in v0..v1.min(rows) {
                for u in u0..u1.min(columns) {
                    let Some(texel) = atlas.pixels.get(v * columns + u) else { continue };
                    let (x, y) = (x0 + (u - u0) as f32, y0 + (v - v0) as f32);
                    if x >= 0.0 && (x as usize) < strip.width && y >= 0.0 {
                        let at = 3 * (y as usize * strip.width + x as usize);
                        mix(strip.rgb.get_mut(at..at + 3), tint, texel.a());
                    }
                }
            }
        }
    }
}

fn mix(pixel: Option<&mut [u8]>, tint: Rgba, cover: u8) {
    for (have, want) in pixel.into_iter().flatten().zip(tint) {
        let cover = u32::from(cover);
        *have = ((u32::from(*have) * (255 - cover) + u32::from(want) * cover) / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(left: &str, right: &str, width: usize) -> Strip {
        let ctx = Context::default();
        crate::ui::install(&ctx, crate::view::theme::ThemeName::Dark);
        let mut strip = None;
        for _ in 0..2 {
            let output = ctx.run_ui(egui::RawInput::default(), |_| {
                let caption = Caption { left: left.to_owned(), right: right.to_owned() };
                strip = Some(super::strip(&ctx, &caption, width));
            });
            output.drop_without_applying_deltas();
        }
        strip.unwrap()
    }

    /// Columns in which something is written.
    fn columns(strip: &Strip) -> Vec<usize> {
        let [r, g, b, _] = DARK.bg;
        let written = |x: usize| {
            let column = strip.rgb.chunks_exact(3).skip(x).step_by(strip.width);
            column.into_iter().any(|pixel| pixel != [r, g, b])
        };
        (0..strip.width).filter(|x| written(*x)).collect()
    }

    #[test]
    fn a_strip_has_its_texts_at_its_ends_and_is_as_wide_as_the_picture() {
        let strip = drawn("North Ridge", "SIMULATED", 800);
        assert_eq!(strip.rgb.len(), 3 * 800 * 28);
        let written = columns(&strip);
        assert!(written.first().is_some_and(|x| (14..18).contains(x)), "{written:?}");
        assert!(written.last().is_some_and(|x| (780..787).contains(x)), "{written:?}");
        assert!(!written.contains(&400), "between them is nothing");
    }

    #[test]
    fn letters_have_the_height_of_letters() {
        let strip = drawn("HHHH", "", 400);
        let [r, g, b, _] = DARK.bg;
        let rows: Vec<usize> = (0..28)
            .filter(|y| strip.rgb[3 * y * 400..3 * (y + 1) * 400].chunks_exact(3).any(|pixel| pixel != [r, g, b]))
            .collect();
        // Capitals of Inter are 0.73 of its size: 9.5 of 13 points.
        let height = rows.last().unwrap() - rows[0] + 1;
        assert!((9..=11).contains(&height), "{rows:?}");
        let brightest = strip.rgb.iter().max().unwrap();
        assert!(*brightest > 200, "{brightest}");
    }

    #[test]
    fn texts_that_are_too_long_are_cut_and_what_is_not_real_stays() {
        let strip = drawn(&"long name ".repeat(50), "SIMULATED", 300);
        assert!(columns(&strip).iter().all(|x| *x < 300));
        let alone = drawn("", "SIMULATED", 300);
        let right = |strip: &Strip| columns(strip).into_iter().filter(|x| *x > 220).collect::<Vec<_>>();
        assert_eq!(right(&strip), right(&alone));
        drawn("x", "y", 1);
    }
}
