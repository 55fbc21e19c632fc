//! Paints Markdown: documents and procedures. Which text is which block, the view knows ([`crate::view::markdown`]).
//!
//! Pictures are asked for by what is drawn ([`wanted`]) and given by the window when they are decoded ([`deliver`]): a
//! frame never waits for one. At most [`MOST_PICTURES`] are kept, those that were drawn last.

use std::collections::BTreeMap;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, ColorImage, Context, Id, Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::paint::{text, wrapped};
use super::style::{Kit, bold, colour, font, mono};
use crate::view::document::picture_file;
use crate::view::markdown::{Block, Kind, Markdown, Run, plain};

/// Pictures that are kept on the graphics card.
pub const MOST_PICTURES: usize = 24;

/// Highest that a picture is drawn, points.
const HIGHEST: f32 = 480.0;

/// A picture on its way to the screen.
#[derive(Clone)]
enum Picture {
    /// Asked for, and not handed on yet.
    Wanted,
    /// Being decoded.
    Coming,
    /// Why it cannot be shown.
    Failed(String),
    There(TextureHandle),
}

/// All of them, by their file relative to the folder of the site file.
#[derive(Clone, Default)]
struct Shelf {
    pictures: BTreeMap<String, (Picture, u64)>,
    /// Counts the uses.
    now: u64,
}

impl Shelf {
    fn id() -> Id {
        Id::new("twinscope pictures")
    }

    /// The picture of a file, which is asked for if nobody knows it.
    fn look(ctx: &Context, file: &str) -> Picture {
        ctx.data_mut(|data| {
            let shelf = data.get_temp_mut_or_default::<Self>(Self::id());
            shelf.now += 1;
            let now = shelf.now;
            let (picture, used) = shelf.pictures.entry(file.to_owned()).or_insert((Picture::Wanted, now));
            *used = now;
            let picture = picture.clone();
            while shelf.pictures.len() > MOST_PICTURES {
                let oldest = shelf.pictures.iter().min_by_key(|(_, (_, used))| *used).map(|(file, _)| file.clone());
                let Some(oldest) = oldest else { break };
                shelf.pictures.remove(&oldest);
            }
            picture
        })
    }
}

/// The pictures that are asked for and were not handed on before, relative to the folder of the site file.
pub fn wanted(ctx: &Context) -> Vec<String> {
    ctx.data_mut(|data| {
        let shelf = data.get_temp_mut_or_default::<Shelf>(Shelf::id());
        let wanted = shelf.pictures.iter_mut().filter(|(_, (picture, _))| matches!(picture, Picture::Wanted));
        wanted
            .map(|(file, (picture, _))| {
                *picture = Picture::Coming;
                file.clone()
            })
            .collect()
    })
}

/// Takes a picture that was asked for, or why there is none.
pub fn deliver(ctx: &Context, file: &str, picture: Result<ColorImage, String>) {
    let picture = match picture {
        Ok(image) => Picture::There(ctx.load_texture(format!("document {file}"), image, TextureOptions::LINEAR)),
        Err(why) => Picture::Failed(why),
    };
    ctx.data_mut(|data| {
        let shelf = data.get_temp_mut_or_default::<Shelf>(Shelf::id());
        // One that was put away while it was decoded is not wanted any more.
        if let Some((place, _)) = shelf.pictures.get_mut(file) {
            *place = picture;
        }
    });
    ctx.request_repaint();
}

/// Paints a text of the width that is there; `file` is whose text it is: pictures are beside it.
pub fn markdown_ui(ui: &mut Ui, kit: &Kit, markdown: &Markdown, file: &str) {
    for (index, block) in markdown.blocks.iter().enumerate() {
        let indent = f32::from(block.depth.saturating_sub(u8::from(matches!(block.kind, Kind::Item(..))))) * 18.0;
        block_ui(ui, kit, block, file, indent, index);
    }
    if markdown.cut {
        ui.add_space(8.0);
        let said = "The text is longer than is shown here.";
        super::paint::paragraph(ui, said, font(12.0), kit.faint());
    }
}

