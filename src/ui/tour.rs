//! A screen without a presenter: the captions of the tour in a lower third, or one part of the layout; and the night.
//! Written large ([`crate::view::tour::screen`] says how large), inside safe margins, without panels.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Context, Galley, Order, Painter, Pos2, Rect, Sense, WidgetInfo, WidgetType, pos2, vec2};

use super::paint::{line, mark, text};
use super::style::{Kit, bold, colour, font};
use super::{alarms, fleet, inspector, labels, panel};
use crate::view::labels::LabelView;
use crate::view::theme::ThemeName;
use crate::view::tour::screen::{MARGIN, SHIFT_PX, Show, TEXT_PT};
use crate::view::tour::{KeyFigure, Told, TourView};
use crate::view::{AppView, Layout, UiAction, UiState};

/// Of the headline.
const TITLE_PT: f32 = 22.0;
/// Of the key figures.
const FIGURE_PT: f32 = 24.0;
/// Of what stands beside them, and of the head: capitals of 16 minutes of arc where the running text has 20.
const SMALL_PT: f32 = 13.0;
/// Height of the head.
const HEAD: f32 = 26.0;
/// A picture is as wide as high, or narrower: figures stand above the captions, not beside them.
const NARROW: f32 = 1.15;
/// The picture of the night: as dark as a digit can be and still be found.
const DIM: Color32 = Color32::from_rgb(0x46, 0x4E, 0x58);

/// Draws the screen, and returns the rectangle of the scene: all of it, but for the border that hides its shift.
pub fn tour_ui(
    ctx: &Context,
    view: &AppView,
    tour: &TourView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Rect {
    let kit = Kit::new(if tour.light { ThemeName::Light } else { ThemeName::Dark });
    let whole = ctx.viewport_rect();
    let pixel = 1.0 / ctx.pixels_per_point();
    let [x, y] = tour.shift.map(|shift| shift as f32 * pixel);
    let picture = whole.shrink(SHIFT_PX as f32 * pixel).translate(vec2(x, y));
    // What a wide screen has beside a picture of 16:9 belongs to the picture: margins follow the shorter side.
    let safe = picture.shrink(MARGIN * whole.width().min(whole.height()));
    if let Some(at) = tour.night {
        night(ctx, tour, whole, safe, at);
        return whole;
    }
    let body = Rect::from_min_max(pos2(safe.left(), safe.top() + HEAD + 8.0), safe.max);
    match tour.show {
        Show::Scene => {
            let band = captions(ctx, &kit, tour, picture, safe);
            let told: Vec<LabelView> =
                view.overlay.labels.iter().filter(|label| tour.highlight.contains(&label.part)).cloned().collect();
            let head = Rect::from_min_max(picture.min, pos2(picture.right(), body.top()));
            let free = Rect::from_min_max(pos2(safe.left(), body.top()), pos2(safe.right(), band.top()));
            labels::labels_ui(ctx, &kit, &told, free, &[band, head], actions);
            head_ui(ctx, &kit, tour, safe, false);
            picture
        }
        show => {
            let mut hover = None;
            panel(ctx, "screen", whole, Order::Background, kit.panel(), |ui| {
                ui.allocate_rect(whole, Sense::hover());
            });
            match show {
                Show::Alarms => panel(ctx, "alarms", body, Order::Middle, kit.panel(), |ui| {
                    let layout = Layout { alarms: body.height(), alarms_line: false, ..view.layout };
                    alarms::alarms_ui(ui, &kit, &view.alarms, &layout, state, actions, &mut hover);
                }),
                Show::Fleet => {
                    if let Some(table) = &view.fleet {
                        fleet::fleet_ui(ctx, &kit, table, body.expand(14.0), state, actions);
                    }
                }
                _ => panel(ctx, "inspector", body, Order::Middle, kit.panel(), |ui| {
                    inspector::inspector_ui(ui, &kit, view, state, actions, &mut hover);
                }),
            }
            head_ui(ctx, &kit, tour, safe, true);
            whole
        }
    }
}

/// Pieces of a text as one paragraph of at most so many rows.
fn paragraph(painter: &Painter, kit: &Kit, told: &[Told], font: &egui::FontId, width: f32, rows: usize) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    for piece in told {
        let plain = if piece.sure { kit.text() } else { kit.quiet() };
        let format = if piece.live && piece.sure {
            TextFormat::simple(bold(font.size), plain)
        } else {
            TextFormat::simple(font.clone(), plain)
        };
        job.append(&piece.text, 0.0, format);
    }
    job.wrap = TextWrapping { max_width: width.max(1.0), max_rows: rows, ..Default::default() };
    painter.layout_job(job)
}

