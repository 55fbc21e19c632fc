//! Captured frames into files: cropped, made smaller where they are many, with their caption below, as PNG and as
//! animated PNG. All of it off the frame.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bevy::prelude::Image;

use super::caption::Strip;

/// RGB, 8 bits a channel, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `3 × width × height` bytes.
    pub rgb: Vec<u8>,
}

/// What is taken of a captured window, pixels: left, top, width, height.
pub type Crop = [usize; 4];

/// The pixels of a captured window inside a rectangle.
///
/// # Errors
/// The driver's picture has a form that is not known.
pub fn cropped(image: Image, crop: Crop) -> Result<Shot, String> {
    let whole = image.try_into_dynamic().map_err(|error| format!("the driver's picture: {error}"))?.into_rgb8();
    let [left, top, width, height] = crop;
    let (columns, rows) = (whole.width() as usize, whole.height() as usize);
    let (width, height) = (width.min(columns.saturating_sub(left)), height.min(rows.saturating_sub(top)));
    if width == 0 || height == 0 {
        return Err("nothing of the scene is in the window".to_owned());
    }
    let rows = whole.as_raw().chunks_exact(3 * columns).skip(top).take(height);
    let rgb = rows.flat_map(|row| row.get(3 * left..3 * (left + width)).unwrap_or_default()).copied().collect();
    Ok(Shot { width, height, rgb })
}

impl Shot {
    /// At most so many pixels wide: each pixel is the mean of those that it stands for.
    #[must_use]
    pub fn at_most(self, width: usize) -> Self {
        let by = self.width.div_ceil(width.max(1));
        if by <= 1 {
            return self;
        }
        let (width, height) = (self.width / by, self.height / by);
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                for channel in 0..3 {
                    let of = |n: usize| {
                        let (row, column) = (y * by + n / by, x * by + n % by);
                        self.rgb.get(3 * (row * self.width + column) + channel).copied().map_or(0, u32::from)
                    };
                    let sum: u32 = (0..by * by).map(of).sum();
                    rgb.push((sum / (by * by) as u32) as u8);
                }
            }
        }
        Self { width, height, rgb }
    }

    /// With its caption below.
    #[must_use]
    pub fn captioned(mut self, strip: &Strip) -> Self {
        if strip.width == self.width {
            self.rgb.extend_from_slice(&strip.rgb);
            self.height = self.rgb.len() / (3 * self.width).max(1);
        }
        self
    }

    /// Red, green, blue and how much of it is seen: all of it.
    #[must_use]
    pub fn rgba(&self) -> Vec<u8> {
        self.rgb.chunks_exact(3).flat_map(|pixel| [pixel, &[255]].concat()).collect()
    }
}

/// A new file in a folder, which is made if it is not there: `NAME.png`, or with a number where that is taken.
///
/// # Errors
/// The folder or the file cannot be made.
pub fn new_file(folder: &Path, name: &str) -> Result<(PathBuf, std::fs::File), String> {
    /// So many pictures have the same second: something is wrong.
    const MOST: usize = 1_000;
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for n in 1..MOST {
        let path = folder.join(if n == 1 { format!("{name}.png") } else { format!("{name}-{n}.png") });
        match std::fs::File::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&path, &error)),
        }
    }
    Err(format!("{}: too many pictures of the same second", folder.display()))
}

/// Writes a picture, with its caption as text beside the pixels too.
///
/// # Errors
/// In words.
pub fn write_picture(shot: &Shot, caption: &str, to: impl Write) -> Result<(), String> {
    write_clip(&[(shot.clone(), 0)], caption, to)
}