fn block_ui(ui: &mut Ui, kit: &Kit, block: &Block, file: &str, indent: f32, index: usize) {
    let tint = if block.quoted { kit.quiet() } else { kit.text() };
    match &block.kind {
        Kind::Heading(level, runs) => {
            let size = match level {
                1 => 20.0,
                2 => 16.0,
                _ => 14.0,
            };
            ui.add_space(if *level <= 2 { 12.0 } else { 8.0 });
            words(ui, kit, runs, (size, true), tint, (indent, block.quoted), None);
            ui.add_space(2.0);
        }
        Kind::Paragraph(runs) => {
            words(ui, kit, runs, (14.0, false), tint, (indent, block.quoted), None);
            ui.add_space(4.0);
        }
        Kind::Item(mark, runs) => words(ui, kit, runs, (14.0, false), tint, (indent, block.quoted), Some(mark)),
        Kind::Code(code) => {
            code_ui(ui, kit, code, indent);
            ui.add_space(4.0);
        }
        Kind::Table(rows) => {
            table_ui(ui, kit, rows, indent);
            ui.add_space(6.0);
        }
        Kind::Picture { file: picture, alt } => {
            picture_ui(ui, kit, file, picture, alt, indent, index);
            ui.add_space(6.0);
        }
        Kind::Rule => {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 13.0), Sense::hover());
            ui.painter().hline(rect.x_range(), rect.center().y, kit.hairline());
        }
    }
}

/// Runs as one text that wraps.
fn job(kit: &Kit, runs: &[Run], (size, heavy): (f32, bool), tint: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob { wrap: TextWrapping::wrap_at_width(width.max(24.0)), ..LayoutJob::default() };
    for run in runs {
        let family = match (run.code, heavy || run.strong) {
            (true, _) => mono(size - 1.5),
            (false, true) => bold(size),
            (false, false) => font(size),
        };
        let mut format = TextFormat::simple(family, if run.link.is_some() { kit.accent() } else { tint });
        format.italics = run.emphasis;
        if run.code {
            format.background = colour(kit.theme.bg);
        }
        job.append(&run.text, 0.0, format);
    }
    job
}

fn words(
    ui: &mut Ui,
    kit: &Kit,
    runs: &[Run],
    style: (f32, bool),
    tint: Color32,
    (indent, quoted): (f32, bool),
    mark: Option<&str>,
) {
    let width = ui.available_width();
    let mark_room = if mark.is_some() { 22.0 } else { 0.0 };
    let galley = ui.painter().layout_job(job(kit, runs, style, tint, width - indent - mark_room));
    let links: Vec<&str> = runs.iter().filter_map(|run| run.link.as_deref()).collect();
    let sense = if links.is_empty() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y), sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, plain(runs)));
    if let Some(mark) = mark {
        let at = pos2(rect.left() + indent + 6.0, rect.top() + style.0 * 0.62);
        ui.painter().text(at, Align2::CENTER_CENTER, mark, font(style.0 - 1.0), kit.quiet());
    }
    if quoted {
        let x = rect.left() + (indent - 12.0).max(1.0);
        ui.painter().vline(x, rect.y_range(), Stroke::new(2.0, kit.line()));
    }
    ui.painter().galley(pos2(rect.left() + indent + mark_room, rect.top()), galley, tint);
    if !links.is_empty() {
        let all = links.join("\n");
        if response.clicked() {
            ui.ctx().copy_text(all.clone());
        }
        // No address of a text is opened: a site from elsewhere must not lead a person's browser.
        response.on_hover_text(format!("{all}\nClick to copy"));
    }
}

fn code_ui(ui: &mut Ui, kit: &Kit, code: &str, indent: f32) {
    let width = ui.available_width();
    let galley = wrapped(ui.painter(), code, mono(12.0), kit.text(), width - indent - 20.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y + 14.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, code));
    let ground = Rect::from_min_max(pos2(rect.left() + indent, rect.top()), rect.max);
    ui.painter().rect_filled(ground, 5, colour(kit.theme.bg));
    ui.painter().galley(ground.min + vec2(10.0, 7.0), galley, kit.text());
}