/// Title, caption and figures in the lower third. Returns its rectangle.
fn captions(ctx: &Context, kit: &Kit, tour: &TourView, picture: Rect, safe: Rect) -> Rect {
    let measure = Painter::new(ctx.clone(), egui::LayerId::background(), picture);
    let narrow = picture.width() < NARROW * picture.height();
    let gap = 10.0;
    let columns: Vec<Column> =
        tour.figures.iter().map(|figure| Column::new(&measure, kit, figure, safe.width())).collect();
    let figures_width: f32 = columns.iter().map(|column| column.width + 1.8 * gap).sum();
    // Beside the figures the captions keep at least half of the width; else the figures go above them.
    let beside = !narrow && figures_width < 0.5 * safe.width();
    let width = if beside { safe.width() - figures_width } else { safe.width() };
    let title = paragraph(&measure, kit, &tour.title, &bold(TITLE_PT), width, 2);
    let caption = paragraph(&measure, kit, &tour.caption, &font(TEXT_PT), width, if narrow { 6 } else { 3 });
    let lost = tour.lost.as_ref().map(|lost| line(&measure, lost, bold(SMALL_PT), kit.text(), safe.width() - 20.0));
    let figures_height = columns.iter().map(|column| column.height).fold(0.0, f32::max);
    let words_height = title.size().y + 4.0 + caption.size().y;
    let dots = 12.0;
    let above = if beside || columns.is_empty() { 0.0 } else { figures_height + gap };
    let lost_height = lost.as_ref().map_or(0.0, |lost| lost.size().y + gap);
    let inner = above + words_height.max(if beside { figures_height } else { 0.0 }) + lost_height + dots;
    let top = safe.bottom() - inner;
    let band = Rect::from_min_max(pos2(picture.left(), top - gap), picture.max);
    panel(ctx, "tour", band, Order::Middle, kit.glass(), |ui| {
        ui.painter().hline(band.x_range(), band.top() + 0.5, kit.hairline());
        let mut y = top;
        if let Some(lost) = lost {
            let sign = pos2(safe.left() + 6.0, y + lost.size().y / 2.0);
            let high = crate::view::theme::Mark::state(twinscope_twin::severity::Severity::High);
            mark(ui.painter(), kit, sign, 6.0, high);
            told_at(ui, pos2(safe.left() + 18.0, y), lost, kit.text());
            y += lost_height;
        }
        let figures_at = if beside { pos2(safe.right() - figures_width + 1.8 * gap, y) } else { pos2(safe.left(), y) };
        let mut x = figures_at.x;
        for column in columns {
            let width = column.width;
            column.paint(ui, pos2(x, figures_at.y));
            x += width + 1.8 * gap;
        }
        y += above;
        let title_height = title.size().y;
        told_at(ui, pos2(safe.left(), y), title, kit.text());
        told_at(ui, pos2(safe.left(), y + title_height + 4.0), caption, kit.text());
        if let Some((count, at, fraction)) = tour.progress {
            progress(ui.painter(), kit, pos2(safe.left(), safe.bottom() - 3.0), safe.width(), count, at, fraction);
        }
    });
    band
}

/// Paints a text, and tells it to whoever does not see.
fn told_at(ui: &mut egui::Ui, at: Pos2, galley: Arc<Galley>, tint: Color32) {
    let rect = Rect::from_min_size(at, galley.size());
    let words = galley.text().to_owned();
    let response = ui.interact(rect, ui.id().with(("told", rect.min.x as i32, rect.min.y as i32)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &words));
    ui.painter().galley(at, galley, tint);
}

/// A key figure, measured.
struct Column {
    label: Arc<Galley>,
    value: Arc<Galley>,
    note: Option<Arc<Galley>>,
    tint: Color32,
    quiet: Color32,
    width: f32,
    height: f32,
}

impl Column {
    fn new(painter: &Painter, kit: &Kit, figure: &KeyFigure, room: f32) -> Self {
        let most = room * 0.45;
        let tint = match (figure.sure, figure.severity) {
            (false, _) => kit.quiet(),
            (true, twinscope_twin::severity::Severity::Normal) => kit.text(),
            (true, severity) => colour(kit.theme.state_text(severity)),
        };
        let label = line(painter, &figure.label, font(SMALL_PT), kit.quiet(), most);
        let value = line(painter, &figure.value, bold(FIGURE_PT), tint, most);
        let note = (!figure.note.is_empty()).then(|| line(painter, &figure.note, font(SMALL_PT), kit.quiet(), most));
        let sizes = || [Some(&label), Some(&value), note.as_ref()].into_iter().flatten().map(|galley| galley.size());
        let (width, height) = (sizes().map(|size| size.x).fold(0.0, f32::max), sizes().map(|size| size.y).sum());
        Self { label, value, note, tint, quiet: kit.quiet(), width, height }
    }