/// Writes an animation that repeats: frames, and how long each is shown, ms. Of a later frame only what changes is stored.
///
/// # Errors
/// In words.
pub fn write_clip(frames: &[(Shot, u16)], caption: &str, to: impl Write) -> Result<(), String> {
    let Some((first, _)) = frames.first() else { return Err("it has no frame".to_owned()) };
    let failed = |error: png::EncodingError| error.to_string();
    let mut encoder = png::Encoder::new(BufWriter::new(to), first.width as u32, first.height as u32);
    let animated = frames.len() > 1;
    encoder.set_color(if animated { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(if animated { png::Compression::Fast } else { png::Compression::Balanced });
    encoder.add_itxt_chunk("Description".to_owned(), caption.to_owned()).map_err(failed)?;
    encoder.add_text_chunk("Software".to_owned(), "twinscope".to_owned()).map_err(failed)?;
    if animated {
        encoder.set_animated(frames.len() as u32, 0).map_err(failed)?;
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    let mut before: Option<&Shot> = None;
    for (shot, ms) in frames {
        if animated {
            writer.set_frame_delay(*ms, 1_000).map_err(failed)?;
            writer
                .set_blend_op(if before.is_some() { png::BlendOp::Over } else { png::BlendOp::Source })
                .map_err(failed)?;
            writer.write_image_data(&changed(shot, before)).map_err(failed)?;
        } else {
            writer.write_image_data(&shot.rgb).map_err(failed)?;
        }
        before = Some(shot);
    }
    writer.finish().map_err(failed)
}

/// What differs from the frame before; the rest is clear, which packs to nothing.
fn changed(shot: &Shot, before: Option<&Shot>) -> Vec<u8> {
    let Some(before) = before.filter(|before| (before.width, before.height) == (shot.width, shot.height)) else {
        return shot.rgba();
    };
    let pixels = shot.rgb.chunks_exact(3).zip(before.rgb.chunks_exact(3));
    pixels.flat_map(|(now, then)| if now == then { [0; 4] } else { [now[0], now[1], now[2], 255] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::asset::RenderAssetUsages;
    use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

    /// Pixel (x, y) is red x, green y.
    fn shot(width: usize, height: usize) -> Shot {
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Shot { width, height, rgb }
    }

    #[test]
    fn a_captured_window_is_cropped_whatever_the_order_of_its_channels() {
        let size = Extent3d { width: 8, height: 6, depth_or_array_layers: 1 };
        let data = (0..6).flat_map(|y: u8| (0..8).flat_map(move |x: u8| [7, y, x, 255])).collect();
        let image =
            Image::new(size, TextureDimension::D2, data, TextureFormat::Bgra8UnormSrgb, RenderAssetUsages::MAIN_WORLD);
        let part = cropped(image.clone(), [2, 1, 3, 2]).unwrap();
        assert_eq!(part.rgb, [2, 1, 7, 3, 1, 7, 4, 1, 7, 2, 2, 7, 3, 2, 7, 4, 2, 7]);
        assert_eq!(cropped(image.clone(), [6, 5, 99, 99]).unwrap().rgb.len(), 3 * 2);
        assert!(cropped(image, [8, 0, 1, 1]).is_err());
    }

    #[test]
    fn a_picture_is_made_smaller_by_whole_factors() {
        let small = shot(8, 6).at_most(4);
        assert_eq!((small.width, small.height), (4, 3));
        // The means of 0 and 1, and of 2 and 3, rounded down.
        assert_eq!(small.rgb[..6], [0, 0, 7, 2, 0, 7]);
        assert_eq!(shot(8, 6).at_most(8), shot(8, 6));
    }

    #[test]
    fn the_caption_is_below_the_picture_and_in_the_text_of_the_file() {
        let strip = Strip { width: 8, rgb: vec![9; 3 * 8 * 2] };
        let with = shot(8, 6).captioned(&strip);
        assert_eq!((with.width, with.height), (8, 8));
        let mut file = Vec::new();
        write_picture(&with, "North Ridge · 2 s", &mut file).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (8, 8));
        let said = reader.info().utf8_text.first().map(|text| text.get_text().unwrap());
        assert_eq!(said.as_deref(), Some("North Ridge · 2 s"));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, with.rgb);
    }

    #[test]
    fn a_clip_plays_its_frames_with_their_times_and_stores_what_changes() {
        let mut second = shot(40, 30);
        second.rgb[0] = 200;
        let frames = [(shot(40, 30), 80), (second, 120), (shot(40, 30), 100)];
        let mut file = Vec::new();
        write_clip(&frames, "c", &mut file).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let control = reader.info().animation_control.unwrap();
        assert_eq!((control.num_frames, control.num_plays), (3, 0));
        let mut times = Vec::new();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        for n in 0..3 {
            reader.next_frame(&mut pixels).unwrap();
            times.push(reader.info().frame_control.unwrap().delay_num);
            let clear = pixels.chunks_exact(4).filter(|pixel| pixel[3] == 0).count();
            assert_eq!(clear, if n == 0 { 0 } else { 40 * 30 - 1 });
        }
        assert_eq!(times, [80, 120, 100]);
        assert!(write_clip(&[], "c", Vec::new()).is_err());
    }

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/pictures");
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(name(new_file(&folder, "a").unwrap().0), "a.png");
        assert_eq!(name(new_file(&folder, "a").unwrap().0), "a-2.png");
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(new_file(&dir.path().join("file"), "a").unwrap_err().contains("file"));
    }
}