fn table_ui(ui: &mut Ui, kit: &Kit, rows: &[Vec<Vec<Run>>], indent: f32) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let room = ui.available_width() - indent;
    if columns == 0 || room < 40.0 {
        return;
    }
    // Columns as wide as their words want, scaled to what there is.
    let longest = |column: usize| {
        let of = rows.iter().filter_map(|row| row.get(column)).map(|cell| plain(cell).chars().count());
        of.max().unwrap_or(1).clamp(4, 60) as f32
    };
    let wants: Vec<f32> = (0..columns).map(longest).collect();
    let all: f32 = wants.iter().sum();
    let widths: Vec<f32> = wants.iter().map(|want| room * want / all).collect();
    for (number, row) in rows.iter().enumerate() {
        let heavy = number == 0;
        let tint = if heavy { kit.quiet() } else { kit.text() };
        let galleys: Vec<_> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| ui.painter().layout_job(job(kit, cell, (13.0, heavy), tint, width - 12.0)))
            .collect();
        let height = galleys.iter().map(|galley| galley.size().y).fold(13.0, f32::max) + 8.0;
        let (rect, response) = ui.allocate_exact_size(vec2(room + indent, height), Sense::hover());
        let told = || row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(", ");
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, told()));
        let mut left = rect.left() + indent;
        for (galley, width) in galleys.into_iter().zip(&widths) {
            ui.painter().galley(pos2(left, rect.top() + 4.0), galley, tint);
            left += width;
        }
        let line = Stroke::new(1.0, kit.line().gamma_multiply(if heavy { 1.0 } else { 0.5 }));
        ui.painter().hline(rect.left() + indent..=rect.right(), rect.bottom(), line);
    }
}

fn picture_ui(ui: &mut Ui, kit: &Kit, document: &str, picture: &str, alt: &str, indent: f32, index: usize) {
    let width = ui.available_width() - indent;
    let known = picture_file(document, picture);
    let state = match &known {
        Some(file) => Shelf::look(ui.ctx(), file),
        None => Picture::Failed("only pictures beside the document are shown".to_owned()),
    };
    let size = match &state {
        Picture::There(texture) => {
            let size = texture.size_vec2();
            size * (width / size.x.max(1.0)).min(HIGHEST / size.y.max(1.0)).min(1.0)
        }
        Picture::Wanted | Picture::Coming => vec2(width, width * 0.54),
        Picture::Failed(_) => vec2(width, 44.0),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width + indent, size.y), Sense::hover());
    let rect = Rect::from_min_size(pos2(rect.left() + indent, rect.top()), size);
    match state {
        Picture::There(texture) => {
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, alt));
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
            ui.painter().rect_stroke(rect, 4, kit.hairline(), StrokeKind::Inside);
        }
        Picture::Wanted | Picture::Coming => {
            ui.painter().rect_filled(rect, 4, colour(kit.theme.bg));
            let said = "Loading the picture";
            text(ui.painter(), rect.center(), Align2::CENTER_CENTER, said, font(12.0), kit.faint(), width);
        }
        Picture::Failed(why) => {
            let said = format!("{alt} ({why})");
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &said));
            ui.painter().rect(rect, 4, colour(kit.theme.bg), kit.hairline(), StrokeKind::Inside);
            let at = rect.left_center() + vec2(12.0, 0.0);
            text(ui.painter(), at, Align2::LEFT_CENTER, &said, font(12.0), kit.quiet(), width - 24.0);
            ui.interact(rect, ui.id().with(("picture", index)), Sense::hover()).on_hover_text(said);
            return;
        }
    }
    if !alt.is_empty() {
        super::paint::paragraph(ui, alt, font(12.0), kit.quiet());
    }
}