    fn paint(self, ui: &mut egui::Ui, at: Pos2) {
        let mut y = at.y;
        for (galley, tint) in [(Some(self.label), self.quiet), (Some(self.value), self.tint), (self.note, self.quiet)] {
            let Some(galley) = galley else { continue };
            let height = galley.size().y;
            told_at(ui, pos2(at.x, y), galley, tint);
            y += height;
        }
    }
}

/// A dash for each stop; the one that is told fills.
fn progress(painter: &Painter, kit: &Kit, at: Pos2, width: f32, count: usize, stop: usize, fraction: f32) {
    if count == 0 {
        return;
    }
    let gap = 4.0_f32.min(width / count as f32 * 0.3);
    let step = (width / count as f32).min(40.0);
    for n in 0..count {
        let dash = Rect::from_min_size(pos2(at.x + n as f32 * step, at.y), vec2(step - gap, 2.5));
        painter.rect_filled(dash, 1, kit.line());
        let share = match n.cmp(&stop) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => fraction.clamp(0.06, 1.0),
            std::cmp::Ordering::Greater => 0.0,
        };
        painter.rect_filled(Rect::from_min_size(dash.min, vec2(dash.width() * share, 2.5)), 1, kit.text());
    }
}

/// State of the site on the left, clock on the right.
fn head_ui(ctx: &Context, kit: &Kit, tour: &TourView, safe: Rect, plain: bool) {
    let rect = Rect::from_min_size(safe.min, vec2(safe.width(), HEAD));
    let measure = Painter::new(ctx.clone(), egui::LayerId::background(), rect);
    let words = [tour.site.as_str(), tour.state.as_str()].join("  ·  ");
    let left = line(&measure, &words, bold(SMALL_PT), kit.text(), rect.width() * 0.6);
    let clock = if tour.simulated { format!("SIMULATED  ·  {}", tour.clock) } else { tour.clock.clone() };
    let right = line(&measure, &clock, font(SMALL_PT), kit.text(), rect.width() * 0.4);
    let chips = [
        Rect::from_min_size(rect.min, vec2(left.size().x + 34.0, HEAD)),
        Rect::from_min_max(pos2(rect.right() - right.size().x - 20.0, rect.top()), rect.max),
    ];
    for (id, chip) in ["tour state", "tour clock"].into_iter().zip(chips) {
        panel(ctx, id, chip, Order::Middle, Color32::TRANSPARENT, |ui| {
            if !plain {
                super::paint::glass(ui.painter(), kit, chip);
            }
            let galley = if id == "tour state" { &left } else { &right };
            let x = if id == "tour state" {
                mark(ui.painter(), kit, pos2(chip.left() + 13.0, chip.center().y), 5.5, tour.mark);
                chip.left() + 24.0
            } else {
                chip.left() + 10.0
            };
            told_at(ui, pos2(x, chip.center().y - galley.size().y / 2.0), Arc::clone(galley), kit.text());
        });
    }
    if plain && let Some(lost) = &tour.lost {
        let below = Rect::from_min_size(pos2(safe.left(), safe.bottom() - HEAD), vec2(safe.width(), HEAD));
        panel(ctx, "tour lost", below, Order::Foreground, kit.raised(), |ui| {
            let at = below.left_center() + vec2(10.0, 0.0);
            text(ui.painter(), at, Align2::LEFT_CENTER, lost, bold(SMALL_PT), kit.text(), below.width() - 20.0);
        });
    }
}

/// The night: black, the time and the state, now here, now there.
fn night(ctx: &Context, tour: &TourView, whole: Rect, safe: Rect, at: [f32; 2]) {
    panel(ctx, "tour night", whole, Order::Foreground, Color32::BLACK, |ui| {
        ui.allocate_rect(whole, Sense::hover());
        let clock = line(ui.painter(), &tour.clock, bold(2.0 * FIGURE_PT), DIM, safe.width());
        let said = tour.lost.as_deref().unwrap_or(&tour.state);
        let state = line(ui.painter(), said, font(TEXT_PT), DIM, safe.width() - 20.0);
        let size = vec2(clock.size().x.max(state.size().x + 20.0), clock.size().y + state.size().y + 4.0);
        let room = (safe.size() - size).max(egui::Vec2::ZERO);
        let corner = safe.min + vec2(room.x * at[0], room.y * at[1]);
        let below = corner.y + clock.size().y + 4.0;
        told_at(ui, corner, clock, DIM);
        // A state that wants attention keeps its shape and its colour, dimmed.
        let kit = Kit::new(ThemeName::Dark);
        ui.scope(|ui| {
            ui.set_opacity(0.45);
            mark(ui.painter(), &kit, pos2(corner.x + 6.0, below + state.size().y / 2.0), 5.0, tour.mark);
        });
        told_at(ui, pos2(corner.x + 18.0, below), state, DIM);
    });
}
